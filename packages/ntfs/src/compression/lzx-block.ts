import type { ChunkWindow } from './chunk-window.js';
import { DAMAGED } from './damage.js';
import { LENGTH_BITS, LITERALS, LOW_BITS, type LzxCodes, MAIN_BITS } from './lzx-codes.js';
import { INPUT_MASK, type LzxInput } from './lzx-input.js';
import { SLOT_BASE } from './lzx-slots.js';
import { copyMatch, copyShortMatch, SHORT_MATCH } from './match-copy.js';
import { ENTRY_LENGTH, ENTRY_SHIFT } from './prefix-code.js';

/** The window of WIM and WOF, in bytes. */
export const LZX_WINDOW = 32768;
const WINDOW_MASK = LZX_WINDOW - 1;
const MIN_MATCH = 2;
/** Length heads from this one on are followed by a symbol of the length code. */
const LONG_HEAD = 7;
/** Bits of an offset that are coded apart, where it has that many. */
const LOW = 3;

/**
 * Expands symbols of the current block into the window, from `from` up to `sliceEnd` or, with the last match, a little
 * further.
 * @param blockEnd - a match beyond it is damage
 * @returns where it came to, or {@link DAMAGED}
 */
export type ExpandSlice = (from: number, sliceEnd: number, blockEnd: number) => number;

/**
 * The innermost loop. Why it is long, and refills its bits in four places, stands in this folder's README.
 * @param recent - the three most recent match offsets, all above 0
 */
export function makeExpandSlice(
  input: LzxInput,
  codes: LzxCodes,
  window: ChunkWindow,
  recent: Int32Array,
): ExpandSlice {
  const { words: packed } = input;
  const { bytes: output, words: outputWords } = window;
  const main = codes.main;
  const mainFast = main.fast;
  const lengths = codes.length;
  const lengthFast = lengths.fast;
  const lowFast = codes.low.fast;
  const slotBase = SLOT_BASE;
  const packedMask = INPUT_MASK;
  const windowMask = WINDOW_MASK;
  const mainBits = MAIN_BITS;
  const mainMask = (1 << MAIN_BITS) - 1;
  const lengthBits = LENGTH_BITS;
  const lengthMask = (1 << LENGTH_BITS) - 1;
  const lowBits = LOW_BITS;
  const lowMask = (1 << LOW_BITS) - 1;
  const shortMatch = SHORT_MATCH;

  const expandSlice: ExpandSlice = (from, sliceEnd, blockEnd) => {
    let recent0 = recent[0];
    let recent1 = recent[1];
    let recent2 = recent[2];
    let { at, bits, count } = input;
    let out = from;
    while (out < sliceEnd) {
      if (count < 16) {
        bits = (bits << 16) | packed[at & packedMask];
        at += 1;
        count += 16;
      }
      let entry = mainFast[(bits >>> (count - mainBits)) & mainMask];
      if (entry === 0) {
        entry = main.slow((bits >>> (count - 16)) & 0xffff);
        if (entry === 0) return DAMAGED;
      }
      count -= entry & ENTRY_LENGTH;
      const symbol = entry >> ENTRY_SHIFT;
      if (symbol < LITERALS) {
        output[out & windowMask] = symbol;
        out += 1;
        continue;
      }
      let length = (symbol & 7) + MIN_MATCH;
      if (length === LONG_HEAD + MIN_MATCH) {
        if (count < 16) {
          bits = (bits << 16) | packed[at & packedMask];
          at += 1;
          count += 16;
        }
        entry = lengthFast[(bits >>> (count - lengthBits)) & lengthMask];
        if (entry === 0) {
          entry = lengths.slow((bits >>> (count - 16)) & 0xffff);
          if (entry === 0) return DAMAGED;
        }
        count -= entry & ENTRY_LENGTH;
        length += entry >> ENTRY_SHIFT;
      }
      const slot = (symbol - LITERALS) >> 3;
      let distance: number;
      if (slot === 0) distance = recent0;
      else if (slot === 1) {
        distance = recent1;
        recent1 = recent0;
        recent0 = distance;
      } else if (slot === 2) {
        distance = recent2;
        recent2 = recent0;
        recent0 = distance;
      } else {
        if (count < 16) {
          bits = (bits << 16) | packed[at & packedMask];
          at += 1;
          count += 16;
        }
        // One more extra bit for every two slots, as lzx-slots.ts has it.
        const high = (slot >> 1) - 1 - LOW;
        distance = slotBase[slot & 31];
        if (high >= 0) {
          count -= high;
          distance += ((bits >>> count) & ((1 << high) - 1)) << LOW;
          if (count < 16) {
            bits = (bits << 16) | packed[at & packedMask];
            at += 1;
            count += 16;
          }
          entry = lowFast[(bits >>> (count - lowBits)) & lowMask];
          if (entry === 0) return DAMAGED;
          count -= entry & ENTRY_LENGTH;
          distance += entry >> ENTRY_SHIFT;
        } else {
          count -= high + LOW;
          distance += (bits >>> count) & ((1 << (high + LOW)) - 1);
        }
        recent2 = recent1;
        recent1 = recent0;
        recent0 = distance;
      }
      const source = out - distance;
      if (source < 0 || length > blockEnd - out) return DAMAGED;
      if (distance >= 4 && length <= shortMatch) {
        copyShortMatch(outputWords, out, source, length);
        out += length;
      } else out = copyMatch(output, out, distance, out + length);
    }
    recent[0] = recent0;
    recent[1] = recent1;
    recent[2] = recent2;
    input.at = at;
    input.bits = bits;
    input.count = count;
    return out;
  };
  return expandSlice;
}
