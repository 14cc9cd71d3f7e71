import { ENTRY_LENGTH, ENTRY_SHIFT, type PrefixCode } from './prefix-code.js';

/** Bytes of a chunk that are looked at: 32 KiB expand from less, unless whoever wrote them took pains to waste room. */
const INPUT_BYTES: number = 1 << 16;
/** {@link LzxInput.symbol}: no code begins with the next bits. */
export const NO_SYMBOL = -1;
/** Makes an index into {@link LzxInput.words} of any number. */
export const INPUT_MASK: number = (INPUT_BYTES >> 1) - 1;

/**
 * The packed bytes of one chunk as a row of bits: 16-bit little-endian words, each read from its highest bit (MS-PATCH
 * 2.2).
 */
export class LzxInput {
  readonly bytes: Uint8Array = new Uint8Array(INPUT_BYTES);
  /**
   * The same, as words. What follows the chunk's own is left over from an earlier chunk: needing it is damage, see
   * {@link overrun}.
   */
  readonly words: Uint16Array = new Uint16Array(this.bytes.buffer);
  /** Number of the next word. */
  at = 0;
  /** The low `count` bits are unread. */
  bits = 0;
  count = 0;
  #length = 0;

  /** Begins with the chunk in `[from, to)` of `packed`. */
  load(packed: Uint8Array, from: number, to: number): void {
    this.#length = Math.min(to - from, INPUT_BYTES);
    this.bytes.set(packed.subarray(from, from + this.#length));
    this.at = 0;
    this.bits = 0;
    this.count = 0;
  }

  /** Whether more was read than the chunk has. */
  get overrun(): boolean {
    return (this.at - (this.count >> 4)) * 2 > this.#length;
  }

  /** Near which byte of the chunk the reading is. */
  get position(): number {
    return Math.min(this.at * 2, this.#length);
  }

  /** Makes at least 16 bits readable. */
  fill(): void {
    if (this.count >= 16) return;
    this.bits = (this.bits << 16) | this.words[this.at & INPUT_MASK];
    this.at += 1;
    this.count += 16;
  }

  /** The next `count` bits, 1…16. */
  read(count: number): number {
    this.fill();
    this.count -= count;
    return (this.bits >>> this.count) & ((1 << count) - 1);
  }

  /** The next symbol of `code`, or {@link NO_SYMBOL} when no code begins so. */
  symbol(code: PrefixCode): number {
    this.fill();
    let entry = code.fast[(this.bits >>> (this.count - code.fastBits)) & ((1 << code.fastBits) - 1)];
    if (entry === 0) entry = code.slow((this.bits >>> (this.count - 16)) & 0xffff);
    this.count -= entry & ENTRY_LENGTH;
    return entry === 0 ? NO_SYMBOL : entry >> ENTRY_SHIFT;
  }

  /**
   * Leaves the bits: the rest of the current word is skipped, or a whole word when there is none.
   * @returns index of the next byte
   */
  toBytes(): number {
    // A whole word that was only looked at goes back.
    if (this.count >= 16) {
      this.at -= 1;
      this.count -= 16;
    }
    if (this.count === 0) this.at += 1;
    this.count = 0;
    return this.at * 2;
  }

  /** Goes on with bits after the byte at index `at`, which is even. */
  toBits(at: number): void {
    this.at = at >> 1;
  }
}
