import { INPUT_MASK, type LzxInput, NO_SYMBOL } from './lzx-input.js';
import { ENTRY_LENGTH, ENTRY_SHIFT, PrefixCode } from './prefix-code.js';

/** Main symbols from here on are 30 offset slots × 8 length heads: a window of 32 KiB has 30 slots. */
export const LITERALS = 256;
const MAIN_SYMBOLS = LITERALS + 240;
const LENGTH_SYMBOLS = 249;
const ALIGNED_SYMBOLS = 8;
const ALIGNED_BITS = 3;
const PRE_SYMBOLS = 20;
const PRE_BITS = 7;
/** From this symbol of the code for lengths on, one stands for several lengths. */
const RUN_SYMBOLS = 17;

/** Codes up to so many bits are found by one look. */
export const MAIN_BITS = 11;
export const LENGTH_BITS = 8;
/** All codes of aligned offsets are. */
export const LOW_BITS = 7;

/**
 * The three codes of a verbatim or aligned block. Their lengths are told as differences to those of the block before.
 */
export class LzxCodes {
  readonly main: PrefixCode = new PrefixCode(MAIN_SYMBOLS, MAIN_BITS);
  /** Of match lengths from 9 on. */
  readonly length: PrefixCode = new PrefixCode(LENGTH_SYMBOLS, LENGTH_BITS);
  /** Of the three low bits of a match offset: in a verbatim block, the bits themselves. */
  readonly low: PrefixCode = new PrefixCode(ALIGNED_SYMBOLS, LOW_BITS);
  readonly #pre: PrefixCode = new PrefixCode(PRE_SYMBOLS, PRE_BITS);
  readonly #mainLengths: Uint8Array = new Uint8Array(MAIN_SYMBOLS);
  readonly #lengthLengths: Uint8Array = new Uint8Array(LENGTH_SYMBOLS);
  readonly #smallLengths: Uint8Array = new Uint8Array(PRE_SYMBOLS);

  /** A chunk begins: there is no block before. */
  reset(): void {
    this.#mainLengths.fill(0);
    this.#lengthLengths.fill(0);
  }

  /** Reads the codes at the head of a block; `false` when there are none such. */
  read(input: LzxInput, aligned: boolean): boolean {
    for (let i = 0; i < ALIGNED_SYMBOLS; i++) this.#smallLengths[i] = aligned ? input.read(3) : ALIGNED_BITS;
    return (
      this.low.assign(this.#smallLengths, ALIGNED_SYMBOLS) &&
      this.#readLengths(input, this.#mainLengths, 0, LITERALS) &&
      this.#readLengths(input, this.#mainLengths, LITERALS, MAIN_SYMBOLS) &&
      this.main.assign(this.#mainLengths, MAIN_SYMBOLS) &&
      this.#readLengths(input, this.#lengthLengths, 0, LENGTH_SYMBOLS) &&
      this.length.assign(this.#lengthLengths, LENGTH_SYMBOLS)
    );
  }

  /** Code lengths `[from, to)`: differences modulo 17 to those of the block before, under a code of their own. */
  #readLengths(input: LzxInput, lengths: Uint8Array, from: number, to: number): boolean {
    for (let i = 0; i < PRE_SYMBOLS; i++) this.#smallLengths[i] = input.read(4);
    if (!this.#pre.assign(this.#smallLengths, PRE_SYMBOLS)) return false;
    for (let i = from; i < to; ) {
      i = this.#readSingleLengths(input, lengths, i, to);
      if (i === to) break;
      let symbol = input.symbol(this.#pre);
      if (symbol === NO_SYMBOL) return false;
      if (symbol < RUN_SYMBOLS) {
        lengths[i] = lessModulo17(lengths[i], symbol);
        i += 1;
        continue;
      }
      let length = 0;
      let run: number;
      if (symbol === 17) run = 4 + input.read(4);
      else if (symbol === 18) run = 20 + input.read(5);
      else {
        run = 4 + input.read(1);
        symbol = input.symbol(this.#pre);
        if (symbol === NO_SYMBOL || symbol >= RUN_SYMBOLS) return false;
        length = lessModulo17(lengths[i], symbol);
      }
      for (const end = Math.min(i + run, to); i < end; i++) lengths[i] = length;
    }
    return true;
  }

  /**
   * The lengths from `from` on that are told one by one, which are nearly all; returns where there is another kind of
   * symbol.
   */
  #readSingleLengths(input: LzxInput, lengths: Uint8Array, from: number, to: number): number {
    const { fast } = this.#pre;
    const { words } = input;
    let { at, bits, count } = input;
    let i = from;
    while (i < to) {
      if (count < 16) {
        bits = (bits << 16) | words[at & INPUT_MASK];
        at += 1;
        count += 16;
      }
      const entry = fast[(bits >>> (count - PRE_BITS)) & ((1 << PRE_BITS) - 1)];
      if (entry === 0 || entry >= RUN_SYMBOLS << ENTRY_SHIFT) break;
      count -= entry & ENTRY_LENGTH;
      lengths[i] = lessModulo17(lengths[i], entry >> ENTRY_SHIFT);
      i += 1;
    }
    input.at = at;
    input.bits = bits;
    input.count = count;
    return i;
  }
}

/** The difference of two numbers 0…16, modulo 17. */
function lessModulo17(left: number, right: number): number {
  const difference = left - right;
  return difference + (17 & (difference >> 31));
}
