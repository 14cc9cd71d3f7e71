import { createSha256 } from '#sha256';
import { toHex } from '../bytes/bytes.js';
import { MIB } from '../bytes/sizes.js';
import type { ByteSource, ReadOptions } from './byte-source.js';
import { readInto } from './byte-source.js';

export type { Sha256 } from '../bytes/sha256.js';
export { createSha256 };

const CHUNK: number = MIB;

/** Lower-case SHA-256 text of bytes. */
export function sha256Hex(bytes: Uint8Array): string {
  const hash = createSha256();
  hash.update(bytes);
  return toHex(hash.digest());
}

/** Lower-case SHA-256 text of a whole source, read in pieces of 1 MiB. */
export async function hashSource(source: ByteSource, options?: ReadOptions): Promise<string> {
  const hash = createSha256();
  const buffer = new Uint8Array(Math.min(CHUNK, source.size));
  for (let at = 0; at < source.size; at += buffer.length) {
    const piece = at + buffer.length > source.size ? buffer.subarray(0, source.size - at) : buffer;
    const pending = readInto(source, at, piece, options);
    if (pending instanceof Promise) await pending;
    options?.signal?.throwIfAborted();
    hash.update(piece);
  }
  return toHex(hash.digest());
}
