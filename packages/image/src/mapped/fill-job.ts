import type { Bytes, MaybePromise } from '@deadbox/core';
import type { PackedJob } from './packed-units.js';

/** One call of `readInto`: how far it is, and what it waits for. */
export class FillJob {
  readonly waiting: Promise<void>[] = [];
  readonly packed: PackedJob[] = [];
  done = 0;
  readonly target: Bytes;
  readonly #used: boolean;

  constructor(target: Bytes, used: boolean) {
    this.target = target;
    this.#used = used;
  }

  take(length: number): Bytes {
    const piece = this.target.subarray(this.done, this.done + length);
    this.done += length;
    return piece;
  }

  zero(piece: Bytes): void {
    if (this.#used) piece.fill(0);
  }

  wait(pending: MaybePromise<void>): void {
    if (pending instanceof Promise) this.waiting.push(pending);
  }
}

/** Waits for all, also after a failure: a read that is still under way must not write into a buffer that its caller has back. */
export async function settled(waiting: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(waiting)) if (outcome.status === 'rejected') throw outcome.reason;
}
