import type { Bytes } from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { damageAt, damagedIndex } from './damage.js';
import { copyMatch, copyShortMatch, SHORT_MATCH, SHORT_MATCH_SLACK, wordsOf } from './match-copy.js';

/** Bytes that every LZNT1 chunk but the last expands to. */
export const LZNT1_CHUNK_SIZE = 4096;

/** The chunk that is expanded: its bytes, where they go, and how far it came. */
interface Chunk {
  readonly input: Uint8Array;
  readonly inputWords: DataView;
  readonly output: Uint8Array;
  readonly outputWords: DataView;
  /** Next byte of input, and where the chunk's input ends. */
  at: number;
  end: number;
  /** Where the chunk's output starts, goes on, and ends at most. */
  start: number;
  out: number;
  outEnd: number;
  /** Flags that are still to come, the next one lowest, under a 1 that marks their end. */
  flags: number;
}

/** No flag is left of a group. */
const NO_FLAGS = 1;

/**
 * Expands an LZNT1 stream (MS-XCA 2.5): chunks, each a u16 head (bits 0-11 chunk bytes - 3, bits 12-14 = 3, bit 15
 * compressed) and its data; a head of 0 ends the stream. The part of `output` that the stream does not reach is filled
 * with zeros, because NTFS units end early when their content does.
 *
 * @param input - the stream lies in `[from, to)` of it
 * @param output - expanded into `[outFrom, outTo)`; never read before it was written
 * @returns how many bytes the stream expanded to, or `damageAt` an index of `input`
 */
export function expandLznt1Into(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outFrom: number,
  outTo: number,
): number {
  const inputWords = wordsOf(input);
  const outputWords = wordsOf(output);
  const chunk = { input, inputWords, output, outputWords, at: 0, end: 0, start: 0, out: 0, outEnd: 0, flags: NO_FLAGS };
  let at = from;
  let out = outFrom;
  while (at + 2 <= to && out < outTo) {
    const head = input[at] | (input[at + 1] << 8);
    if (head === 0) break;
    if ((head & 0x7000) !== 0x3000) return damageAt(at);
    const next = at + (head & 0x0fff) + 3;
    const end = next < to ? next : to;
    const outEnd = out + LZNT1_CHUNK_SIZE < outTo ? out + LZNT1_CHUNK_SIZE : outTo;
    if ((head & 0x8000) === 0) {
      const length = Math.min(end - at - 2, outEnd - out);
      output.set(input.subarray(at + 2, at + 2 + length), out);
      out += length;
    } else {
      chunk.at = at + 2;
      chunk.end = end;
      chunk.start = out;
      chunk.out = out;
      chunk.outEnd = outEnd;
      if (!expandGroups(chunk) || !expandTokens(chunk)) return damageAt(chunk.at);
      out = chunk.out;
    }
    at = next;
    // A short chunk in the middle stands for a whole one whose rest is zero.
    if (at + 2 <= to && out < outEnd && (input[at] | input[at + 1]) !== 0) {
      output.fill(0, out, outEnd);
      out = outEnd;
    }
  }
  output.fill(0, out, outTo);
  return out - outFrom;
}

/** Bytes that the tokens of one group take at most, and what is read past a run of literals. */
const GROUP_BYTES = 16 + 8;

/**
 * Expands the groups that cannot run over either end, which are most: a byte of flags and eight tokens, each a literal
 * byte or a match of two bytes. A run of literals is copied in two words, whatever its length.
 * @returns `false` when the token at `chunk.at` is damaged
 */
function expandGroups(chunk: Chunk): boolean {
  const { input, inputWords, output, outputWords, start } = chunk;
  const lastGroup = chunk.end - GROUP_BYTES;
  const lastShort = chunk.outEnd - SHORT_MATCH - SHORT_MATCH_SLACK;
  let { at, out } = chunk;
  // The split of a token moves with the bytes produced: 4 bits of distance up to 16 bytes, one more for every doubling.
  let span = 16;
  let splitEnd = start + span;
  let lengthBits = 12;
  let lengthMask = 0x0fff;
  let flags = NO_FLAGS;
  let whole = true;
  groups: while (at < lastGroup && out < lastShort) {
    flags = input[at++] | 0x100;
    for (;;) {
      const literals = 31 - Math.clz32(flags & -flags);
      outputWords.setInt32(out, inputWords.getInt32(at, true), true);
      if (literals > 4) outputWords.setInt32(out + 4, inputWords.getInt32(at + 4, true), true);
      at += literals;
      out += literals;
      flags >>= literals;
      if (flags === NO_FLAGS) break;
      while (out > splitEnd) {
        span <<= 1;
        splitEnd = start + span;
        lengthBits--;
        lengthMask >>= 1;
      }
      const token = input[at] | (input[at + 1] << 8);
      const distance = (token >> lengthBits) + 1;
      const source = out - distance;
      if (source < start) {
        whole = false;
        break groups;
      }
      const length = (token & lengthMask) + 3;
      // This match, and what is left of its group, may reach the end.
      if (out + length > lastShort) break groups;
      at += 2;
      if (distance >= 4 && length <= SHORT_MATCH) {
        copyShortMatch(outputWords, out, source, length);
        out += length;
      } else out = copyMatch(output, out, distance, out + length);
      flags >>= 1;
      if (flags === NO_FLAGS) break;
    }
  }
  chunk.at = at;
  chunk.out = out;
  chunk.flags = flags;
  return whole;
}

/**
 * Expands the rest of a chunk, token by token, up to its end or the end of the output.
 * @returns `false` when the token at `chunk.at` is damaged
 */
function expandTokens(chunk: Chunk): boolean {
  const { input, output, start, end, outEnd } = chunk;
  let { at, out, flags } = chunk;
  let span = 16;
  let lengthBits = 12;
  while (at < end && out < outEnd) {
    if (flags === NO_FLAGS) {
      flags = input[at++] | 0x100;
      continue;
    }
    const isMatch = (flags & 1) !== 0;
    flags >>= 1;
    if (!isMatch) {
      output[out++] = input[at++];
      continue;
    }
    // A token of which only the first byte is left: the stream was cut off here.
    if (at + 2 > end) break;
    while (out - start > span) {
      span <<= 1;
      lengthBits--;
    }
    const token = input[at] | (input[at + 1] << 8);
    const distance = (token >> lengthBits) + 1;
    if (out - distance < start) {
      chunk.at = at;
      return false;
    }
    at += 2;
    out = copyMatch(output, out, distance, Math.min(out + (token & ((1 << lengthBits) - 1)) + 3, outEnd));
  }
  chunk.out = out;
  return true;
}

/**
 * The content of a whole LZNT1 stream.
 * @param size - expanded bytes wanted; what the stream does not reach is zero
 * @throws DeadboxError `NTFS_COMPRESSION_INVALID` with the byte position in the stream: a chunk head that is none, a
 * match before the chunk's start
 */
export function expandLznt1(stream: Uint8Array, size: number): Bytes {
  const output = new Uint8Array(size);
  const result = expandLznt1Into(stream, 0, stream.length, output, 0, size);
  if (result < 0) {
    const offset = damagedIndex(result);
    const what = `LZNT1 chunk head or match is not valid at byte ${offset}`;
    throw ntfsError('NTFS_COMPRESSION_INVALID', what, { layer: 'LZNT1 stream', offset });
  }
  return output;
}
