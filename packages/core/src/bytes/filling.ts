import type { Bytes, MaybePromise } from './bytes.js';

/** Reads under way at most; what is in more pieces goes on when these have ended. */
const MOST_WAITING = 256;

/** A buffer that is being filled: how far it is, and what it waits for. */
export class Filling {
  readonly target: Bytes;
  /** Bytes of the target that are taken. */
  done = 0;
  #waiting: Promise<unknown>[] = [];

  constructor(target: Bytes) {
    this.target = target;
  }

  /** Reads that have not ended yet, or whose failure has not been heard. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The next `length` bytes of the target, or what is left of it. */
  take(length: number): Bytes {
    const piece = this.target.subarray(this.done, this.done + length);
    this.done += piece.length;
    return piece;
  }

  /** Keeps `pending`, when it has not ended yet, for {@link settled}. */
  wait(pending: MaybePromise<unknown>): void {
    if (!(pending instanceof Promise)) return;
    // Its failure is heard in `settled`, which may be called later than the system asks whether somebody hears it.
    pending.catch(() => undefined);
    this.#waiting.push(pending);
  }

  /**
   * Waits for all, also after a failure: a read that is still under way must not write into a buffer that its caller
   * has back.
   */
  settled(): MaybePromise<void> {
    if (this.#waiting.length === 0) return undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    return settled(waiting);
  }
}

async function settled(waiting: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(waiting)) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Starts something for each of `items` and waits for all, also after a failure. */
export function sideBySide<T>(items: Iterable<T>, start: (item: T) => MaybePromise<unknown>): MaybePromise<void> {
  const waiting: Promise<unknown>[] = [];
  try {
    for (const item of items) {
      const pending = start(item);
      if (pending instanceof Promise) waiting.push(pending);
    }
  } catch (error) {
    if (waiting.length === 0) throw error;
    waiting.push(Promise.reject(error));
  }
  return waiting.length === 0 ? undefined : settled(waiting);
}

/**
 * Fills `target` from several places: `next` takes the next piece or pieces and starts what fills them. The reads run
 * side by side.
 * @param last - called when all pieces are taken, to start what is done with them together
 * @throws what the first piece that failed has thrown, when all have ended
 */
export function fillPieces(
  target: Bytes,
  next: (filling: Filling) => MaybePromise<void>,
  last?: (filling: Filling) => void,
): MaybePromise<void> {
  const filling = new Filling(target);
  try {
    while (filling.done < target.length) {
      const pending = filling.waiting < MOST_WAITING ? next(filling) : filling.settled();
      if (pending instanceof Promise) return fillLater(filling, pending, next, last);
    }
    last?.(filling);
  } catch (error) {
    if (filling.waiting === 0) throw error;
    filling.wait(Promise.reject(error));
  }
  return filling.settled();
}

async function fillLater(
  filling: Filling,
  begun: Promise<void>,
  next: (filling: Filling) => MaybePromise<void>,
  last?: (filling: Filling) => void,
): Promise<void> {
  try {
    await begun;
    while (filling.done < filling.target.length)
      await (filling.waiting < MOST_WAITING ? next(filling) : filling.settled());
    last?.(filling);
  } catch (error) {
    filling.wait(Promise.reject(error));
  }
  await filling.settled();
}
