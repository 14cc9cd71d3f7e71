import { type Bytes, hasAscii, isZero, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { isVolumeBootSector, type MbrEntry, parseBootRecord } from '@deadbox/partitions/internals';
import { RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { byteEdit } from '../byte-edit.js';

const SECTOR = 512;
/** Where firmware looks for 55 AA. */
const SIGNATURE = 0x1fe;
const GPT_PROTECTIVE = 0xee;

/**
 * Puts the two bytes 55 AA back at the end of the first sector, where everything else in it is the partition table of
 * this disk.
 * @throws RefusedRepair `nothing-to-repair`, `table-damaged`
 */
export async function restoreBootSignature(disk: Disk, options: ReadOptions): Promise<RepairOperation> {
  const sector = new Uint8Array(await disk.image.read(0, SECTOR, options));
  if (parseBootRecord(sector) !== undefined) throw new RefusedRepair('nothing-to-repair', { offset: SIGNATURE });
  const signed = sector.slice();
  signed.set([0x55, 0xaa], SIGNATURE);
  const record = parseBootRecord(signed);
  if (record === undefined || !record.plausible || record.entries.length === 0 || isVolumeBootSector(sector))
    throw new RefusedRepair('table-damaged', { offset: SIGNATURE });
  for (const entry of record.entries) await checkEntry(disk, entry, options);
  const before = sector.subarray(SIGNATURE);
  return {
    id: 'restore-boot-signature',
    volume: null,
    edits: [byteEdit(null, SIGNATURE, before, signed.subarray(SIGNATURE), 'boot-signature')],
    data: { partitions: record.entries.length },
  };
}

/** An entry must lie on the disk, and begin with what such a partition begins with. */
async function checkEntry(disk: Disk, entry: MbrEntry, options: ReadOptions): Promise<void> {
  const { sectorSize } = disk.table;
  const offset = entry.firstSector * sectorSize;
  const end = offset + entry.sectors * sectorSize;
  const inside = entry.firstSector > 0 && (end <= disk.image.size || entry.type === GPT_PROTECTIVE);
  if (!inside || !startsRight(entry, await disk.image.read(offset, SECTOR, options)))
    throw new RefusedRepair('table-damaged', { offset: entry.at });
}

function startsRight({ type }: MbrEntry, sector: Bytes): boolean {
  if (type === GPT_PROTECTIVE) return hasAscii(sector, 0, 'EFI PART');
  // An extended partition begins with a record of the same form; other systems' partitions begin with anything.
  return isVolumeBootSector(sector) || parseBootRecord(sector) !== undefined || !isZero(sector);
}
