import type { Bytes } from './bytes.js';

const CHUNK_SIZE = 1 << 19;
/** Longest line: two paths of 256 names, and numbers. */
const LONGEST_LINE = 2 * 257 * 766 + 1024;

/**
 * Gathers lines as bytes in two buffers by turns, so that one can be written while the other fills; numbers and ASCII
 * are written digit by digit, without strings in between.
 */
export class ByteLines {
  /** The buffer that fills; grows only when a line is longer than any path. */
  chunk: Bytes = new Uint8Array(0);
  #other: Bytes = new Uint8Array(CHUNK_SIZE + LONGEST_LINE);
  /** Bytes in use. */
  at = 0;

  constructor() {
    // A member that was never changed is a constant to the engine, which throws away all code that relies on it when
    // the first buffer is full.
    this.#swap();
  }

  /** Whether there is enough to be taken. */
  get isFull(): boolean {
    return this.at >= CHUNK_SIZE;
  }

  /** What there is, `undefined` when nothing; it stays until the next is taken. */
  take(): Bytes | undefined {
    if (this.at === 0) return undefined;
    const { at } = this;
    const full = this.#swap();
    this.at = 0;
    return full.subarray(0, at);
  }

  #swap(): Bytes {
    const full = this.chunk;
    this.chunk = this.#other.length === 0 ? new Uint8Array(CHUNK_SIZE + LONGEST_LINE) : this.#other;
    this.#other = full;
    return full;
  }

  /** Makes room for `more` bytes. */
  reserve(more: number): void {
    if (this.at + more <= this.chunk.length) return;
    const grown = new Uint8Array(this.at + more + LONGEST_LINE);
    grown.set(this.chunk.subarray(0, this.at));
    this.chunk = grown;
  }

  /** Adds all bytes of `source`. */
  all(source: Uint8Array): void {
    this.bytes(source, 0, source.length);
  }

  /** Adds `length` bytes of `source`. */
  bytes(source: Uint8Array, from: number, length: number): void {
    const { chunk } = this;
    let { at } = this;
    for (let i = from; i < from + length; i += 1) chunk[at++] = source[i];
    this.at = at;
  }

  /** Adds bytes that stand in the chunk already. */
  again(from: number, to: number): void {
    this.chunk.copyWithin(this.at, from, to);
    this.at += to - from;
  }

  /** Adds a whole number in decimal. */
  decimal(value: number): void {
    if (value < 0) {
      this.chunk[this.at++] = 0x2d;
      this.decimal(-value);
      return;
    }
    if (value >= 1e9) {
      const high = Math.floor(value / 1e9);
      this.decimal(high);
      this.digits(value - high * 1e9, 9);
      return;
    }
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits += 1;
    this.digits(value, digits);
  }

  /** Adds the last `count` digits of a whole number below 2^31, zeros before it. */
  digits(value: number, count: number): void {
    const { chunk } = this;
    let rest = value | 0;
    let at = this.at + count;
    this.at = at;
    // Two digits a step.
    for (let left = count; left > 1; left -= 2) {
      const next = (rest / 100) | 0;
      const pair = (rest - next * 100) * 2;
      chunk[--at] = PAIRS[pair + 1];
      chunk[--at] = PAIRS[pair];
      rest = next;
    }
    if ((count & 1) !== 0) chunk[at - 1] = 0x30 + rest;
  }
}

/** The digits of 0 to 99. */
const PAIRS: Uint8Array = Uint8Array.from(
  { length: 200 },
  (_, i) => 0x30 + ((i & 1) === 0 ? Math.floor(i / 20) : (i >> 1) % 10),
);
