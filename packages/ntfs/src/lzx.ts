import { type Bytes } from '@deadbox/core';
import { ntfsError } from './errors.js';
import { LzxDecoder } from './lzx-decoder.js';

/** Largest chunk, and the window: every chunk starts afresh. */
export const LZX_CHUNK_SIZE = 32768;

/** Stands for the file size in the translation of calls, whatever the file's size is. */
const E8_FILE_SIZE = 12_000_000;

const decoder: LzxDecoder = new LzxDecoder();

/**
 * Expands one LZX chunk in the flavour of WIM and WOF (window 32 KiB, no 24-bit sizes, calls always translated).
 *
 * @param input - the chunk lies in `[from, to)` of it
 * @param output - `[outFrom, outTo)`, at most 32 KiB, is filled whole
 * @returns how many bytes were written, or `-1 - p` when the chunk is damaged near index `p` of `input`
 */
export function expandLzxInto(input: Uint8Array, from: number, to: number, output: Uint8Array, outFrom: number, outTo: number): number {
  const result = decoder.expand(input, from, to, output, outFrom, outTo);
  if (result >= 0) undoCallTranslation(output.subarray(outFrom, outTo));
  return result;
}

/**
 * The content of one LZX chunk.
 * @param size - its expanded size in bytes, 1…32768, as the container tells it
 * @throws DeadboxError `NTFS_COMPRESSION_INVALID` with the byte position in the chunk
 */
export function expandLzx(chunk: Uint8Array, size: number): Bytes {
  if (size > LZX_CHUNK_SIZE) {
    throw ntfsError('NTFS_COMPRESSION_INVALID', `An LZX chunk expands to at most ${LZX_CHUNK_SIZE} bytes, not ${size}`, {
      layer: 'LZX chunk',
      offset: 0,
    });
  }
  const output = new Uint8Array(size);
  const result = expandLzxInto(chunk, 0, chunk.length, output, 0, size);
  if (result < 0) {
    const offset = -1 - result;
    throw ntfsError('NTFS_COMPRESSION_INVALID', `LZX data is not valid at byte ${offset}`, { layer: 'LZX chunk', offset });
  }
  return output;
}

/**
 * The compressor turns the relative target of every x86 call (byte E8) into an absolute one, because equal targets compress better.
 * This turns them back. Positions count from the chunk's start; the last ten bytes are left alone.
 */
function undoCallTranslation(chunk: Uint8Array): void {
  const last = chunk.length - 10;
  // Four bytes a step where the alignment allows it; the calls of indexOf alone took a tenth of the whole time.
  const words = chunk.byteOffset % 4 === 0 ? new Int32Array(chunk.buffer, chunk.byteOffset, chunk.length >> 2) : undefined;
  for (let at = 0; at < last; ) {
    if (chunk[at] !== 0xe8) {
      at += 1;
      if (words === undefined || at % 4 !== 0) continue;
      let word = at >> 2;
      while (word < words.length && !hasCall(words[word])) word += 1;
      at = word * 4;
      continue;
    }
    const target = chunk[at + 1] | (chunk[at + 2] << 8) | (chunk[at + 3] << 16) | (chunk[at + 4] << 24);
    if (target >= -at && target < E8_FILE_SIZE) {
      // One subtraction for both: a path that is first taken late costs the optimised code.
      const relative = target - (target >= 0 ? at : -E8_FILE_SIZE);
      chunk[at + 1] = relative;
      chunk[at + 2] = relative >> 8;
      chunk[at + 3] = relative >> 16;
      chunk[at + 4] = relative >> 24;
    }
    at += 5;
  }
}

/** Whether one of the four bytes is E8: the known test for a zero byte, after E8 has been made zero. */
function hasCall(word: number): boolean {
  const zero = word ^ 0xe8e8_e8e8;
  return ((zero - 0x0101_0101) & ~zero & 0x8080_8080) !== 0;
}
