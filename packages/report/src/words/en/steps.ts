import { code, phrase, text } from '../../document/phrase.js';
import { imageWord } from '../facts.js';
import { linuxCommands, type StepWords } from '../step-words.js';

export const steps: StepWords = {
  'copy-first': () => phrase`Take a snapshot or a copy of the disk before anything is changed.`,
  'repair-in-place': (facts) =>
    phrase`Mend the image in place, from any system: ${code(`deadbox fix ${imageWord(facts)}`)} shows the plan and changes nothing${facts.value('withKeys') === true ? text(' (give it the same keys)') : text('')}.`,
  hibernated: () =>
    phrase`Windows is hibernated on this volume: write nothing to it. Start it once and shut it down with ${code('shutdown /s /f /t 0')}; where it cannot start, the session has to be given up first, and what was open in it is lost.`,
  'remove-on-linux': (facts) => phrase`Or on Linux: ${linuxCommands(facts)}`,
  'keep-disk-identity': () =>
    phrase`Never bring the disk online on a Windows that came from the same image: it would give the disk a new identity, and the server would then not start (0xC000000E).`,
  'tpm-bound': () =>
    phrase`BitLocker is bound to the TPM: after changes to the boot files the recovery password is asked for. Have it at hand.`,
  'mend-hive': (facts) =>
    phrase`Mend or restore the registry hive ${facts.show('path')} (${facts.show('verdict')}); do not copy RegBack over it blindly.`,
  'boot-restore-disk-identity': (facts) =>
    phrase`Write the former disk identity ${facts.has('former') ? facts.show('former') : text('named by the boot store')} back; it is now ${facts.has('current') ? facts.show('current') : text('another')}.`,
  'boot-remove-safe-boot': () =>
    phrase`Remove the safe-boot flag: ${code('bcdedit /store <path to BCD> /deletevalue {default} safeboot')}`,
  'boot-correct-boot-store': () =>
    phrase`Correct the path in the boot store: ${code('bcdedit /store <path to BCD> /set {default} path')} (or ${code('systemroot')}).`,
  'boot-rebuild-boot-store': () =>
    phrase`Rebuild the boot store from a recovery environment: ${code('bcdboot C:\\Windows')}`,
  'boot-patch-boot-store': () =>
    phrase`Or rewrite the boot store for the present identity: ${code('bcdboot C:\\Windows')}`,
  'boot-restore-partition': () =>
    phrase`Restore the partition that the boot store names, from a backup of the partition table.`,
  'boot-restore-loader-file': () =>
    phrase`Put the missing loader file back: ${code('bcdboot C:\\Windows')}, or ${code('DISM /Image:C:\\ /RestoreHealth')}.`,
  'boot-mark-system-partition': () =>
    phrase`Mark the system partition active: ${code('diskpart')}, select partition, ${code('active')}.`,
};
