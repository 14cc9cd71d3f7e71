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

/** The file in pieces, so that a sparse disk of any size can be gone through. */
function* piecesOf(path: string): Generator<{ at: number; bytes: Buffer }> {
  const handle = openSync(path, 'r');
  try {
    const { size } = statSync(path);
    const buffer = Buffer.alloc(PIECE);
    for (let at = 0; at < size; at += PIECE) {
      const count = readSync(handle, buffer, 0, Math.min(PIECE, size - at), at);
      yield { at, bytes: buffer.subarray(0, count) };
    }
  } finally {
    closeSync(handle);
  }
}

/** SHA-256 of a file. */
export function fileSha256(path: string): string {
  const hash = createHash('sha256');
  for (const { bytes } of piecesOf(path)) hash.update(bytes);
  return hash.digest('hex');
}

/** Offsets of all bytes in which two files of one size differ. */
export function differingBytes(left: string, right: string): number[] {
  const found: number[] = [];
  const others = piecesOf(right);
  for (const { at, bytes } of piecesOf(left)) {
    const other = others.next().value?.bytes ?? Buffer.alloc(0);
    if (bytes.equals(other)) continue;
    for (let i = 0; i < bytes.length; i += 1) if (bytes[i] !== other[i]) found.push(at + i);
  }
  return found;
}
