import type { ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { type ByteEdit, RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { differingSectors } from '../byte-edit.js';
import { copiesAgree, type GptCopy, readGptCopies, sealHeader } from './gpt-table.js';

/** Where the fields that differ between the two headers stand (UEFI 2.10, section 5.3.2). */
const FIELD = { own: 0x18, other: 0x20, entries: 0x48 } as const;
/** Sector of the entry array that goes with the primary header. */
const PRIMARY_ENTRIES = 2;

/**
 * Writes the damaged copy of a GPT anew from the sound one: header, checksums and entries.
 * @throws RefusedRepair `table-damaged` when no copy is sound, `copies-differ` when both are and do not say the same
 */
export async function restoreGpt(disk: Disk, options: ReadOptions): Promise<RepairOperation> {
  if (disk.table.kind !== 'gpt') throw new RefusedRepair('table-damaged', { table: disk.table.kind });
  const { sectorSize } = disk.table;
  const last = Math.floor(disk.image.size / sectorSize) - 1;
  const { primary, backup, backupSector } = await readGptCopies(disk, options);
  if (primary.sound && backup.sound) {
    if (!copiesAgree(primary, backup)) throw new RefusedRepair('copies-differ', { table: 'gpt' });
    throw new RefusedRepair('nothing-to-repair', { table: 'gpt' });
  }
  if (!primary.sound && !backup.sound) throw new RefusedRepair('table-damaged', { table: 'gpt' });
  const edits = primary.sound
    ? await copyEdits(
        disk,
        primary,
        { own: backupSector, other: 1, entries: entriesBefore(primary, backupSector, sectorSize) },
        options,
      )
    : await copyEdits(
        disk,
        backup,
        { own: 1, other: backup.header?.ownSector ?? last, entries: PRIMARY_ENTRIES },
        options,
      );
  return {
    id: 'restore-gpt',
    volume: null,
    edits,
    data: { from: primary.sound ? 'primary' : 'backup', to: primary.sound ? 'backup' : 'primary' },
  };
}

/** The backup's entries end right before its header. */
function entriesBefore({ header }: GptCopy, backupSector: number, sectorSize: number): number {
  const bytes = (header?.entryCount ?? 0) * (header?.entrySize ?? 0);
  return backupSector - Math.ceil(bytes / sectorSize);
}

async function copyEdits(
  disk: Disk,
  from: GptCopy,
  to: { own: number; other: number; entries: number },
  options: ReadOptions,
): Promise<ByteEdit[]> {
  const { sectorSize } = disk.table;
  const { header, entries = new Uint8Array(0) } = from;
  const entriesAt = to.entries * sectorSize;
  const headerAt = to.own * sectorSize;
  const lastUsed = (header?.lastUsable ?? 0) * sectorSize;
  const firstUsed = (header?.firstUsable ?? 0) * sectorSize;
  const mayBeUsed = (at: number, length: number): boolean => at < lastUsed + sectorSize && at + length > firstUsed;
  // Neither may reach into what partitions use; and a header whose checksum holds may still name any sector.
  const outside = to.entries < PRIMARY_ENTRIES || headerAt + sectorSize > disk.image.size;
  if (header === undefined || outside || mayBeUsed(entriesAt, entries.length) || mayBeUsed(headerAt, sectorSize))
    throw new RefusedRepair('table-damaged', { offset: entriesAt });
  const sector = from.sector.slice();
  const view = new DataView(sector.buffer);
  view.setBigUint64(FIELD.own, BigInt(to.own), true);
  view.setBigUint64(FIELD.other, BigInt(to.other), true);
  view.setBigUint64(FIELD.entries, BigInt(to.entries), true);
  const oldEntries = await disk.image.read(entriesAt, entries.length, options);
  const oldSector = await disk.image.read(headerAt, sectorSize, options);
  // Entries first: a header that is whole must not promise entries that are not there.
  return [
    ...differingSectors(null, entriesAt, oldEntries, entries, 'gpt-entries'),
    ...differingSectors(null, headerAt, oldSector, sealHeader(sector), 'gpt-header'),
  ];
}
