import { copyMatch, copyShortMatch, SHORT_MATCH, SHORT_MATCH_SLACK, wordsOf } from './match-copy.js';
import { SLOT_BASE } from './lzx-slots.js';
import { PrefixCode } from './prefix-code.js';

/** 256 literals and 30 offset slots × 8 length heads: a window of 32 KiB has 30 slots. */
const MAIN_SYMBOLS = 496;
const LITERALS = 256;
const LENGTH_SYMBOLS = 249;
const ALIGNED_SYMBOLS = 8;
const PRE_SYMBOLS = 20;
/** From this symbol of the code for lengths on, one stands for several lengths. */
const RUN_SYMBOLS = 17;
const BLOCK_VERBATIM = 1;
const BLOCK_ALIGNED = 2;
const BLOCK_UNCOMPRESSED = 3;
const DEFAULT_BLOCK_SIZE = 32768;
const MIN_MATCH = 2;
/** Bytes that one call of the loop expands. */
const SLICE = 2048;
/** Slots from here on have at least three extra bits, of which aligned blocks code the low three. */
const FIRST_ALIGNED_SLOT = 8;

/** Signals damage inside the decoder; never leaves {@link LzxDecoder.expand}. */
const DAMAGE = -1;

/**
 * LZX with a window of 32 KiB (MS-PATCH 2, with the differences of WIM: block sizes of 16 bits, no header). One decoder is reused for
 * all chunks; nothing survives from chunk to chunk.
 */
export class LzxDecoder {
  readonly #main: PrefixCode = new PrefixCode(MAIN_SYMBOLS, 11);
  readonly #length: PrefixCode = new PrefixCode(LENGTH_SYMBOLS, 8);
  readonly #aligned: PrefixCode = new PrefixCode(ALIGNED_SYMBOLS, 7);
  readonly #pre: PrefixCode = new PrefixCode(PRE_SYMBOLS, 7);
  readonly #mainLengths: Uint8Array = new Uint8Array(MAIN_SYMBOLS);
  readonly #lengthLengths: Uint8Array = new Uint8Array(LENGTH_SYMBOLS);
  readonly #smallLengths: Uint8Array = new Uint8Array(PRE_SYMBOLS);
  /** The three most recent match offsets. */
  readonly #recent: Int32Array = new Int32Array(3);
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  #to = 0;
  /** The low `#count` bits are unread. */
  #bits = 0;
  #count = 0;

