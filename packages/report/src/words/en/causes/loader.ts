import type { LoaderCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';
import { copyPlace, fileState } from './file-state.js';

const HIVE_REMEDY =
  'Take a copy of the hive from a backup or a shadow copy of this machine, as close to the failure as possible, together with SOFTWARE of the same time. RegBack is empty since Windows 10 1803.';

export const loader: CauseTexts<LoaderCauseId> = {
  'loader-file-bad': {
    title: (facts) => phrase`The Windows loader ${facts.show('path')} is missing or damaged.${copyPlace(facts)}`,
    screen: '0xC000000F or 0xC0000428, naming winload.efi or winload.exe.',
    proof:
      'The file that the default entry names, on the partition that it names, is not there, is empty, was never written, or is no whole executable image.',
    remedy:
      'Put the same version back: from WinSxS of this disk where it is a different file, else from a machine of the same build.',
  },
  'select-broken': {
    title: (facts) =>
      phrase`SYSTEM tells the loader to use ${facts.show('set')}, and the hive has no such control set.`,
    screen: '0xC0000225, or stop code 0x74 (BAD_SYSTEM_CONFIG_INFO).',
    proof:
      'Select\\Default or Select\\Current names a number for which the hive has no ControlSet key, while it has another. A hive without any control set is damaged and no case of this.',
    remedy: 'Set the value to a control set that exists; the number is a DWORD, four bytes in place.',
  },
  'lkg-available': {
    title: (facts) => phrase`There is another control set, ${facts.show('set')}, kept as "last known good".`,
    screen: 'Nothing; in Windows 7 the F8 menu offers "Last Known Good Configuration".',
    proof:
      'Select\\LastKnownGood differs from Select\\Default and names a control set of the hive. That is normal in Windows 7.',
    remedy: 'Worth a try only when the start failed after a change of drivers. Windows 8 and later no longer keep it.',
  },
  'core-file-bad': {
    title: (facts) =>
      facts.has('missing')
        ? phrase`Most of the files that Windows starts with are missing from ${facts.show('path')} (${facts.show('missing')} of ${facts.show('wanted')}).`
        : phrase`A file that Windows cannot start without ${fileState(facts)}: ${facts.show('path')}.${copyPlace(facts)}`,
    screen: '0xC0000221, 0xC000000F, 0xC0000098, 0xC0000102 or 0xC00000BA, naming the file.',
    proof:
      'The file of the kernel, or one that a boot-start driver imports from, is missing from a folder that could be listed without errors, is empty, was never written, holds zeros, is no executable image, ends before its last section, or does not match its checksum or the digest in its signature.',
    remedy:
      'Put the same version back: from WinSxS where it is a different file record (System32 usually holds a hard link to the same file), else from a machine of the same build and update level.',
  },
  'core-file-version': {
    title: (facts) =>
      phrase`Files of two builds of Windows are mixed: ${facts.show('path')} is of version ${facts.show('version')}, the others are like ${facts.show('usual')}.`,
    screen: '0xC0000011 or 0xC0000098, or a stop in the first second.',
    proof:
      'The version resource of one core file names another build than those of most others. Builds that share their files (19041 to 19045, for example) count as one, and older revisions of the same build are normal.',
    remedy: 'Put the file of the same build back, or finish or undo the update that was interrupted.',
  },
  'core-file-machine': {
    title: (facts) =>
      phrase`A core file is made for another processor than the rest of Windows: ${facts.show('path')}.`,
    screen: '0xC0000359, naming the file.',
    proof: 'The machine field of its header differs from that of most core files.',
    remedy: 'Put the file of the right edition (32 or 64 bits) back.',
  },
  'nls-file-bad': {
    title: (facts) => phrase`A language table that the loader needs ${fileState(facts)}: ${facts.show('path')}.`,
    screen: '0xC000000F naming a .nls file, or the start hangs at once.',
    proof:
      'Control\\Nls\\CodePage names the tables of the ANSI and the OEM code page, Nls\\Language that of letter cases; one of them is not in System32, is empty or holds zeros. Fonts do not matter.',
    remedy: 'Copy the file from a Windows of the same version.',
  },
  'catalog-store-damaged': {
    title: (facts) =>
      facts.has('count')
        ? phrase`The catalog store has lost most of its catalogs (${facts.show('count')}, servicing keeps ${facts.show('packages')}), so the loader cannot verify drivers.`
        : phrase`The catalog store is damaged, so the loader cannot verify drivers that have no signature of their own: ${facts.show('path')}.`,
    screen: '0xC0000428 for several drivers of Windows itself, or stop code 0x5A.',
    proof:
      'A catalog in System32\\CatRoot is empty, was never written, or is no catalog; or the store has fewer than half of the catalogs in servicing\\Packages; or a driver of Windows without an embedded signature is listed in none of the catalogs while others are. CatRoot2 does not matter at the start.',
    remedy: 'Copy the catalogs of the same names from Windows\\servicing\\Packages into the store.',
  },
  'sha2-unsupported': {
    title: (facts) =>
      phrase`The driver ${facts.show('name')} is signed with SHA-256 only, which this Windows 7 cannot verify.`,
    screen: '"Windows cannot verify the digital signature for this file", 0xC0000428.',
    proof:
      'The kernel is older than 6.1.7601.18741, and the first signature of a boot-start driver is over a SHA-256 digest.',
    remedy:
      'Use a version of the driver that is signed with SHA-1 too, or install the update for SHA-2 code signing before moving the machine.',
  },
  'os-expired': {
    title: (facts) => phrase`This is an evaluation or preview of Windows that ends on ${facts.show('expires')}.`,
    screen: '0xC0000605 ("A component of the operating system has expired"), or the machine restarts every hour.',
    proof: 'ProductOptions\\ProductPolicy holds Kernel-ExpirationDate, and that day is over. Zeros mean "never".',
    remedy:
      'Save the data; convert to a licensed edition where that is offered. Setting the host clock back helps for a rescue only.',
  },
  'ci-policy-bad': {
    title: (facts) =>
      facts.has('status')
        ? phrase`The last start could not use a code integrity policy (${facts.show('status')}): ${facts.show('path')}.`
        : phrase`A code integrity policy ${fileState(facts)}: ${facts.show('path')}.`,
    screen: '0xC0E90002 or 0xC0000428 in the loader, or stop code 0x5C or 0xEF early.',
    proof:
      'A .cip file in CiPolicies\\Active below System32\\CodeIntegrity or below \\EFI\\Microsoft\\Boot, or SiPolicy.p7b, is empty, was never written or holds zeros; or the boot log names it, and the last start ended with such a code. That the log names a policy is no proof alone: machines start all the same.',
    remedy:
      'Rename an unsigned policy out of the way. A signed one is bound to the firmware and must be replaced with one of the same signer.',
  },
  'system-hive-missing': {
    title: () => phrase`The registry hive SYSTEM, which the loader reads first, is missing.`,
    screen: '0xC000000F or 0xC0000225, naming \\Windows\\System32\\config\\system.',
    proof: 'System32\\config could be listed without errors and has no SYSTEM.',
    remedy: HIVE_REMEDY,
  },
  'system-hive-damaged': {
    title: (facts) => phrase`The registry hive SYSTEM (${facts.show('path')}) is damaged, and its logs do not mend it.`,
    screen: '0xC000014C or 0xC0000218, or stop code 0x74.',
    proof:
      'Its base block, root key or bins are not valid after the logs were replayed in memory. A hive that was only not closed cleanly is no finding: the loader replays its logs.',
    remedy: HIVE_REMEDY,
  },
  'system-hive-incomplete': {
    title: (facts) =>
      phrase`The registry hive SYSTEM (${facts.show('path')}) was not closed cleanly, and the logs that would complete it are missing or have a gap.`,
    screen: '0xC000014C, or stop code 0x74; Windows may also start with older values.',
    proof: 'The sequence numbers of the hive differ, and no log entry continues where it stops.',
    remedy: HIVE_REMEDY,
  },
};
