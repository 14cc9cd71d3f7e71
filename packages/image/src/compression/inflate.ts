import { inflateSync } from 'fflate';
import { adler32 } from './adler32.js';

/** `raw`: a bare deflate stream (RFC 1951); `zlib`: with header and Adler-32 (RFC 1950). */
export type DeflateWrapping = 'raw' | 'zlib';

/** Bytes after a zlib stream in which its checksum is searched: packed blocks are stored with padding. */
const LONGEST_PADDING = 4096;

/**
 * Inflates `packed` into `target` and returns how many bytes came out.
 * Bytes behind the end of the stream are ignored, since packed blocks are padded to sectors.
 * @throws Error when the stream is damaged, cut off, or holds more than `target.length` bytes
 */
export function inflate(packed: Uint8Array, target: Uint8Array, wrapping: DeflateWrapping): number {
  const stream = wrapping === 'raw' ? packed : deflateStream(packed);
  // The library cuts output that does not fit without a word: one byte of room more shows it.
  const bytes = inflateSync(stream, { out: new Uint8Array(target.length + 1) });
  if (bytes.length > target.length) throw new RangeError(`deflate stream holds more than ${target.length} bytes`);
  if (wrapping === 'zlib' && !endsWithSum(packed, adler32(bytes)))
    throw new Error('the Adler-32 of the zlib stream does not fit');
  target.set(bytes);
  return bytes.length;
}

/** The deflate stream behind the two header bytes of RFC 1950 section 2.2. */
function deflateStream(packed: Uint8Array): Uint8Array {
  const method = packed[0] ?? 0;
  const flags = packed[1] ?? 0;
  if ((method & 0x0f) !== 8 || method >> 4 > 7 || (method * 256 + flags) % 31 !== 0)
    throw new Error('not a zlib stream');
  if ((flags & 0x20) !== 0) throw new Error('the zlib stream needs a preset dictionary');
  return packed.subarray(2);
}

/** Whether the big-endian `sum` stands at the end, padding aside. */
function endsWithSum(packed: Uint8Array, sum: number): boolean {
  const last = packed.length - 4;
  for (let at = last; at >= 2 && at > last - LONGEST_PADDING; at -= 1) {
    if (
      packed[at] === sum >>> 24 &&
      packed[at + 1] === ((sum >>> 16) & 0xff) &&
      packed[at + 2] === ((sum >>> 8) & 0xff) &&
      packed[at + 3] === (sum & 0xff)
    ) {
      return true;
    }
  }
  return false;
}
