import { fillRuleText, type NextStep } from '@deadbox/triage';
import { escapeText } from './escape.js';

const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string').map(escapeText) : [];

/** One next step in words, with exact commands. */
export function stepWords(step: NextStep): string {
  // A name of an image goes into a command that somebody will type: what a shell would take for more than a name becomes a wildcard of one character.
  const paths = list(step.data.paths).map((path) => path.replaceAll(/[<>"|*%&^!]/g, '?'));
  const del = paths.map((path) => `del "${path}"`).join(' & ');
  if (step.text !== undefined) {
    const hive = typeof step.data.hive === 'string' ? escapeText(step.data.hive) : undefined;
    const named = paths.length === 0 ? {} : { paths: paths.join(', '), del };
    return fillRuleText(step.text.en, { ...named, hive });
  }
  switch (step.id) {
    case 'copy-first':
      return 'Take a snapshot or a copy of the disk before anything is changed.';
    case 'keep-disk-identity':
      return 'Never bring the disk online on a Windows that came from the same image: it would give the disk a new identity, and the server would then not start (0xC000000E).';
    case 'tpm-bound':
      return 'BitLocker is bound to the TPM: after changes to the boot files the recovery password is asked for. Have it at hand.';
    case 'mend-hive':
      return `Mend or restore the registry hive ${escapeText(String(step.data.path))} (${escapeText(String(step.data.verdict))}); do not copy RegBack over it blindly.`;
    case 'boot-restore-disk-identity':
      return `Write the former disk identity ${escapeText(String(step.data.former ?? 'named by the boot store'))} back; it is now ${escapeText(String(step.data.current ?? 'another'))}.`;
    case 'boot-remove-safe-boot':
      return 'Remove the safe-boot flag: bcdedit /store <path to BCD> /deletevalue {default} safeboot';
    case 'boot-rebuild-boot-store':
      return 'Rebuild the boot store from a recovery environment: bcdboot C:\\Windows';
    case 'boot-patch-boot-store':
      return 'Or rewrite the boot store for the present identity: bcdboot C:\\Windows';
    case 'boot-correct-boot-store':
      return 'Correct the path in the boot store: bcdedit /store <path to BCD> /set {default} path (or systemroot).';
    case 'boot-restore-partition':
      return 'Restore the partition that the boot store names, from a backup of the partition table.';
    case 'boot-restore-loader-file':
      return 'Put the missing loader file back: bcdboot C:\\Windows, or DISM /Image:C:\\ /RestoreHealth.';
    case 'boot-mark-system-partition':
      return 'Mark the system partition active: diskpart, select partition, active.';
    default:
      return step.id;
  }
}
