import type { BootManagerCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const bootManager: CauseTexts<BootManagerCauseId> = {
  'bcd-identity': {
    title: (facts) =>
      phrase`The disk's identity was changed, so the boot manager no longer finds Windows on it: the disk is now ${facts.show('current')}, the boot store still names ${facts.show('former')}.`,
    screen:
      'A blue screen of the boot manager: "A required device isn\'t connected or can\'t be accessed", 0xC000000E.',
    proof:
      'The boot store names a disk identity that this disk does not have now and, by other witnesses on it (MountedDevices, the backup GPT), had before. It happens when the disk is attached to a Windows that knows another disk of the same identity.',
    remedy:
      'Write the former identity back into the partition table (a few bytes), or put the present one into the boot store. Do not attach the disk to a Windows that came from the same image: it changes the identity again.',
  },
  'bcd-device': {
    title: () => phrase`The boot store starts Windows from a partition that this disk does not have.`,
    screen:
      'A blue screen of the boot manager: "A required device isn\'t connected or can\'t be accessed", 0xC000000E.',
    proof:
      'The device of the default entry names a partition by its GUID, or by signature and offset, and no partition of the disk has these. An entry that says "boot" or "locate" names none and is never stale.',
    remedy:
      'Find out what became of the partition: a restore that gave it a new identity needs the boot store corrected; a partition that is gone must come back first.',
  },
  'bcd-missing': {
    title: () => phrase`There is no boot store (BCD) where the boot manager looks for it.`,
    screen: '"The Boot Configuration Data for your PC is missing or contains errors", 0xC000000F or 0xC0000034.',
    proof:
      'Neither \\EFI\\Microsoft\\Boot\\BCD on the EFI system partition nor \\Boot\\BCD on the active partition exists, and the partition could be read without errors.',
    remedy: 'Build a new boot store from a recovery environment: bcdboot C:\\Windows.',
  },
  'bcd-damaged': {
    title: (facts) => phrase`The boot store ${facts.show('store')} is damaged.`,
    screen: '"The Boot Configuration Data file is missing some required information", or 0xC0000034, 0xC000014C.',
    proof: 'The file is there and is no registry hive that can be read, with its logs replayed.',
    remedy: 'Set it aside and build a new one from a recovery environment: bcdboot C:\\Windows.',
  },
  'bcd-default-missing': {
    title: () => phrase`The boot store has no usable entry to start by default.`,
    screen: 'The boot manager reports missing information (0xC0000098), or shows a menu without Windows.',
    proof: 'The boot manager object is absent, or names a default entry that is not there or starts no Windows.',
    remedy: 'Set a default entry (bcdedit /default), or build the boot store anew: bcdboot C:\\Windows.',
  },
  'bcd-wrong-loader-name': {
    title: (facts) =>
      phrase`The boot store starts ${facts.show('path')}, which is not the loader of this firmware or not there; the right one is on the disk.`,
    screen: '0xC000000F, 0xC0000359 or 0xC000007B, naming winload.',
    proof:
      'The default entry ends in .exe in the store of UEFI firmware or in .efi in that of BIOS firmware, or names a file that lies under another path of the same partition.',
    remedy: 'Correct the path in the boot store (bcdedit /store <BCD> /set {default} path …).',
  },
  'bcd-systemroot-wrong': {
    title: (facts) => phrase`The boot store starts Windows in ${facts.show('path')}, and there is no Windows there.`,
    screen: '0xC000000F naming a file of System32, or stop code 0x7B.',
    proof: 'The folder that the default entry names as the Windows folder does not exist on its partition.',
    remedy: 'Correct the folder in the boot store (bcdedit /store <BCD> /set {default} systemroot \\Windows).',
  },
  'bcd-default-setup': {
    title: () =>
      phrase`The default entry of the boot store starts Windows Setup or a recovery system, not the installed Windows.`,
    screen: 'Windows Setup, Windows PE, or a rollback, at every start.',
    proof:
      'The default entry is marked as Windows PE, starts from a ramdisk, or from \\$WINDOWS.~BT or \\Recovery. An upgrade that is under way looks the same until it ends.',
    remedy: 'Make the entry of the installed Windows the default: bcdedit /store <BCD> /default {id}.',
  },
  'bcd-imc': {
    title: () =>
      phrase`The default entry of the boot store has settings (imcdevice, imchivename) with which the kernel stops.`,
    screen: 'Stop code 0x67, CONFIG_INITIALIZATION_FAILED.',
    proof: 'The elements 21000138 or 22000137 stand in the entry. No ordinary boot store has them.',
    remedy: 'Delete both elements: bcdedit /store <BCD> /deletevalue {default} imcdevice, and imchivename.',
  },
  'bcd-bootsequence': {
    title: (facts) =>
      facts.list('stale').length > 0
        ? phrase`The boot manager is told to start ${facts.show('entries')} once, and that entry does not exist.`
        : phrase`The boot manager is told to start ${facts.show('entries')} once at the next start.`,
    screen: 'Once another system than usual; or an error of the boot manager.',
    proof: 'The element bootsequence (24000002) of {bootmgr} names the entries. It is used up at one start.',
    remedy: 'Nothing; or delete it: bcdedit /store <BCD> /deletevalue {bootmgr} bootsequence.',
  },
  'bcd-resume-stale': {
    title: () => phrase`The boot manager is told to resume a hibernated Windows, but there is none to resume.`,
    screen: 'An error of winresume (0xC000000F, 0xC0000411), or "Resuming Windows" without end.',
    proof:
      'The element attemptresume (26000005) of {bootmgr} is on, and hiberfil.sys is missing, blank or used up. A failed resume alone, after which Windows starts anew, is normal.',
    remedy: 'Switch it off (one byte): bcdedit /store <BCD> /set {bootmgr} attemptresume off.',
  },
  'bcd-custom-kernel': {
    title: (facts) =>
      phrase`The default entry names a file of its own (${facts.show('element')}) that is not there: ${facts.show('path')}.`,
    screen: '0xC0000221 or 0xC000000F with the name of the file.',
    proof: 'The element kernel, hal or dbgtransport (22000011 to 22000013) names a file that System32 does not hold.',
    remedy:
      'Delete the element, so that the ordinary file is used: bcdedit /store <BCD> /deletevalue {default} kernel (hal, dbgtransport).',
  },
  'bcd-debug-wait': {
    title: (facts) =>
      phrase`Debugging is switched on in the boot store (${facts.show('elements')}): without a debugger the start may wait for ever.`,
    screen: 'A hang at the logo, without an error and without a dump.',
    proof:
      'The element debug (260000A0) or bootdebug (16000010) is on. The debugger settings of {dbgsettings} and {hypervisorsettings} stand in every store and mean nothing.',
    remedy: 'Switch it off (one byte): bcdedit /store <BCD> /debug {default} off, /bootdebug {default} off.',
  },
  'bcd-memory-limit': {
    title: () => phrase`The default entry limits memory or processors, as for a test.`,
    screen: '0xC0000017, a hang, or a very slow start.',
    proof: 'The elements truncatememory (below 1 GiB), removememory, numproc or onecpu stand in the entry.',
    remedy: 'Delete them: bcdedit /store <BCD> /deletevalue {default} truncatememory (removememory, numproc, onecpu).',
  },
  'recovery-loop': {
    title: () =>
      phrase`The last starts failed, so the recovery environment comes up by itself. It is a consequence, not the cause.`,
    screen: '"Preparing Automatic Repair", then the recovery environment, at every start.',
    proof: 'The boot manager recorded that the last two starts failed or went to recovery, and the entry allows it.',
    remedy:
      'Find the cause. To see its own message instead: bcdedit /store <BCD> /set {default} recoveryenabled no; that cures nothing.',
  },
  'winre-broken': {
    title: (facts) => phrase`The recovery environment cannot start: ${facts.show('missing')} is not there.`,
    screen: 'After a failed start 0xC000000F with the name of Winre.wim or boot.sdi.',
    proof: 'The recovery entry starts from a ramdisk whose image, or the file that it begins with, is missing.',
    remedy: 'Start from installation media instead; after the cure: reagentc /enable.',
  },
  'boot-log-failure': {
    title: (facts) =>
      facts.has('path')
        ? phrase`The last recorded start failed with ${facts.show('status')} at ${facts.show('path')}, and nothing on the disk explains it.`
        : phrase`The last recorded start failed with ${facts.show('status')}, and nothing on the disk explains it.`,
    screen: 'The boot manager shows that status.',
    proof:
      'The boot manager wrote the failure into its own log (BOOTSTAT.DAT), and no start came after it. A cause that was repaired since then leaves the same record.',
    remedy: 'Try a start. If it fails again, look up the status with: deadbox why <status>.',
  },
};
