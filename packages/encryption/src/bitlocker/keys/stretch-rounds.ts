import type { Bytes } from '@deadbox/core';
import { compress, INITIAL, schedule } from './sha256-words.js';

/** A key stretching under way: rounds of `last = SHA-256(last || initial || salt || count)`. */
export interface Stretch {
  /** Runs the rounds that count `from`…`to - 1`. */
  run(from: number, to: number): void;
  /** The 32 bytes of `last`. */
  result(): Bytes;
  /** Overwrites what it keeps. */
  wipe(): void;
}

/**
 * Key stretching in plain JavaScript, for browsers: WebCrypto hashes in promises, which would cost more than the hash.
 * @param initial - 32 bytes
 * @param salt - 16 bytes
 */
export function createStretch(initial: Bytes, salt: Bytes): Stretch {
  return new WordStretch(initial, salt);
}

/**
 * The message has 88 bytes, so it is always two blocks: `last || initial`, then `salt || count || padding`.
 * Kept as big-endian words throughout; only the counter, stored little-endian, needs its bytes swapped.
 */
class WordStretch implements Stretch {
  readonly #first = new Int32Array(64);
  readonly #second = new Int32Array(64);
  readonly #last = new Int32Array(8);

  constructor(initial: Bytes, salt: Bytes) {
    const view = new DataView(initial.buffer, initial.byteOffset, 32);
    const salted = new DataView(salt.buffer, salt.byteOffset, 16);
    for (let i = 0; i < 8; i += 1) this.#first[8 + i] = view.getInt32(i * 4);
    for (let i = 0; i < 4; i += 1) this.#second[i] = salted.getInt32(i * 4);
    // Padding of a message of 88 bytes: one bit, zeros, the length of 704 bits.
    this.#second[6] = 0x8000_0000 | 0;
    this.#second[15] = 704;
  }

  run(from: number, to: number): void {
    const first = this.#first;
    const second = this.#second;
    const last = this.#last;
    for (let count = from; count < to; count += 1) {
      for (let i = 0; i < 8; i += 1) {
        first[i] = last[i];
        last[i] = INITIAL[i];
      }
      second[4] = ((count & 0xff) << 24) | ((count & 0xff00) << 8) | ((count >>> 8) & 0xff00) | (count >>> 24);
      schedule(first);
      compress(last, first);
      schedule(second);
      compress(last, second);
    }
  }

  result(): Bytes {
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < 8; i += 1) view.setInt32(i * 4, this.#last[i]);
    return bytes;
  }

  wipe(): void {
    this.#first.fill(0);
    this.#second.fill(0);
    this.#last.fill(0);
  }
}
