import type { ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { byteEdit } from '../byte-edit.js';

const ACTIVE = 0x80;

/**
 * Sets the active flag of one primary partition of an MBR, and clears it on every other: the boot code starts the one
 * that has it.
 * @throws RefusedRepair `table-damaged`, `nothing-to-repair`
 */
export async function setActivePartition(disk: Disk, number: number, options: ReadOptions): Promise<RepairOperation> {
  if (disk.table.kind !== 'mbr') throw new RefusedRepair('table-damaged', { table: disk.table.kind });
  const primaries = disk.table.partitions.filter(({ logical }) => !logical);
  const wanted = primaries.find((partition) => partition.number === number);
  if (wanted === undefined) throw new RefusedRepair('table-damaged', { partition: number });
  const edits = [];
  for (const { entry, number: each } of primaries) {
    const before = await disk.image.read(entry.offset, 1, options);
    const after = Uint8Array.of(each === number ? ACTIVE : 0);
    if (before[0] !== after[0]) edits.push(byteEdit(null, entry.offset, before, after, 'active-flag'));
  }
  if (edits.length === 0) throw new RefusedRepair('nothing-to-repair', { partition: number });
  return { id: 'set-active-partition', volume: null, edits, data: { partition: number } };
}
