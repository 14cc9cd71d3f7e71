import { type ByteSource, extentsOf, type FileTree, keepOnce, type ReadOptions } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { type Hive, openHiveFile } from '@deadbox/windows';
import { type ByteEdit, type EditTarget, RefusedRepair } from '../../plan/repair-plan.js';
import { byteEdit } from '../byte-edit.js';
import { checkPending, openRepairable } from '../ntfs/volume-state.js';

/** A hive that may be changed in place, and the way from its bytes to the volume. */
export interface RepairableHive {
  readonly hive: Hive;
  readonly volume: Volume;
  /** Path of the file, as stored. */
  readonly path: string;
  readonly stream: ByteSource;
}

/** How the operations of one plan read: nothing is written meanwhile, so that each hive is opened once. */
export interface HiveReadOptions extends ReadOptions {
  /** Those that were opened so far, by volume and path. */
  readonly hives?: Map<string, Promise<RepairableHive>>;
}

/**
 * Opens a hive of an NTFS or FAT volume for a change in place.
 * @throws RefusedRepair `locked`, `hibernated`, `log-pending`, `file-missing`, `hive-damaged`
 */
export function openRepairableHive(
  disk: Disk,
  number: number,
  path: string,
  { hives = new Map(), ...options }: HiveReadOptions,
): Promise<RepairableHive> {
  return keepOnce(hives, `${number} ${path}`, () => openHive(disk, number, path, options));
}

async function openHive(disk: Disk, number: number, path: string, options: ReadOptions): Promise<RepairableHive> {
  const volume = disk.volumes.find((candidate) => candidate.number === number);
  if (volume === undefined || volume.locked) throw new RefusedRepair('locked', { volume: number });
  const tree: FileTree = await volume.fileTree(options);
  if (volume.fileSystem === 'ntfs') await checkUntouched(disk, number, path, options);
  const { hive, health, path: stored } = await openHiveFile(tree, path, options);
  if (health.verdict === 'missing') throw new RefusedRepair('file-missing', { path });
  if (hive === undefined || health.verdict === 'damaged' || health.verdict === 'at-risk')
    throw new RefusedRepair('hive-damaged', { path: stored, findings: health.findings.map(({ id }) => id) });
  const file = await tree.lookup(path, options);
  if (file === undefined) throw new RefusedRepair('file-missing', { path });
  return { hive, volume, path: stored, stream: await file.stream(undefined, options) };
}

/** The log must not move the file, nor write its record anew. Its content is never logged. */
async function checkUntouched(disk: Disk, number: number, path: string, options: ReadOptions): Promise<void> {
  const { tree, pending } = await openRepairable(disk, number, options);
  const file = await tree.lookup(path, options);
  if (file === undefined) throw new RefusedRepair('file-missing', { path });
  for (const part of await tree.records.locate(file.record, options))
    checkPending(pending, 'file record', part.offset, part.length, file.fileRecord.lsn);
}

/**
 * The edit of bytes of a hive: what a log would replace when Windows loads the hive is refused, since the edit would be
 * lost.
 * @throws RefusedRepair `hive-log-pending`, `content-not-stored`
 */
export async function hiveEdits(
  target: RepairableHive,
  offset: number,
  after: Uint8Array,
  what: EditTarget,
  options: ReadOptions,
): Promise<ByteEdit[]> {
  const { hive, volume, stream, path } = target;
  if (hive.isFromLog(offset, after.length)) throw new RefusedRepair('hive-log-pending', { path, offset });
  if (offset + after.length > stream.size) throw new RefusedRepair('hive-damaged', { path, offset });
  const before = await stream.read(offset, after.length, options);
  const edits: ByteEdit[] = [];
  for await (const batch of extentsOf(stream, offset, offset + after.length, options)) {
    for (const extent of batch) {
      const place = await onVolume(extent.origin, volume.content, options);
      if (place === undefined) throw new RefusedRepair('content-not-stored', { path, offset: extent.offset });
      const from = extent.offset - offset;
      const [old, changed] = [before, after].map((bytes) => bytes.subarray(from, from + extent.length));
      if (old.some((value, i) => value !== changed[i])) edits.push(byteEdit(volume.number, place, old, changed, what));
    }
  }
  return edits;
}

/** Follows one piece of a file down to the volume's content; a resident or compressed file has no such place. */
async function onVolume(
  origin: { readonly source: ByteSource; readonly offset: number } | undefined,
  content: ByteSource | undefined,
  options: ReadOptions,
): Promise<number | undefined> {
  let place = origin;
  for (let layer = 0; place !== undefined && layer < 8; layer += 1) {
    if (place.source === content) return place.offset;
    place = await originBelow(place, options);
  }
  return undefined;
}

async function originBelow(
  place: { readonly source: ByteSource; readonly offset: number },
  options: ReadOptions,
): Promise<{ readonly source: ByteSource; readonly offset: number } | undefined> {
  for await (const [extent] of extentsOf(place.source, place.offset, place.offset + 1, options)) return extent?.origin;
  return undefined;
}
