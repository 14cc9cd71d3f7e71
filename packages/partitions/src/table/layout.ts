import type { Partition } from './partition-table.js';
import type { TableReader } from './table-reader.js';

/** A partition before the whole table is known. */
export type PartitionDraft = Omit<Partition, 'number' | 'present'>;

/** Orders partitions by offset, numbers them, and notes which leave the disk or share sectors. */
export function layOut(drafts: readonly PartitionDraft[], disk: TableReader): Partition[] {
  const sorted = [...drafts].sort((a, b) => a.offset - b.offset || a.slot - b.slot);
  let end = 0;
  let last: PartitionDraft | undefined;
  return sorted.map((draft, index) => {
    const present = Math.max(0, Math.min(draft.length, disk.size - draft.offset));
    const facts = { slot: draft.slot, offset: draft.offset, length: draft.length };
    if (present < draft.length)
      disk.issue('partition.outside-disk', 'error', draft.entry.offset, { ...facts, present, diskSize: disk.size });
    if (last !== undefined && draft.offset < end)
      disk.issue('partition.overlap', 'error', draft.entry.offset, { ...facts, otherSlot: last.slot });
    if (draft.offset + draft.length > end) {
      end = draft.offset + draft.length;
      last = draft;
    }
    return { ...draft, number: index + 1, present };
  });
}
