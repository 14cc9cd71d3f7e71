import type { Bytes } from '@deadbox/core';
import { createStretch } from '#stretch-rounds';

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
  const state = createStretch(initial, salt);
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
