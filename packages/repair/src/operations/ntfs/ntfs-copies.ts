import { type Bytes, isDamage, type ReadOptions } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { parseBootSector } from '@deadbox/ntfs';
import { bootCodeFromCopy, VOLUME_BOOT_BYTES } from '@deadbox/partitions/internals';
import { type ByteEdit, RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { differingSectors } from '../byte-edit.js';
import { openRepairable } from './volume-state.js';

const BOOT_SECTOR = 512;
const MIRROR_RECORD = 1;
/** Records that every writer keeps equal in `$MFT` and `$MFTMirr`. */
const MIRRORED = 4;

/**
 * Writes the damaged one of a volume's two boot sectors anew from the sound one; of two sound ones the first, where it
 * has lost its code and nothing else.
 * @throws RefusedRepair `locked`, `no-sound-copy`, `copies-differ`, `nothing-to-repair`
 */
export async function restoreBootSector(disk: Disk, number: number, options: ReadOptions): Promise<RepairOperation> {
  const volume = disk.volumes.find((candidate) => candidate.number === number);
  const content = volume?.content;
  if (volume === undefined || content === undefined || volume.locked) throw new RefusedRepair('locked', {});
  const sectorSize = disk.table.sectorSize;
  // NTFS keeps its backup in the last sector of the partition, which the file system itself does not count.
  const backupAt = volume.length - sectorSize;
  if (backupAt + BOOT_SECTOR > content.size) throw new RefusedRepair('no-sound-copy', { offset: backupAt });
  const head = new Uint8Array(await content.read(0, Math.min(VOLUME_BOOT_BYTES, content.size), options));
  const primary = head.slice(0, BOOT_SECTOR);
  const backup = new Uint8Array(await content.read(backupAt, BOOT_SECTOR, options));
  const sound = [primary, backup].map((sector) => isBootSectorOf(volume, sector, sectorSize));
  if (!sound[0] && !sound[1]) throw new RefusedRepair('no-sound-copy', { offset: backupAt });
  // Both describe the volume: only code that the first has lost, the firmware's concern alone, tells them apart.
  const fromPrimary = sound[0] && !(sound[1] && bootCodeFromCopy(head, backup));
  if (fromPrimary && sound[1])
    throw new RefusedRepair(same(primary, backup) ? 'nothing-to-repair' : 'copies-differ', { offset: backupAt });
  const edits = fromPrimary
    ? differingSectors(number, backupAt, backup, primary, 'boot-sector')
    : differingSectors(number, 0, primary, backup, 'boot-sector');
  return {
    id: 'restore-boot-sector',
    volume: number,
    edits,
    data: { from: fromPrimary ? 'primary' : 'backup', offset: fromPrimary ? backupAt : 0 },
  };
}

/** Whether a boot sector describes exactly this volume: NTFS, its length, its start on the disk. */
function isBootSectorOf(volume: Volume, sector: Bytes, sectorSize: number): boolean {
  try {
    const geometry = parseBootSector(sector);
    const bytes = geometry.totalSectors * geometry.bytesPerSector;
    const hidden = new DataView(sector.buffer).getUint32(0x1c, true);
    const place = hidden * sectorSize === volume.offset || hidden === 0;
    return place && bytes < volume.length && bytes + 64 * 1024 * 1024 > volume.length;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}

/**
 * Copies the first records of `$MFT` to `$MFTMirr` where they differ and the original is whole.
 * @throws RefusedRepair
 */
export async function restoreMftMirror(disk: Disk, number: number, options: ReadOptions): Promise<RepairOperation> {
  const { tree, pending } = await openRepairable(disk, number, options);
  if (pending.targets.length > 0) throw new RefusedRepair('log-pending', { targets: pending.targets.length });
  if (tree.records.fromMirror) throw new RefusedRepair('no-sound-copy', { record: 0 });
  const mirror = await tree.file(MIRROR_RECORD, options);
  const [run] = await mirror.dataRuns('', options);
  const { recordSize } = tree.geometry;
  if (run?.offset === undefined || run.bytes < MIRRORED * recordSize)
    throw new RefusedRepair('no-sound-copy', { record: MIRROR_RECORD });
  const edits: ByteEdit[] = [];
  const records: number[] = [];
  for (let record = 0; record < MIRRORED; record += 1) {
    const parsed = await tree.records.read(record, options);
    if (parsed.damaged || !parsed.inUse) throw new RefusedRepair('no-sound-copy', { record });
    const [part, ...more] = await tree.records.locate(record, options);
    if (more.length > 0) throw new RefusedRepair('no-sound-copy', { record });
    const original = await tree.source.read(part.offset, recordSize, options);
    const at = run.offset + record * recordSize;
    const found = differingSectors(number, at, await tree.source.read(at, recordSize, options), original, 'mft-mirror');
    if (found.length > 0) records.push(record);
    edits.push(...found);
  }
  if (edits.length === 0) throw new RefusedRepair('nothing-to-repair', { record: MIRROR_RECORD });
  return { id: 'restore-mft-mirror', volume: number, edits, data: { records } };
}

function same(left: Bytes, right: Bytes): boolean {
  return left.every((value, i) => value === right[i]);
}
