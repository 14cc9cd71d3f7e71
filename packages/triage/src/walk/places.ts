import { type ByteSource, type Bytes, concatBytes, extentsOf, type ReadOptions } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { bitLockerRun } from '@deadbox/encryption/internals';
import { MAX_WALK_PIECES } from '../limits.js';
import type { WalkPiece } from './walk-types.js';

/** Where bytes lie, and whether they are decrypted on the way up. */
export interface Places {
  readonly pieces: readonly WalkPiece[];
  readonly decrypted: boolean;
}

interface Range {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
  /** First byte, from the start of the whole. */
  readonly at: number;
  readonly disk: number | null;
}

const MAX_LAYERS = 64;

/** Follows `[offset, offset + length)` of `source` down to the image file, through decryption too. */
export async function placesOf(
  disk: Disk,
  source: ByteSource,
  range: { readonly offset: number; readonly length: number },
  options: ReadOptions,
): Promise<Places> {
  const pieces: WalkPiece[] = [];
  let decrypted = false;
  const descend = async (part: Range, layers: number): Promise<void> => {
    if (pieces.length >= MAX_WALK_PIECES) return;
    const here = part.source === disk.image ? { ...part, disk: part.offset } : part;
    if (here.source.extents === undefined || layers === 0) {
      const path = here.source.name;
      const file = path === undefined || layers === 0 ? null : { path, offset: here.offset };
      pieces.push({ at: here.at, length: here.length, disk: here.disk, file });
      return;
    }
    const locked = lockedBelow(disk, here.source);
    if (locked !== undefined) {
      decrypted = (await descendCipher(locked, here, (next) => descend(next, layers - 1))) || decrypted;
      return;
    }
    for await (const batch of extentsOf(here.source, here.offset, here.offset + here.length, options))
      for (const extent of batch) {
        if (pieces.length >= MAX_WALK_PIECES) return;
        const moved = extent.offset - here.offset;
        const at = here.at + moved;
        const onDisk = here.disk === null ? null : here.disk + moved;
        if (extent.origin === undefined || extent.kind === 'zero')
          pieces.push({ at, length: extent.length, disk: onDisk, file: null });
        else await descend({ ...extent.origin, length: extent.length, at, disk: onDisk }, layers - 1);
      }
  };
  await descend({ source, ...range, at: 0, disk: null }, MAX_LAYERS);
  return { pieces: joined(pieces), decrypted };
}

/** The volume whose decrypted content `source` is. */
function lockedBelow(disk: Disk, source: ByteSource): Volume | undefined {
  return disk.volumes.find(({ content, unlock }) => content === source && unlock?.unlocked === true);
}

/** @returns whether any of it is decrypted */
async function descendCipher(volume: Volume, range: Range, descend: (range: Range) => Promise<void>): Promise<boolean> {
  if (volume.unlock?.unlocked !== true) return false;
  let decrypted = false;
  const end = range.offset + range.length;
  for (let from = range.offset; from < end; ) {
    const run = bitLockerRun(volume.unlock.source, from, end);
    if (run === undefined) break;
    decrypted ||= run.kind !== 'plain';
    const at = range.at + from - range.offset;
    await descend({ source: volume.source, offset: run.storedAt, length: run.end - from, at, disk: null });
    from = run.end;
  }
  return decrypted;
}

/** Neighbours that follow one another on the disk and in the file are one piece. */
function joined(pieces: readonly WalkPiece[]): WalkPiece[] {
  const list: WalkPiece[] = [];
  for (const piece of pieces) {
    const last = list.at(-1);
    if (last !== undefined && follows(last, piece))
      list[list.length - 1] = { ...last, length: last.length + piece.length };
    else list.push(piece);
  }
  return list;
}

function follows(last: WalkPiece, next: WalkPiece): boolean {
  const onDisk = last.disk === null ? next.disk === null : last.disk + last.length === next.disk;
  if (!onDisk) return false;
  if (last.file === null || next.file === null) return last.file === next.file;
  return last.file.path === next.file.path && last.file.offset + last.length === next.file.offset;
}

/** The bytes of `pieces` as the disk stores them; what lies nowhere reads as zeros. */
export async function storedBytes(disk: Disk, pieces: readonly WalkPiece[], options: ReadOptions): Promise<Bytes> {
  const parts: Bytes[] = [];
  for (const { disk: offset, length } of pieces)
    parts.push(offset === null ? new Uint8Array(length) : await disk.image.read(offset, length, options));
  return concatBytes(parts);
}
