import type { MaybePromise } from './bytes.js';

/**
 * What `next` makes of `value`: at once where it is there, so that reads that are answered from memory cost no promise.
 */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/**
 * Calls `step` with how far it has come, until that is `end`; each step says how much it did, and begins when the one
 * before has ended.
 * @param done - where to begin
 */
export function advance(end: number, step: (done: number) => MaybePromise<number>, done = 0): MaybePromise<void> {
  for (let at = done; at < end; ) {
    const more = step(at);
    if (more instanceof Promise) return advanceLater(end, step, at, more);
    at += more;
  }
  return undefined;
}

async function advanceLater(
  end: number,
  step: (done: number) => MaybePromise<number>,
  done: number,
  begun: Promise<number>,
): Promise<void> {
  for (let at = done + (await begun); at < end; ) {
    const more = await step(at);
    at += more;
  }
}
