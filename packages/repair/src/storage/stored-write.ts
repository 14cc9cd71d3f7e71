import { type ByteSource, type Bytes, type ReadOptions, resolveOrigin } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { sealSectors } from '@deadbox/encryption/seal';
import { repairError } from '../errors.js';
import { MAX_CHANGED_SECTORS } from '../limits.js';
import { fromHex } from '../plan/hex.js';
import type { ByteEdit, RepairPlan } from '../plan/repair-plan.js';
import { TouchedBytes } from '../plan/touched-bytes.js';
import { checkFormat, checkUnshared } from './container-rules.js';
import { conflictingWrite, type StoredWrite } from './sector-write.js';

/** A write with the open source of its file. */
export interface LocatedWrite extends StoredWrite {
  readonly source: ByteSource;
  /** As of `StoredPlace`. */
  readonly sector: string;
}

/** Bytes for a layer: the virtual disk, or the partition below a volume. */
interface Piece {
  readonly source: ByteSource;
  readonly offset: number;
  /** Byte offset on the virtual disk. */
  readonly diskOffset: number;
  readonly after: Bytes;
  readonly sector: string;
}

/** A sector of a volume's content or of the virtual disk, with all of its edits. */
interface EditedSector {
  readonly volume: number | null;
  readonly offset: number;
  readonly after: Bytes;
}

/** Unit of the writes: what a medium writes whole, and a power cut leaves old or new. */
const SMALLEST_SECTOR = 512;

/**
 * Turns the edits of a plan into whole sectors of the files that store them, in the order of the plan: down through
 * partitions, BitLocker (the sectors are encrypted again) and the container's map.
 * @throws DeadboxError `REPAIR_NOT_STORED`, `REPAIR_UNEXPECTED_BYTES`, what reading throws
 */
export async function storedWrites(disk: Disk, plan: RepairPlan, options: ReadOptions = {}): Promise<LocatedWrite[]> {
  checkFormat(disk);
  const writes: LocatedWrite[] = [];
  for (const sector of await editedSectors(disk, plan, options)) {
    for (const piece of await piecesOf(disk, sector, options)) writes.push(...(await located(disk, piece, options)));
  }
  refuseConflicts(writes);
  return writes.filter(({ before, after }) => before.some((value, i) => value !== after[i]));
}

/**
 * Volumes may overlap, and a container may keep two places of the disk in one place of its file.
 * @param placeOf - as of {@link conflictingWrite}
 * @throws DeadboxError `REPAIR_NOT_STORED`
 */
export function refuseConflicts(writes: readonly StoredWrite[], placeOf?: (file: string) => string): void {
  const conflict = conflictingWrite(writes, placeOf);
  if (conflict === undefined) return;
  const { file, offset } = conflict;
  throw repairError('REPAIR_NOT_STORED', `Two changes would write different bytes at byte ${offset} of ${file}`, {
    at: { layer: file, offset },
    data: { storedIn: file, offset },
  });
}

/** Changed bytes of the virtual disk: encrypted again where they have to be, wherever the container keeps them. */
export interface DiskWrite {
  /** Byte offset on the virtual disk. */
  readonly offset: number;
  readonly after: Bytes;
  /** As of `StoredPlace`. */
  readonly sector: string;
}

/** The edits of a plan as whole sectors of the virtual disk. Throws as {@link storedWrites} does. */
export async function diskWrites(disk: Disk, plan: RepairPlan, options: ReadOptions = {}): Promise<DiskWrite[]> {
  const writes: DiskWrite[] = [];
  for (const edited of await editedSectors(disk, plan, options)) {
    for (const { diskOffset, after, sector } of await piecesOf(disk, edited, options))
      writes.push({ offset: diskOffset, after, sector });
  }
  refuseConflicts(writes.map(({ offset, after }) => ({ file: 'disk', offset, before: after, after })));
  return writes;
}

