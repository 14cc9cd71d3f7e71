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
};
