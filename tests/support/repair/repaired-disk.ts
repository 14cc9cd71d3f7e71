import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { type Disk, type OpenDiskOptions, openDisk } from '@deadbox/disk';

/** Opens an image for the time of `work`. */
export async function withDiskFile<T>(
  path: string,
  work: (disk: Disk) => Promise<T>,
  options: OpenDiskOptions = {},
): Promise<T> {
  const source = await openFile(path);
  const disk = await openDisk(source, { name: path, siblings: fileSiblings(path), ...options });
  try {
    return await work(disk);
  } finally {
    await disk.close();
    await source.close?.();
  }
}

const PIECE = 1 << 20;

/** The file in pieces, so that a disk of any size can be gone through. */
function* piecesOf(path: string): Generator<Buffer> {
  const handle = openSync(path, 'r');
  try {
    const { size } = statSync(path);
    const buffer = Buffer.alloc(PIECE);
    for (let at = 0; at < size; at += PIECE) {
      const count = readSync(handle, buffer, 0, Math.min(PIECE, size - at), at);
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(handle);
  }
}

/** SHA-256 of a file. */
export function fileSha256(path: string): string {
  const hash = createHash('sha256');
  for (const bytes of piecesOf(path)) hash.update(bytes);
  return hash.digest('hex');
}

/**
 * The numbers of the pieces of a file that hold more than holes, as the file system tells; `undefined` where nothing
 * asks it.
 */
function piecesWithData(path: string): Set<number> | undefined {
  const { status, stdout } = spawnSync('qemu-img', ['map', '--output=json', '-f', 'raw', path], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const ranges = JSON.parse(stdout) as { start: number; length: number; data: boolean }[];
  const pieces = new Set<number>();
  for (const { start, length, data } of ranges) {
    if (!data) continue;
    for (let piece = Math.floor(start / PIECE); piece * PIECE < start + length; piece += 1) pieces.add(piece);
  }
  return pieces;
}

/**
 * Offsets of all bytes in which two files of one size differ. What is a hole in both is not read: disks are large, and
 * hold little.
 */
export function differingBytes(left: string, right: string): number[] {
  const found: number[] = [];
  const [inLeft, inRight] = [left, right].map(piecesWithData);
  const { size } = statSync(left);
  const files = [left, right].map((path) => openSync(path, 'r'));
  const [bytes, other] = files.map(() => Buffer.alloc(PIECE));
  for (let at = 0; at < size; at += PIECE) {
    const piece = at / PIECE;
    if (inLeft?.has(piece) === false && inRight?.has(piece) === false) continue;
    const counts = files.map((file, i) => readSync(file, [bytes, other][i], 0, PIECE, at));
    if (bytes.subarray(0, counts[0]).equals(other.subarray(0, counts[1]))) continue;
    for (let i = 0; i < counts[0]; i += 1) if (i >= counts[1] || bytes[i] !== other[i]) found.push(at + i);
  }
  for (const file of files) closeSync(file);
  return found;
}
