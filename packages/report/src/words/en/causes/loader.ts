import type { LoaderCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

const HIVE_REMEDY =
  'Take a copy of the hive from a backup or a shadow copy of this machine, as close to the failure as possible, together with SOFTWARE of the same time. RegBack is empty since Windows 10 1803.';

export const loader: CauseTexts<LoaderCauseId> = {
  'loader-file-bad': {
    title: (facts) => phrase`The Windows loader ${facts.show('path')} is missing or damaged.`,
    screen: '0xC000000F or 0xC0000428, naming winload.efi or winload.exe.',
    proof:
      'The file that the default entry names, on the partition that it names, is not there, is empty, was never written, or is no whole executable image.',
    remedy:
      'Put the same version back: from WinSxS of this disk where it is a different file, else from a machine of the same build.',
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
