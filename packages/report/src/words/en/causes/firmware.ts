import type { FirmwareCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const firmware: CauseTexts<FirmwareCauseId> = {
  'mbr-no-active': {
    title: () => phrase`The disk has no active partition: BIOS firmware finds nothing to start.`,
    screen: '"Missing operating system", "A disk read error occurred", or a blinking cursor.',
    proof:
      'No entry of the MBR partition table is marked active (80h), and there is no EFI system partition that UEFI firmware could start.',
    remedy: 'Mark the partition with \\bootmgr and \\Boot\\BCD active (one byte).',
  },
};
