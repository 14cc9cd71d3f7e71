import type { Bytes } from '@deadbox/core';
import { compress, INITIAL, schedule } from './sha256-words.js';

/** Rounds of SHA-256 between a typed secret and its key: fixed since Windows Vista. */
export const STRETCH_ROUNDS: number = 0x10_0000;

/**
 * Rounds between two chances to stop, report or let others run: some 40 ms. A pause costs a millisecond (four in
 * browsers).
 */
const SLICE = 0x1_0000;

/** Options of {@link stretchKey}. */
export interface StretchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called between slices with the share done, 0…1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Fewer rounds, for the published intermediate values only. */
  readonly rounds?: number;
}

/**
 * BitLocker's key stretching: `last = SHA-256(last || initial || salt || count)`, 1,048,576 times, count from 0, `last`
 * zero at first. Runs in slices so that neither a page nor a server stands still. Source: libbde format document, "Key
 * stretching"; tested with its own vectors.
 * @param initial - 32 bytes: hash of the secret
 * @param salt - 16 bytes
 * @returns 32 bytes; the caller wipes them
 */
export async function stretchKey(initial: Bytes, salt: Bytes, options: StretchOptions = {}): Promise<Bytes> {
  const rounds = options.rounds ?? STRETCH_ROUNDS;
  const state = new Stretch(initial, salt);
  try {
    for (let done = 0; done < rounds; done += SLICE) {
      state.run(done, Math.min(rounds, done + SLICE));
      options.onProgress?.(Math.min(1, (done + SLICE) / rounds));
      if (done + SLICE < rounds) await pause();
      options.signal?.throwIfAborted();
    }
    return state.result();
  } finally {
    state.wipe();
  }
}

/** A turn of the event loop: timers and I/O run, unlike after a resolved promise. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * The message has 88 bytes, so it is always two blocks: `last || initial`, then `salt || count || padding`.
 * Kept as big-endian words throughout; only the counter, stored little-endian, needs its bytes swapped.
 */
class Stretch {
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
