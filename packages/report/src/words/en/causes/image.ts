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
    title: (facts) =>
      facts.is('header', 'backup')
        ? phrase`The partition table is damaged; its backup copy was used.`
        : phrase`The partition table is damaged or contradicts itself.`,
    screen: 'Some firmware repairs it silently; other firmware finds no partition and no system to start.',
    proof:
      'The primary partition table fails its checksum or contradicts itself. Of a GPT the backup at the end of the disk is whole, or shows the same.',
    remedy: 'Copy the backup table over the damaged one with a partitioning tool, on a copy of the image first.',
  },
  'image-truncated': {
    title: (facts) =>
      phrase`The image ends too early: ${facts.show('missing')} bytes of partition ${facts.show('partition')} are missing.`,
    screen: 'Anything, from no start at all to errors while Windows runs.',
    proof: 'The partition table places the partition, or a part of it, behind the end of the disk.',
    remedy: 'Take the image again, or complete the copy. Nothing on this disk can replace the missing bytes.',
  },
  'partition-hidden': {
    title: (facts) =>
      facts.is('foreign', true)
        ? phrase`The partition of Windows has a type with which Windows does not use it (${facts.show('type')}).`
        : phrase`The partition of Windows is marked ${facts.show('flags')}.`,
    screen: 'Stop code 0x7B, 0xC000000E, or a Windows without its drive letter.',
    proof:
      'The MBR type is one of hidden partitions (12h, 17h, 27h), or the GPT type is not that of data, or the attribute bits 60, 62 or 63 are set. On recovery partitions that is normal; this one holds Windows.',
    remedy: 'Give the partition its ordinary type back, and clear the bits.',
  },
};
