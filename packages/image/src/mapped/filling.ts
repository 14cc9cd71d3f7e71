import type { Bytes, MaybePromise } from '@deadbox/core';
import type { PackedPart } from './block-map.js';

/** A buffer that is being filled: how far it is, and what it waits for. */
export class Filling {
  readonly waiting: Promise<void>[] = [];
  readonly packed: PackedPart[] = [];
  done = 0;
  readonly target: Bytes;
  readonly #used: boolean;

  /** @param used - whether the target holds old bytes, so that zeros must be written */
  constructor(target: Bytes, used: boolean) {
    this.target = target;
    this.#used = used;
  }

  /** The next `length` bytes of the target. */
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
