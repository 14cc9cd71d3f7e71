import { type ByteSource, type Bytes, isDamage, OverlaySource, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { type FileRecord, type NtfsGeometry, NtfsVolume, parseBootSector } from '@deadbox/ntfs';
import { parseFileRecord } from '@deadbox/ntfs/internals';
import { type ByteEdit, RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { differingSectors } from '../byte-edit.js';
import { checkUnused } from './volume-state.js';

/** Records that every writer keeps equal in `$MFT` and `$MFTMirr`. */
const MIRRORED = 4;
/** Bytes of a boot sector, and of the pieces in which records are replaced. */
const SECTOR = 512;

/** One of the first records: as `$MFT` has it, and as the mirror has it where that one is to be taken. */
interface HeadRecord {
  readonly number: number;
  readonly offset: number;
  readonly before: Bytes;
  readonly after: Bytes;
}

/**
 * Copies those of the first four records of `$MFT` that are damaged from `$MFTMirr`. The repaired volume is tried
 * before it is planned: its journal and hibernation file are found only through these records.
 * @throws RefusedRepair `locked`, `not-ntfs`, `no-sound-copy`, `nothing-to-repair`, `hibernated`, `log-pending`
 */
export async function restoreMftRecords(disk: Disk, number: number, options: ReadOptions): Promise<RepairOperation> {
  const volume = disk.volumes.find((candidate) => candidate.number === number);
  const content = volume?.content;
  if (volume === undefined || volume.locked || content === undefined) throw new RefusedRepair('locked', {});
  if (volume.fileSystem !== 'ntfs') throw new RefusedRepair('not-ntfs', { found: volume.fileSystem });
  const geometry = await geometryOf(content, options);
  const head = await headRecords(content, geometry, options);
  const damaged = head.filter(({ before, after }) => before !== after);
  if (damaged.length === 0) throw new RefusedRepair('nothing-to-repair', { record: 0 });
  const tree = await repairedVolume(content, damaged, options);
  for (const { number: record, offset } of head) {
    const [part, ...more] = await tree.records.locate(record, options);
    if (more.length > 0 || part.offset !== offset) throw new RefusedRepair('no-sound-copy', { record });
  }
  const pending = await checkUnused(tree, options);
  if (pending.targets.length > 0) throw new RefusedRepair('log-pending', { targets: pending.targets.length });
  const edits: ByteEdit[] = damaged.flatMap(({ offset, before, after }) =>
    differingSectors(number, offset, before, after, 'mft-record'),
  );
  return { id: 'restore-mft-records', volume: number, edits, data: { records: damaged.map((one) => one.number) } };
}

async function geometryOf(content: ByteSource, options: ReadOptions): Promise<NtfsGeometry> {
  try {
    return parseBootSector(await content.read(0, SECTOR, options));
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    throw new RefusedRepair('no-sound-copy', { offset: 0 });
  }
}

async function headRecords(content: ByteSource, geometry: NtfsGeometry, options: ReadOptions): Promise<HeadRecord[]> {
  const { recordSize, clusterSize, mftLcn, mftMirrorLcn } = geometry;
  const records: HeadRecord[] = [];
  for (let number = 0; number < MIRRORED; number += 1) {
    const offset = mftLcn * clusterSize + number * recordSize;
    const copyAt = mftMirrorLcn * clusterSize + number * recordSize;
    const before = await content.read(offset, recordSize, options);
    if (soundRecord(before, number, offset) !== undefined) {
      records.push({ number, offset, before, after: before });
      continue;
    }
    const after = await content.read(copyAt, recordSize, options);
    if (soundRecord(after, number, copyAt) === undefined) throw new RefusedRepair('no-sound-copy', { record: number });
    records.push({ number, offset, before, after });
  }
  return records;
}

/** The record, where it is whole and says that it is this one. */
function soundRecord(bytes: Bytes, number: number, offset: number): FileRecord | undefined {
  try {
    const record = parseFileRecord(bytes, { number, place: { offset, record: number } });
    const stored = new DataView(record.bytes.buffer, record.bytes.byteOffset).getUint32(0x2c, true);
    const numbered = record.fixupArray < 0x30 || stored === number;
    return record.inUse && !record.damaged && numbered && record.attributes.length > 0 ? record : undefined;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined;
  }
}

/** The volume as it would be afterwards. */
async function repairedVolume(
  content: ByteSource,
  records: readonly HeadRecord[],
  options: ReadOptions,
): Promise<NtfsVolume> {
  const pages = new Map<number, Bytes>();
  for (const { offset, after } of records)
    for (let at = 0; at < after.length; at += SECTOR)
      pages.set((offset + at) / SECTOR, after.subarray(at, at + SECTOR));
  const repaired = new OverlaySource(content, pages, SECTOR, content.size, 'repaired volume');
  const tree = await NtfsVolume.open(repaired, options);
  if (tree.records.fromMirror) throw new RefusedRepair('no-sound-copy', { record: 0 });
  return tree;
}