  /** As `expandLzxInto`, before the translation of calls is undone. */
  expand(input: Uint8Array, from: number, to: number, output: Uint8Array, outFrom: number, outTo: number): number {
    this.#input = input;
    this.#at = from;
    this.#to = to;
    this.#bits = 0;
    this.#count = 0;
    this.#recent.fill(1);
    this.#mainLengths.fill(0);
    this.#lengthLengths.fill(0);
    let out = outFrom;
    while (out < outTo) {
      const type = this.#read(3);
      const size = this.#read(1) === 1 ? DEFAULT_BLOCK_SIZE : this.#read(16);
      if (size === 0 || size > outTo - out) return this.#damage();
      let ok: boolean;
      if (type === BLOCK_UNCOMPRESSED) ok = this.#copyBlock(output, out, size);
      else if (type === BLOCK_VERBATIM || type === BLOCK_ALIGNED) {
        const aligned = type === BLOCK_ALIGNED;
        ok = this.#readCodes(aligned) && this.#expandBlock(output, outFrom, out, out + size, outTo, aligned);
      } else ok = false;
      // Words past the end read as zeros; needing one of them is damage.
      if (!ok || this.#at - ((this.#count >> 4) << 1) > to) return this.#damage();
      out += size;
    }
    return out - outFrom;
  }

  #damage(): number {
    return -1 - Math.min(this.#at, this.#to);
  }

  /** Makes at least 16 bits readable. */
  #fill(): void {
    if (this.#count >= 16) return;
    const at = this.#at;
    const word = at + 2 <= this.#to ? this.#input[at] | (this.#input[at + 1] << 8) : 0;
    this.#bits = (this.#bits << 16) | word;
    this.#at = at + 2;
    this.#count += 16;
  }

  /** The next `count` bits, 1…16. */
  #read(count: number): number {
    this.#fill();
    this.#count -= count;
    return (this.#bits >>> this.#count) & ((1 << count) - 1);
  }

  /** The next symbol of `code`, or {@link DAMAGE}. */
  #symbol(code: PrefixCode): number {
    this.#fill();
    const entry = code.fast[(this.#bits >>> (this.#count - code.fastBits)) & ((1 << code.fastBits) - 1)];
    if (entry !== 0) {
      this.#count -= entry & 15;
      return entry >> 4;
    }
    const slow = code.slow((this.#bits >>> (this.#count - 16)) & 0xffff);
    if (slow < 0) return DAMAGE;
    this.#count -= slow & 31;
    return slow >> 5;
  }

  /** The codes at the head of a verbatim or aligned block. */
  #readCodes(aligned: boolean): boolean {
    if (aligned) {
      for (let i = 0; i < ALIGNED_SYMBOLS; i++) this.#smallLengths[i] = this.#read(3);
      if (!this.#aligned.assign(this.#smallLengths, ALIGNED_SYMBOLS)) return false;
    }
    return (
      this.#readLengths(this.#mainLengths, 0, LITERALS) &&
      this.#readLengths(this.#mainLengths, LITERALS, MAIN_SYMBOLS) &&
      this.#main.assign(this.#mainLengths, MAIN_SYMBOLS) &&
      this.#readLengths(this.#lengthLengths, 0, LENGTH_SYMBOLS) &&
      this.#length.assign(this.#lengthLengths, LENGTH_SYMBOLS)
    );
  }

  /** Code lengths `[from, to)`: differences modulo 17 to those of the block before, under a code of their own. */
  #readLengths(lengths: Uint8Array, from: number, to: number): boolean {
    for (let i = 0; i < PRE_SYMBOLS; i++) this.#smallLengths[i] = this.#read(4);
    if (!this.#pre.assign(this.#smallLengths, PRE_SYMBOLS)) return false;
    const { fast, fastBits } = this.#pre;
    const mask = (1 << fastBits) - 1;
    for (let i = from; i < to; ) {
      // Single lengths, which are nearly all, without a detour over the fields.
      let bits = this.#bits;
      let count = this.#count;
      let entry = 0;
      while (i < to) {
        if (count < 16) {
          this.#bits = bits;
          this.#count = count;
          this.#fill();
          bits = this.#bits;
          count = this.#count;
        }
        entry = fast[(bits >>> (count - fastBits)) & mask];
        if (entry === 0 || entry >= RUN_SYMBOLS << 4) break;
        count -= entry & 15;
        const length = lengths[i] - (entry >> 4);
        lengths[i++] = length < 0 ? length + 17 : length;
      }
      this.#bits = bits;
      this.#count = count;
      if (i >= to) break;
      let symbol = this.#symbol(this.#pre);
      if (symbol < 0) return false;
      if (symbol < RUN_SYMBOLS) {
        const length = lengths[i] - symbol;
        lengths[i++] = length < 0 ? length + 17 : length;
        continue;
      }
      let length = 0;
      let run: number;
      if (symbol === 17) run = 4 + this.#read(4);
      else if (symbol === 18) run = 20 + this.#read(5);
      else {
        run = 4 + this.#read(1);
        symbol = this.#symbol(this.#pre);
        if (symbol < 0 || symbol > 16) return false;
        length = lengths[i] - symbol;
        if (length < 0) length += 17;
      }
      const end = Math.min(i + run, to);
      lengths.fill(length, i, end);
      i = end;
    }
    return true;
  }

  /** An uncompressed block: the recent offsets, then plain bytes, padded to an even length. */
  #copyBlock(output: Uint8Array, out: number, size: number): boolean {
    // Whole words that were only looked at go back; then the rest of the current word is skipped, or a whole word when there is none.
    if (this.#count >= 16) {
      this.#at -= 2;
      this.#count -= 16;
    }
    if (this.#count === 0) this.#at += 2;
    this.#count = 0;
    const input = this.#input;
    let at = this.#at;
    if (at + 12 + size > this.#to) return false;
    for (let i = 0; i < 3; i++, at += 4) {
      const offset = input[at] | (input[at + 1] << 8) | (input[at + 2] << 16) | (input[at + 3] << 24);
      // A recent offset of 0 or below points at nothing; it is refused here so that the hot loop need not look.
      if (offset <= 0) return false;
      this.#recent[i] = offset;
    }
    output.set(input.subarray(at, at + size), out);
    this.#at = at + size + (size & 1);
    return true;
  }

  /** Expands a block slice by slice: a function that is entered often, and left, is optimised sooner and for good. */
  #expandBlock(output: Uint8Array, chunkStart: number, from: number, blockEnd: number, chunkEnd: number, aligned: boolean): boolean {
    const words = wordsOf(output);
    let out = from;
    while (out >= 0 && out < blockEnd)
      out = this.#expandSlice(output, words, chunkStart, out, Math.min(out + SLICE, blockEnd), blockEnd, chunkEnd, aligned);
    return out >= 0;
  }

  /** Expands up to `sliceEnd` or, with the last match, a little further; gives where it came to, or {@link DAMAGE}. */
  #expandSlice(
    output: Uint8Array,
    words: DataView,
    chunkStart: number,
    from: number,
    sliceEnd: number,
    blockEnd: number,
    chunkEnd: number,
    aligned: boolean,
  ): number {
    const input = this.#input;
    const lastShort = chunkEnd - SHORT_MATCH_SLACK;
    const lastWord = this.#to - 2;
    const mainFast = this.#main.fast;
    const mainShift = this.#main.fastBits;
    const mainMask = (1 << mainShift) - 1;
    const lengthFast = this.#length.fast;
    const lengthShift = this.#length.fastBits;
    const lengthMask = (1 << lengthShift) - 1;
    const alignedFast = this.#aligned.fast;
    const alignedShift = this.#aligned.fastBits;
    const alignedMask = (1 << alignedShift) - 1;
    let recent0 = this.#recent[0];
    let recent1 = this.#recent[1];
    let recent2 = this.#recent[2];
    let at = this.#at;
    let bits = this.#bits;
    let count = this.#count;
    let out = from;
    while (out < sliceEnd) {
      if (count < 16) {
        bits = (bits << 16) | (at <= lastWord ? input[at] | (input[at + 1] << 8) : 0);
        at += 2;
        count += 16;
      }
      let entry = mainFast[(bits >>> (count - mainShift)) & mainMask];
      let symbol: number;
      if (entry >= LITERALS << 4) {
        symbol = entry >> 4;
        count -= entry & 15;
      } else if (entry !== 0) {
        count -= entry & 15;
        output[out++] = entry >> 4;
        continue;
      } else {
        entry = this.#main.slow((bits >>> (count - 16)) & 0xffff);
        if (entry < 0) return DAMAGE;
        symbol = entry >> 5;
        count -= entry & 31;
        if (symbol < LITERALS) {
          output[out++] = symbol;
          continue;
        }
      }
      let length = symbol & 7;
      const slot = (symbol - LITERALS) >> 3;
      if (length === 7) {
        if (count < 16) {
          bits = (bits << 16) | (at <= lastWord ? input[at] | (input[at + 1] << 8) : 0);
          at += 2;
          count += 16;
        }
        entry = lengthFast[(bits >>> (count - lengthShift)) & lengthMask];
        if (entry !== 0) {
          length += entry >> 4;
          count -= entry & 15;
        } else {
          entry = this.#length.slow((bits >>> (count - 16)) & 0xffff);
          if (entry < 0) return DAMAGE;
          length += entry >> 5;
          count -= entry & 31;
        }
      }
      length += MIN_MATCH;
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
        // One more bit for every two slots, as lzx-slots.ts has it.
        let extraBits = (slot >> 1) - 1;
        distance = SLOT_BASE[slot];
        if (count < 16) {
          bits = (bits << 16) | (at <= lastWord ? input[at] | (input[at + 1] << 8) : 0);
          at += 2;
          count += 16;
        }
        if (aligned && slot >= FIRST_ALIGNED_SLOT) {
          extraBits -= 3;
          count -= extraBits;
          distance += ((bits >>> count) & ((1 << extraBits) - 1)) << 3;
          if (count < 16) {
            bits = (bits << 16) | (at <= lastWord ? input[at] | (input[at + 1] << 8) : 0);
            at += 2;
            count += 16;
          }
          entry = alignedFast[(bits >>> (count - alignedShift)) & alignedMask];
          if (entry === 0) return DAMAGE;
          distance += entry >> 4;
          count -= entry & 15;
        } else {
          count -= extraBits;
          distance += (bits >>> count) & ((1 << extraBits) - 1);
        }
        recent2 = recent1;
        recent1 = recent0;
        recent0 = distance;
      }
      const source = out - distance;
      if (source < chunkStart || length > blockEnd - out) return DAMAGE;
      const end = out + length;
      if (distance >= 4 && length <= SHORT_MATCH && end <= lastShort) {
        copyShortMatch(words, out, source, length);
        out = end;
      } else out = copyMatch(output, out, distance, end);
    }
    this.#recent[0] = recent0;
    this.#recent[1] = recent1;
    this.#recent[2] = recent2;
    this.#at = at;
    this.#bits = bits;
    this.#count = count;
    return out;
  }
}
