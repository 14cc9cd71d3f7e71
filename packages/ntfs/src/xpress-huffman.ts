import { type Bytes } from '@deadbox/core';
import { ntfsError } from './errors.js';
import { copyMatch, copyShortMatch, SHORT_MATCH, SHORT_MATCH_SLACK, wordsOf } from './match-copy.js';
import { PrefixCode } from './prefix-code.js';

/** 256 literals and 16 × 16 match heads. */
const SYMBOLS = 512;
const LITERALS = 256;
/** The code lengths at the start of a chunk: 4 bits a symbol. */
const LENGTHS_BYTES = SYMBOLS / 2;
const MIN_MATCH = 3;

const code: PrefixCode = new PrefixCode(SYMBOLS);
const lengths: Uint8Array = new Uint8Array(SYMBOLS);

/**
 * Expands one XPRESS Huffman chunk (MS-XCA 2.2, with the layout WOF and WIM use): 512 code lengths of 4 bits, then 16-bit
 * little-endian words read from their highest bit; long match lengths stand as bytes between the words.
 *
 * @param input - the chunk lies in `[from, to)` of it
 * @param output - `[outFrom, outTo)` is filled whole: the chunk's expanded size is known from outside
 * @returns how many bytes were written, or `-1 - p` when the chunk is damaged near index `p` of `input`
 */
export function expandXpressInto(input: Uint8Array, from: number, to: number, output: Uint8Array, outFrom: number, outTo: number): number {
  let at = from + LENGTHS_BYTES;
  if (at > to) return -1 - to;
  for (let i = 0, symbol = 0; i < LENGTHS_BYTES; i++) {
    const pair = input[from + i];
    lengths[symbol++] = pair & 15;
    lengths[symbol++] = pair >> 4;
  }
  if (!code.assign(lengths, SYMBOLS)) return -1 - from;
  const fast = code.fast;
  const shift = code.fastBits;
  const mask = (1 << shift) - 1;
  const lastWord = to - 2;
  const words = wordsOf(output);
  const lastShort = outTo - SHORT_MATCH_SLACK;
  let out = outFrom;
  // The low `count` bits of `bits` are unread; what lies above them is already used. Words past the end read as zeros, and whether
  // they were needed is checked at the end.
  let bits = 0;
  let count = 0;
  while (out < outTo) {
    if (count < 16) {
      bits = (bits << 16) | (at <= lastWord ? input[at] | (input[at + 1] << 8) : 0);
      at += 2;
      count += 16;
    }
    let entry = fast[(bits >>> (count - shift)) & mask];
    let symbol: number;
    if (entry >= LITERALS << 4) {
      symbol = entry >> 4;
      count -= entry & 15;
    } else if (entry !== 0) {
      count -= entry & 15;
      output[out++] = entry >> 4;
      continue;
    } else {
      entry = code.slow((bits >>> (count - 16)) & 0xffff);
      if (entry < 0) return -1 - Math.min(at, to);
      symbol = entry >> 5;
      count -= entry & 31;
      if (symbol < LITERALS) {
        output[out++] = symbol;
        continue;
      }
    }
    if (count < 16) {
      bits = (bits << 16) | (at <= lastWord ? input[at] | (input[at + 1] << 8) : 0);
      at += 2;
      count += 16;
    }
    const offsetBits = (symbol >> 4) & 15;
    count -= offsetBits;
    const distance = (1 << offsetBits) | ((bits >>> count) & ((1 << offsetBits) - 1));
    let length = symbol & 15;
    if (length === 15) {
      if (at >= to) return -1 - to;
      const extra = input[at++];
      length += extra;
      if (extra === 255) {
        if (at + 2 > to) return -1 - to;
        length = input[at] | (input[at + 1] << 8);
        at += 2;
        if (length === 0) {
          if (at + 4 > to) return -1 - to;
          length = (input[at] | (input[at + 1] << 8) | (input[at + 2] << 16) | (input[at + 3] << 24)) >>> 0;
          at += 4;
        }
      }
    }
    length += MIN_MATCH;
    const source = out - distance;
    if (source < outFrom || length > outTo - out) return -1 - Math.min(at, to);
    const end = out + length;
    if (distance >= 4 && length <= SHORT_MATCH && end <= lastShort) {
      copyShortMatch(words, out, source, length);
      out = end;
    } else out = copyMatch(output, out, distance, end);
  }
  // Used up to here: what was loaded, less the whole words still waiting in `bits`.
  if (at - ((count >> 4) << 1) > to) return -1 - to;
  return out - outFrom;
}

/**
 * The content of one XPRESS Huffman chunk.
 * @param size - its expanded size in bytes, as the container tells it
 * @throws DeadboxError `NTFS_COMPRESSION_INVALID` with the byte position in the chunk
 */
export function expandXpress(chunk: Uint8Array, size: number): Bytes {
  const output = new Uint8Array(size);
  const result = expandXpressInto(chunk, 0, chunk.length, output, 0, size);
  if (result < 0) {
    const offset = -1 - result;
    throw ntfsError('NTFS_COMPRESSION_INVALID', `XPRESS Huffman data is not valid at byte ${offset}`, { layer: 'XPRESS chunk', offset });
  }
  return output;
}
