import { type Bytes } from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { damageAt, damagedIndex } from './damage.js';
import { LZX_WINDOW } from './lzx-block.js';
import { makeUndoCalls } from './lzx-calls.js';
import { LzxDecoder } from './lzx-decoder.js';

const decoder: LzxDecoder = new LzxDecoder();
const undoCalls: (size: number) => void = makeUndoCalls(decoder.window);

/**
 * Expands one LZX chunk in the flavour of WIM and WOF (window 32 KiB, no 24-bit sizes, calls always translated).
 *
 * @param input - the chunk lies in `[from, to)` of it
 * @param output - `[outFrom, outTo)`, at most 32 KiB, is filled whole, or not at all
 * @returns how many bytes were written, or `damageAt` an index of `input` near which it is damaged
 */
export function expandLzxInto(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outFrom: number,
  outTo: number,
): number {
  const size = outTo - outFrom;
  const result = decoder.expand(input, from, to, size);
  if (result < 0) return damageAt(from + damagedIndex(result));
  undoCalls(size);
  output.set(decoder.window.bytes.subarray(0, size), outFrom);
  return size;
}

/**
 * The content of one LZX chunk.
 * @param size - its expanded size in bytes, 1…32768, as the container tells it
 * @throws DeadboxError `NTFS_COMPRESSION_INVALID` with the byte position in the chunk
 */
export function expandLzx(chunk: Uint8Array, size: number): Bytes {
  if (size > LZX_WINDOW) {
    throw ntfsError('NTFS_COMPRESSION_INVALID', `An LZX chunk expands to at most ${LZX_WINDOW} bytes, not ${size}`, {
      layer: 'LZX chunk',
      offset: 0,
    });
  }
  const output = new Uint8Array(size);
  const result = expandLzxInto(chunk, 0, chunk.length, output, 0, size);
  if (result < 0) {
    const offset = damagedIndex(result);
    throw ntfsError('NTFS_COMPRESSION_INVALID', `LZX data is not valid at byte ${offset}`, {
      layer: 'LZX chunk',
      offset,
    });
  }
  return output;
}