async function editedSectors(disk: Disk, { operations }: RepairPlan, options: ReadOptions): Promise<EditedSector[]> {
  const touched = new TouchedBytes();
  for (const operation of operations) {
    if (touched.conflicts(operation))
      throw repairError('REPAIR_NOT_STORED', 'Two changes of the plan change the same bytes');
    touched.add(operation);
  }
  const edits: readonly ByteEdit[] = operations.flatMap((operation) => operation.edits);
  const sectors = new Map<string, EditedSector>();
  for (const edit of edits) {
    const { source, size } = contentOf(disk, edit.volume);
    const wanted = fromHex(edit.before);
    const after = fromHex(edit.after);
    const found = await source.read(edit.offset, wanted.length, options);
    if (found.some((value, i) => value !== wanted[i]))
      throw repairError('REPAIR_UNEXPECTED_BYTES', `Byte ${edit.offset} is not what the plan saw`, {
        at: { layer: edit.volume === null ? 'disk' : 'volume', offset: edit.offset },
        data: { expected: edit.before },
      });
    for (let done = 0; done < after.length; ) {
      const at = edit.offset + done;
      const start = at - (at % size);
      const key = `${edit.volume}:${start}`;
      let sector = sectors.get(key);
      if (sector === undefined) {
        if (sectors.size >= MAX_CHANGED_SECTORS)
          throw repairError('REPAIR_NOT_STORED', `More than ${MAX_CHANGED_SECTORS} sectors would change`);
        sector = { volume: edit.volume, offset: start, after: new Uint8Array(await source.read(start, size, options)) };
        sectors.set(key, sector);
      }
      const length = Math.min(after.length - done, start + size - at);
      sector.after.set(after.subarray(done, done + length), at - start);
      done += length;
    }
  }
  return [...sectors.values()];
}

/** Where edits of a volume or of the disk are read, and in which sectors they are written. */
function contentOf(disk: Disk, number: number | null): { source: ByteSource; size: number } {
  if (number === null) return { source: disk.image, size: disk.image.sectorSize ?? SMALLEST_SECTOR };
  const volume = disk.volumes.find((candidate) => candidate.number === number);
  if (volume?.content === undefined)
    throw repairError('REPAIR_NOT_STORED', `Volume ${number} cannot be read`, { data: { volume: number } });
  const sealed = volume.unlock?.unlocked === true ? volume.unlock.source.sectorSize : undefined;
  return { source: volume.content, size: sealed ?? disk.image.sectorSize ?? SMALLEST_SECTOR };
}

/** The same sector one layer down: on the partition, encrypted again where it has to be. */
async function piecesOf(disk: Disk, sector: EditedSector, options: ReadOptions): Promise<Piece[]> {
  const volume = disk.volumes.find((candidate) => candidate.number === sector.volume);
  options.signal?.throwIfAborted();
  const { offset, after } = sector;
  const named = { sector: `${sector.volume}:${offset}` };
  if (volume === undefined) return [{ ...named, source: disk.image, offset, diskOffset: offset, after }];
  const unlocked = volume.unlock?.unlocked === true ? volume.unlock.source : undefined;
  if (unlocked === undefined)
    return [{ ...named, source: volume.source, offset, diskOffset: volume.offset + offset, after }];
  const sealed = await sealSectors(unlocked, offset, after);
  return sealed.map((piece) => ({
    ...named,
    source: piece.source,
    offset: piece.offset,
    diskOffset: volume.offset + piece.offset,
    after: piece.bytes,
  }));
}

/** A piece in the file that stores it; a container may split it. */
async function located(disk: Disk, piece: Piece, options: ReadOptions): Promise<LocatedWrite[]> {
  const writes: LocatedWrite[] = [];
  const { source, offset, diskOffset, after, sector } = piece;
  const { ownFiles = [], parents } = disk.image;
  for (let done = 0; done < after.length; ) {
    const place = await resolveOrigin(source, offset + done, after.length - done, options);
    const file = place?.source.name;
    if (place === undefined || file === undefined || !ownFiles.includes(file))
      throw repairError(
        'REPAIR_NOT_STORED',
        `Byte ${diskOffset + done} of the disk is stored in no file that may be written`,
        {
          at: { layer: 'disk', offset: diskOffset + done },
          data: { storedIn: file ?? null, parent: file !== undefined && parents.length > 0 },
        },
      );
    await checkUnshared(disk, place.source, diskOffset + done, place.offset, options);
    const { length } = place;
    writes.push({
      file,
      source: place.source,
      offset: place.offset,
      before: new Uint8Array(await place.source.read(place.offset, length, options)),
      after: after.slice(done, done + length),
      sector,
    });
    done += length;
  }
  return writes;
}
