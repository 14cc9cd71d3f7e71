import { hasAscii } from '@deadbox/core';
import type { PartitionDraft } from '../table/layout.js';
import type { VolumeManager } from '../table/partition-table.js';
import { GPT_TYPE } from '../table/partition-types.js';
import type { TableReader } from '../table/table-reader.js';

/** The LDM private header on an MBR disk: sector 6 (linux-ntfs LDM documentation), 512-byte sectors only. */
const PRIVATE_HEADER = 6 * 512;

/** Tells a dynamic disk (LDM) or a Storage Spaces member by its partition types and the LDM private header. */
export function findVolumeManager(disk: TableReader, partitions: readonly PartitionDraft[]): VolumeManager | undefined {
  const ldmTypes: readonly string[] = [GPT_TYPE.ldmMetadata, GPT_TYPE.ldmData, '0x42'];
  const ldm = partitions.find((partition) => ldmTypes.includes(partition.type));
  const isMbr = ldm?.type === '0x42';
  // The private header says more than the type byte, which data recovery tools have been seen to set alone.
  if (isMbr && hasAscii(disk.head, PRIVATE_HEADER, 'PRIVHEAD'))
    return { kind: 'ldm', offset: PRIVATE_HEADER, length: 8 };
  if (ldm !== undefined) return { kind: 'ldm', offset: ldm.entry.offset, length: ldm.entry.length };
  const spaces = partitions.find((partition) => partition.type === GPT_TYPE.storageSpaces);
  return spaces === undefined
    ? undefined
    : { kind: 'storage-spaces', offset: spaces.entry.offset, length: spaces.entry.length };
}
