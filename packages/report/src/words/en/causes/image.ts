import type { ImageCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const image: CauseTexts<ImageCauseId> = {
  'differencing-without-parent': {
    title: () => phrase`The image holds only changes: the disk that it builds on is missing.`,
    screen: 'The hypervisor refuses to open the disk, or reports that the chain of virtual disks is broken.',
    proof: 'The container names a parent, and no file of that name and identity lies beside it.',
    remedy: 'Put the parent beside the image, or name it with --parent FILE. Never attach the parent alone.',
  },
  'damaged-table-or-boot-sector': {
    title: () => phrase`The partition table is damaged; its backup copy was used.`,
    screen: 'Some firmware repairs it silently; other firmware finds no partition and no system to start.',
    proof: 'The primary partition table fails its checksum or contradicts itself, and its backup is whole.',
    remedy: 'Copy the backup table over the damaged one with a partitioning tool, on a copy of the image first.',
  },
};
