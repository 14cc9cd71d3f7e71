import { MBR_TYPE } from '../table/partition-types.js';
import type { SectorSize, TableReader } from '../table/table-reader.js';
import { isVolumeBootSector } from './boot-sector-kind.js';
import { type BootRecord, isExtended, parseBootRecord } from './mbr.js';

/** How many partitions are looked at; the first one nearly always decides. */
const PROBED = 2;

/**
 * The sector size of an MBR disk, which the MBR itself does not state: the size under which a partition begins with a
 * boot sector or an extended boot record. The start of the first partition is read anyway later, so that the answer
 * costs nothing.
 * @param sizes - the likelier size first; it also stands when nothing decides. An image of a 4Kn disk on a 512-byte
 * loop device is
 *   why a known size is not final.
 */
export async function probeMbrSectorSize(
  disk: TableReader,
  record: BootRecord,
  sizes: readonly SectorSize[],
): Promise<SectorSize> {
  const entries = record.entries.filter((entry) => entry.type !== MBR_TYPE.gptProtective);
  // Extended boot records first: they are certain, while a data partition may hold anything.
  const probes = [
    ...entries.filter((entry) => isExtended(entry.type)),
    ...entries.filter((entry) => !isExtended(entry.type)),
  ].slice(0, PROBED);
  const end = Math.max(0, ...entries.map((entry) => entry.firstSector + entry.sectors));
  if (end * 4096 > disk.size) return 512;
  for (const size of sizes) {
    for (const entry of probes) {
      const sector = await disk.read(entry.firstSector * size, 512);
      if (sector === undefined) continue;
      const found = isExtended(entry.type) ? parseBootRecord(sector)?.plausible === true : isVolumeBootSector(sector);
      if (found) return size;
    }
  }
  return sizes[0] ?? 512;
}
