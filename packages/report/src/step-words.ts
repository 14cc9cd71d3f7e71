import type { InstallationReport } from '@deadbox/triage';
import { escapeText } from './escape.js';

type Step = InstallationReport['nextSteps'][number];

const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string').map(escapeText) : [];

/** One next step in words, with exact commands. */
export function stepWords(step: Step): string {
  // A name of an image goes into a command that somebody will type: what a shell would take for more than a name becomes a wildcard of one character.
  const paths = list(step.data.paths).map((path) => path.replaceAll(/[<>"|*%&^!]/g, '?'));
  const del = paths.map((path) => `del "${path}"`).join(' & ');
  switch (step.id) {
    case 'copy-first':
      return 'Take a snapshot or a copy of the disk before anything is changed.';
    case 'wait-for-self-healing':
      return 'If the server reaches the network: restart it several times (Microsoft spoke of up to 15); the sensor can fetch the fixed file by itself.';
    case 'safe-mode':
      return `With a console: start in safe mode or the recovery environment, then ${del}, and restart.`;
    case 'offline-helper':
      return `Without a console: attach the disk to another system as a second disk, then ${del} (X: is the letter it gets there).`;
    case 'keep-disk-identity':
      return 'Never bring the disk online on a Windows that came from the same image: it would give the disk a new identity, and the server would then not start (0xC000000E).';
    case 'domain-controller':
      return 'This is a domain controller: restoring an old backup can harm the directory. Prefer removing the file.';
    case 'restore-backup':
      return 'Last resort: restore a backup from before 2024-07-19 04:09 UTC; what was written since is lost.';
    case 'tidy-up':
      return `The old file does no harm; it can be removed: ${del}`;
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
    case 'boot-restore-partition':
      return 'Restore the partition that the boot store names, from a backup of the partition table.';
    case 'boot-restore-loader-file':
      return 'Put the missing loader file back: bcdboot C:\\Windows, or DISM /Image:C:\\ /RestoreHealth.';
    case 'boot-mark-system-partition':
      return 'Mark the system partition active: diskpart, select partition, active.';
    case 'enable-sensor':
      return `The sensor was switched off. To undo it: reg load HKLM\\offline "${escapeText(String(step.data.hive))}" & reg add HKLM\\offline\\ControlSet001\\Services\\CSAgent /v Start /t REG_DWORD /d 1 /f & reg unload HKLM\\offline`;
    case 'rename-sensor-back':
      return `The sensor's files were renamed (${list(step.data.names).join(', ')}). To undo it: rename them back.`;
    default:
      return step.id;
  }
}
