import type { Bytes } from '@deadbox/core';
import type { TableReader } from '../table/table-reader.js';
import { isVolumeBootSector } from './boot-sector-kind.js';
import { type BootRecord, bootRecord, isExtended } from './mbr.js';

/**
 * The table of a boot record that lacks its signature or has a boot indicator that is none, where its entries lead to
 * volumes all the same: firmware and boot code refuse it, but what it says is still true. `undefined` where any entry
 * leaves the disk, or none leads to the boot sector of a volume.
 * @param sector - the first 512 bytes of the disk
 */
export async function damagedBootRecord(
  disk: TableReader,
  sector: Bytes,
  sizes: readonly (512 | 4096)[],
): Promise<BootRecord | undefined> {
  if (sector.length < 512) return undefined;
  const record = bootRecord(sector);
  for (const size of sizes) {
    if (record.entries.some((entry) => (entry.firstSector + entry.sectors) * size > disk.size)) continue;
    for (const entry of record.entries) {
      if (isExtended(entry.type) || entry.firstSector === 0) continue;
      const first = await disk.read(entry.firstSector * size, 512);
      if (first !== undefined && isVolumeBootSector(first)) return record;
    }
  }
  return undefined;
}
