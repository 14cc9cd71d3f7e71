import type { ChunkWindow } from './chunk-window.js';
import { DAMAGED } from './damage.js';
import { copyMatch, copyShortMatch, SHORT_MATCH } from './match-copy.js';
import { ENTRY_LENGTH, ENTRY_SHIFT, type PrefixCode } from './prefix-code.js';
import { INPUT_MASK, type XpressInput } from './xpress-input.js';

/** The most that a chunk expands to. */
export const XPRESS_WINDOW = 65536;
const WINDOW_MASK = XPRESS_WINDOW - 1;
/** Symbols from here on are 16 × 16 match heads. */
export const LITERALS = 256;
export const MIN_MATCH = 3;
/** Codes up to so many bits are found by one look. */
export const SYMBOL_BITS = 11;
/**
 * A length head of this says that the length follows as a byte, and that byte, when it is 255, that it follows in full.
 */
const LONG_HEAD = 15;
const LONG_BYTE = 255;

/** What {@link ExpandSlice} leaves to its caller. */
export interface LeftOver {
  /** Distance of a match whose length follows as a word, which is rare; 0 when there is none. */
  distance: number;
}

/**
 * Expands symbols into the window, from `from` up to `sliceEnd` or, with the last match, a little further, or up to a
 * match that it leaves.
 * @param end - a match beyond it is damage
 * @returns where it came to, or {@link DAMAGED}
 */
export type ExpandSlice = (from: number, sliceEnd: number, end: number) => number;

/** The innermost loop. Why it is long, and refills its bits in two places, stands in this folder's README. */
export function makeExpandSlice(
  input: XpressInput,
  code: PrefixCode,
  window: ChunkWindow,
  left: LeftOver,
): ExpandSlice {
  const { bytes: packed, words: packedWords } = input;
  const { bytes: output, words: outputWords } = window;
  const { fast } = code;
  const packedMask = INPUT_MASK;
  const windowMask = WINDOW_MASK;
  const symbolBits = SYMBOL_BITS;
  const symbolMask = (1 << SYMBOL_BITS) - 1;
  const shortMatch = SHORT_MATCH;

  const expandSlice: ExpandSlice = (from, sliceEnd, end) => {
    let { at, bits, count } = input;
    let out = from;
    let leftDistance = 0;
    while (out < sliceEnd) {
      if (count < 16) {
        bits = (bits << 16) | packedWords.getUint16(at & packedMask, true);
        at += 2;
        count += 16;
      }
      let entry = fast[(bits >>> (count - symbolBits)) & symbolMask];
      if (entry === 0) {
        entry = code.slow((bits >>> (count - 16)) & 0xffff);
        if (entry === 0) return DAMAGED;
      }
      count -= entry & ENTRY_LENGTH;
      const symbol = entry >> ENTRY_SHIFT;
      if (symbol < LITERALS) {
        output[out & windowMask] = symbol;
        out += 1;
        continue;
      }
      if (count < 16) {
        bits = (bits << 16) | packedWords.getUint16(at & packedMask, true);
        at += 2;
        count += 16;
      }
      const offsetBits = (symbol >> 4) & 15;
      count -= offsetBits;
      const distance = (1 << offsetBits) | ((bits >>> count) & ((1 << offsetBits) - 1));
      let length = symbol & 15;
      if (length === LONG_HEAD) {
        const more = packed[at & packedMask];
        at += 1;
        if (more === LONG_BYTE) {
          leftDistance = distance;
          break;
        }
        length += more;
      }
      length += MIN_MATCH;
      const source = out - distance;
      if (source < 0 || length > end - out) return DAMAGED;
      if (distance >= 4 && length <= shortMatch) {
        copyShortMatch(outputWords, out, source, length);
        out += length;
      } else out = copyMatch(output, out, distance, out + length);
    }
    input.at = at;
    input.bits = bits;
    input.count = count;
    left.distance = leftDistance;
    return out;
  };
  return expandSlice;
}
