import { phrase, text } from '../../document/phrase.js';
import type { BootWords } from '../boot-words.js';
import type { Facts } from '../facts.js';

const deviceStatus: BootWords['deviceStatus'] = {
  matches: 'on this disk',
  always: 'found without an id, so never stale',
  'identity-changed': 'on this disk, under its former identity',
  'partition-missing': 'that this disk does not have',
  'other-disk': 'of another disk',
  'converted-disk': 'in the form of another kind of partition table',
  unrecognised: 'in a form that is not known',
};

const statusOf = (facts: Facts): string => {
  const status = facts.value('status');
  return typeof status === 'string' && status in deviceStatus
    ? deviceStatus[status as keyof typeof deviceStatus]
    : 'elsewhere';
};

export const boot: BootWords = {
  check: 'Boot check',
  verdicts: {
    consistent: ({ store }) => phrase`Boot store${store}: it points at this disk and its loader is there.`,
    'identity-changed': ({ store, current, former }) =>
      phrase`The disk's identity was changed: it is now ${current ?? text('unknown')}, but the boot store${store} still names ${former ?? text('another one')}. This happens when the disk was attached to another Windows.`,
    'partition-missing': ({ store }) => phrase`The boot store${store} names a partition that this disk does not have.`,
    'loader-missing': ({ store }) => phrase`The boot store${store} names a loader file that is not there.`,
    'default-entry-missing': ({ store }) => phrase`The boot store${store} has no usable default entry.`,
    'converted-disk': ({ store }) =>
      phrase`The disk was converted between MBR and GPT, but the boot store${store} still describes the old kind.`,
    'store-missing': () => phrase`No boot store was found where the firmware looks for it.`,
    'store-damaged': ({ store }) => phrase`The boot store${store} is damaged and cannot be read.`,
    'no-system-partition': () =>
      phrase`The disk has no system partition: it starts from another disk, or its boot partition is gone.`,
  },
  verdictTitles: {
    consistent: 'consistent',
    'identity-changed': 'disk identity changed',
    'partition-missing': 'partition missing',
    'loader-missing': 'loader missing',
    'default-entry-missing': 'default entry missing',
    'converted-disk': 'disk converted between MBR and GPT',
    'store-missing': 'boot store missing',
    'store-damaged': 'boot store damaged',
    'no-system-partition': 'no system partition',
    'not-checked': 'not checked',
  },
  findings: {
    'no-system-partition': () => phrase`The disk has no partition that the firmware would start from.`,
    'store-missing': () => phrase`There is no boot store where the firmware looks for it.`,
    'store-damaged': () => phrase`The boot store is damaged.`,
    'store-not-clean': (facts) =>
      phrase`The boot store ${facts.show('path')} was not closed cleanly (${facts.show('verdict')}).`,
    'store-too-long': (facts) =>
      phrase`The boot store ${facts.show('path')} has more entries or settings than Windows ever writes. They were not read to the end, so nothing is concluded from it.`,
    'boot-manager-entry-missing': () => phrase`The boot store has no entry of the boot manager.`,
    'default-entry-missing': (facts) =>
      phrase`The boot store has no entry ${facts.has('id') ? facts.show('id') : text('to start by default')}.`,
    'default-entry-kind': (facts) =>
      phrase`The default entry ${facts.show('id')} starts no Windows: it is of kind ${facts.show('kind')}.`,
    'device-status': (facts) =>
      phrase`Element ${facts.show('element')} of entry ${facts.show('entry')} names a partition ${text(statusOf(facts))}.`,
    'device-unrecognised': (facts) =>
      phrase`Element ${facts.show('element')} of entry ${facts.show('entry')} names a device of a kind that is not known.`,
    'boot-manager-file-missing': (facts) =>
      phrase`The boot manager ${facts.show('path')} is not there${text(facts.is('fallback', true) ? ', but another one is that the firmware may start.' : '.')}`,
    'loader-file-missing': (facts) => phrase`The loader ${facts.show('path')} is not there.`,
    'loader-wrong-firmware': (facts) =>
      phrase`The loader ${facts.show('path')} is not for ${String(facts.value('firmware') ?? 'this').toUpperCase()} firmware.`,
    'system-root-missing': (facts) =>
      phrase`The boot store starts Windows in ${facts.show('path')}, which is not there.`,
    'recovery-stale': () =>
      phrase`The entry of the recovery environment names a partition that is not there under its id: recovery will not start from the boot menu.`,
    'resume-stale': () =>
      phrase`The entry for waking from hibernation names a partition that is not there under its id.`,
    'safe-boot': () => phrase`A safe-boot flag is set: Windows will start in safe mode until it is removed.`,
    'test-signing': () => phrase`Test signing is on: Windows loads drivers with test signatures.`,
    'integrity-checks-off': () => phrase`Integrity checks are switched off: Windows loads drivers without signatures.`,
    'last-known-good': () => phrase`The last known good configuration is set to be used at the next start.`,
    'elam-off': () => phrase`The early antimalware driver is switched off for the next starts.`,
    'no-windows': () => phrase`No Windows was found that the boot store could start.`,
  },
  remedies: {
    'correct-boot-store': 'correct the path in the boot store (bcdedit /store <path to BCD> /set …)',
    'restore-disk-identity': 'write the former disk identity back (a few bytes)',
    'patch-boot-store': "put the disk's present identity into the boot store",
    'rebuild-boot-store': 'rebuild the boot store (bcdboot C:\\Windows from a recovery environment)',
    'restore-partition': 'restore the missing partition',
    'restore-loader-file':
      "put the missing loader file back (sfc or DISM against the offline image, or from another server's same build)",
    'remove-safe-boot': 'remove the safe-boot flag: bcdedit /deletevalue {default} safeboot',
    'mark-system-partition': 'mark the system partition active',
  },
  storeAt: (path, volume) => phrase` (${path} on volume ${volume})`,
  wouldShow: (codes) => phrase`The machine would show ${codes}.`,
  wouldMend: (remedies) => phrase`What would mend it: ${remedies}.`,
  undo: (remedy) => phrase`To undo it: ${text(remedy)}.`,
  remedySeparator: '; or ',
  kinds: {
    'firmware-boot-manager': 'firmware boot manager',
    'boot-manager': 'boot manager',
    'os-loader': 'Windows loader',
    resume: 'resume from hibernation',
    'memory-tester': 'memory tester',
    'legacy-loader': 'legacy loader',
    'boot-sector': 'boot sector',
    'firmware-application': 'firmware application',
    settings: 'settings',
    'device-options': 'device options',
    other: 'other object',
  },
  roles: {
    'boot-manager': 'boot manager',
    default: 'default entry',
    resume: 'resume entry',
    recovery: 'recovery entry',
  },
  deviceStatus,
  storeRoles: { uefi: 'UEFI', bios: 'BIOS', recovery: 'recovery', file: 'file' },
  storeStates: {
    clean: 'clean',
    recoverable: 'not closed cleanly; its logs make it whole',
    'at-risk': 'not closed cleanly; its logs are missing or have a gap',
    damaged: 'damaged',
    missing: 'missing',
    replayed: 'not closed cleanly; its logs were replayed in memory',
    'no-log': 'not closed cleanly; it has no log',
    'log-unusable': 'not closed cleanly; its logs cannot be used',
  },
  store: (path, volume, role, state) =>
    phrase`${path}${volume === null ? '' : phrase` on volume ${volume}`} (${text(role)}, ${text(state)})`,
  devices: {
    partition: ({ partition }) =>
      partition.style === 'gpt'
        ? phrase`partition ${partition.partitionId} of GPT disk ${partition.diskId}`
        : phrase`partition at byte ${partition.partitionOffset} of MBR disk ${partition.diskSignature}`,
    disk: ({ style, diskId }) => phrase`${style.toUpperCase()} disk ${diskId}`,
    boot: () => phrase`the device that the machine starts from`,
    locate: ({ path, element }) =>
      path !== undefined
        ? phrase`the first partition that has ${path}`
        : element === undefined
          ? phrase`the first partition that has the file`
          : phrase`the first partition that has the path of element 0x${element.toString(16)}`,
    ramdisk: ({ path }, inner) => phrase`RAM disk from ${path} on ${inner ?? text('an unknown device')}`,
    file: ({ path }, inner) => phrase`file ${path} on ${inner ?? text('an unknown device')}`,
    vhd: ({ path }, inner) => phrase`virtual disk ${path} on ${inner ?? text('an unknown device')}`,
    unrecognised: ({ length }) => phrase`a form that is not known (${length} bytes)`,
  },
  notUnderstood: '(not understood)',
  onOff: (on) => (on ? 'yes' : 'no'),
};
