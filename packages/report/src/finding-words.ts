import type { BootReport, HiveReport } from '@deadbox/triage';
import { escapeText } from './escape.js';

type Finding = BootReport['findings'][number];

/** A fact as text from an image: safe to show. */
function fact(finding: Finding, name: string): string {
  const value = finding.data[name];
  return value === undefined || value === null
    ? 'unknown'
    : escapeText(typeof value === 'string' ? value : JSON.stringify(value));
}

const STATUS: Readonly<Record<string, string>> = {
  'identity-changed': 'on this disk, under its former identity',
  'partition-missing': 'that this disk does not have',
  'other-disk': 'of another disk',
  'converted-disk': 'in the form of another kind of partition table',
};

const status = (value: unknown): string =>
  typeof value === 'string' ? (STATUS[value] ?? escapeText(value)) : 'elsewhere';

/** One finding of the boot check in words. */
export function bootFindingWords(finding: Finding): string {
  switch (finding.id) {
    case 'no-system-partition':
      return 'The disk has no partition that the firmware would start from.';
    case 'store-missing':
      return 'There is no boot store where the firmware looks for it.';
    case 'store-damaged':
      return 'The boot store is damaged.';
    case 'store-not-clean':
      return `The boot store ${fact(finding, 'path')} was not closed cleanly (${fact(finding, 'verdict')}).`;
    case 'boot-manager-entry-missing':
      return 'The boot store has no entry of the boot manager.';
    case 'default-entry-missing':
      return `The boot store has no entry ${finding.data.id === undefined ? 'to start by default' : fact(finding, 'id')}.`;
    case 'default-entry-kind':
      return `The default entry ${fact(finding, 'id')} starts no Windows: it is of kind ${fact(finding, 'kind')}.`;
    case 'device-status':
      return `Element ${fact(finding, 'element')} of entry ${fact(finding, 'entry')} names a partition ${status(finding.data.status)}.`;
    case 'device-unrecognised':
      return `Element ${fact(finding, 'element')} of entry ${fact(finding, 'entry')} names a device of a kind that is not known.`;
    case 'boot-manager-file-missing':
      return (
        `The boot manager ${fact(finding, 'path')} is not there` +
        (finding.data.fallback === true ? ', but another one is that the firmware may start.' : '.')
      );
    case 'loader-file-missing':
      return `The loader ${fact(finding, 'path')} is not there.`;
    case 'loader-wrong-firmware':
      return `The loader ${fact(finding, 'path')} is not for ${fact(finding, 'firmware').toUpperCase()} firmware.`;
    case 'system-root-missing':
      return `The boot store starts Windows in ${fact(finding, 'path')}, which is not there.`;
    case 'recovery-stale':
      return 'The entry of the recovery environment names a partition that is not there under its id: recovery will not start from the boot menu.';
    case 'resume-stale':
      return 'The entry for waking from hibernation names a partition that is not there under its id.';
    case 'safe-boot':
      return 'A safe-boot flag is set: Windows will start in safe mode until it is removed.';
    case 'test-signing':
      return 'Test signing is on: Windows loads drivers with test signatures.';
    case 'integrity-checks-off':
      return 'Integrity checks are switched off: Windows loads drivers without signatures.';
    case 'last-known-good':
      return 'The last known good configuration is set to be used at the next start.';
    case 'elam-off':
      return 'The early antimalware driver is switched off for the next starts.';
    case 'no-windows':
      return 'No Windows was found that the boot store could start.';
    default:
      return finding.id;
  }
}

/** One finding about a registry hive in words, without a full stop. */
export function hiveFindingWords(finding: HiveReport['findings'][number]): string {
  switch (finding.id) {
    case 'hive-missing':
      return 'the file is not there';
    case 'hive-empty':
      return 'the file is empty';
    case 'hive-not-regf':
      return 'it does not begin as a hive does';
    case 'hive-unreadable':
      return 'it cannot be read';
    case 'hive-root-unreadable':
      return 'its root key cannot be read';
    case 'hive-truncated':
      return 'it is shorter than it says';
    case 'hive-checksum':
      return 'the checksum of its header is wrong';
    case 'hive-dirty':
      return 'it was not closed cleanly';
    case 'hive-log-missing':
      return 'its logs are not there';
    case 'hive-log-unusable':
      return 'its logs cannot be used';
    case 'hive-log-gap':
      return 'its logs have a gap';
    case 'hive-records-damaged':
      return 'records in it are damaged';
    case 'hive-select-unreadable':
      return 'it does not say which control set to use';
    case 'hive-control-set-missing':
      return `the control set ${escapeText(typeof finding.data.expected === 'string' ? finding.data.expected : 'that it names')} is not there`;
    default:
      return finding.id;
  }
}
