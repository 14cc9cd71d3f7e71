import { MAX_OVERLAPPING, MAX_PARTITIONS } from '../limits.js';
import type { Partition } from './partition-table.js';
import type { TableReader } from './table-reader.js';

/** A partition before the whole table is known. */
export type PartitionDraft = Omit<Partition, 'number' | 'present'>;

/** Orders partitions by offset, numbers them, and notes which leave the disk or share sectors. */
export function layOut(drafts: readonly PartitionDraft[], disk: TableReader): Partition[] {
  const sorted = drafts.toSorted((a, b) => a.offset - b.offset || a.slot - b.slot);
  const partitions: Partition[] = [];
  let end = 0;
  let last: PartitionDraft | undefined;
  let overlapping = 0;
  for (const draft of sorted) {
    if (partitions.length === MAX_PARTITIONS) {
      disk.issue('partition.too-many', 'error', draft.entry.offset, { found: sorted.length, limit: MAX_PARTITIONS });
      break;
    }
    const facts = { slot: draft.slot, offset: draft.offset, length: draft.length };
    if (last !== undefined && draft.offset < end) {
      overlapping += 1;
      if (overlapping > MAX_OVERLAPPING) continue;
      disk.issue('partition.overlap', 'error', draft.entry.offset, { ...facts, otherSlot: last.slot });
    }
    const present = Math.max(0, Math.min(draft.length, disk.size - draft.offset));
    if (present < draft.length)
      disk.issue('partition.outside-disk', 'error', draft.entry.offset, { ...facts, present, diskSize: disk.size });
    if (draft.offset + draft.length > end) {
      end = draft.offset + draft.length;
      last = draft;
    }
    partitions.push({ ...draft, number: partitions.length + 1, present });
  }
  if (overlapping > MAX_OVERLAPPING)
    disk.issue('partition.overlap-capped', 'error', 0, { overlapping, limit: MAX_OVERLAPPING });
  return partitions;
}
