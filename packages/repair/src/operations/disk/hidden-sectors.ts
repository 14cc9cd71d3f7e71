import { type Bytes, isDamage, type ReadOptions } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { parseBootSector } from '@deadbox/ntfs';
import { isVolumeBootSector } from '@deadbox/partitions/internals';
import { RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { byteEdit } from '../byte-edit.js';

const SECTOR = 512;
/**
 * Sectors before the volume, as its boot code adds them to every sector that it reads (the same place in NTFS and FAT).
 */
const HIDDEN = 0x1c;
/** FAT32: sector of the second boot sector (Microsoft FAT specification, BPB_BkBootSec), and where its name stands. */
const FAT32 = { backup: 0x32, name: 0x52 } as const;

/**
 * Writes into a volume's boot sector, and into its backup, where the volume begins on the disk: its boot code reads
 * nothing without it.
 * @throws RefusedRepair `not-a-volume`, `nothing-to-repair`
 */
export async function setHiddenSectors(disk: Disk, number: number, options: ReadOptions): Promise<RepairOperation> {
  const volume = disk.volumes.find((candidate) => candidate.number === number);
  const partition = disk.table.partitions.find((candidate) => candidate.number === number);
  // The boot sector of an encrypted volume is another one, and not ours to change.
  if (volume === undefined || partition === undefined || partition.logical || volume.unlock !== undefined)
    throw new RefusedRepair('not-a-volume', { volume: number });
  const { sectorSize } = disk.table;
  const after = new Uint8Array(4);
  new DataView(after.buffer).setUint32(0, volume.offset / sectorSize, true);
  const places = await bootSectors(volume, sectorSize, options);
  const edits = places.flatMap(({ offset, sector }) => {
    const before = sector.subarray(HIDDEN, HIDDEN + 4);
    const same = before.every((value, i) => value === after[i]);
    return same ? [] : [byteEdit(number, offset + HIDDEN, before, after, 'hidden-sectors')];
  });
  if (edits.length === 0) throw new RefusedRepair('nothing-to-repair', { volume: number });
  const from = new DataView(places[0].sector.buffer).getUint32(HIDDEN, true);
  return { id: 'set-hidden-sectors', volume: number, edits, data: { from, to: volume.offset / sectorSize } };
}

interface BootSectorPlace {
  readonly offset: number;
  readonly sector: Bytes;
}

/** The boot sector and, where it is whole, its backup. */
async function bootSectors(volume: Volume, sectorSize: number, options: ReadOptions): Promise<BootSectorPlace[]> {
  const read = async (offset: number): Promise<BootSectorPlace> => ({
    offset,
    sector: new Uint8Array(await volume.source.read(offset, SECTOR, options)),
  });
  const first = await read(0);
  if (isNtfs(first.sector)) {
    const backup = await read(volume.length - sectorSize);
    return isNtfs(backup.sector) ? [first, backup] : [first];
  }
  if (!volume.fileSystem.startsWith('fat') || !isVolumeBootSector(first.sector))
    throw new RefusedRepair('not-a-volume', { volume: volume.number, found: volume.fileSystem });
  const view = new DataView(first.sector.buffer);
  const backupSector = view.getUint16(FAT32.backup, true);
  const isFat32 = new TextDecoder().decode(first.sector.subarray(FAT32.name, FAT32.name + 5)) === 'FAT32';
  if (!isFat32 || backupSector === 0 || backupSector === 0xffff) return [first];
  const backup = await read(backupSector * view.getUint16(0x0b, true));
  return isVolumeBootSector(backup.sector) ? [first, backup] : [first];
}

function isNtfs(sector: Bytes): boolean {
  try {
    parseBootSector(sector);
    return true;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}
