import { isDamage, type ReadOptions } from '@deadbox/core';

/**
 * Reads a fact of `S`. The function itself is the key under which the fact is kept, so that it is declared once, at the
 * top of a module.
 */
export type Fact<S, T> = (subject: S, options: ReadOptions) => Promise<T>;

/** Facts that several detectors need, each read once, when the first of them asks. */
export class SharedFacts<S> {
  readonly #facts = new Map<Fact<S, unknown>, Promise<unknown>>();
  readonly #subject: S;

  constructor(subject: S) {
    this.#subject = subject;
  }

  /** The fact; damage that kept it from being read is told to everybody who asks. */
  read<T>(fact: Fact<S, T>, options: ReadOptions): Promise<T> {
    const known = this.#facts.get(fact) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const reading = fact(this.#subject, options).catch((error: unknown) => {
      // What one caller's abort or a failing server prevented, the next one may ask for again.
      if (!isDamage(error, options.signal)) this.#facts.delete(fact);
      throw error;
    });
    this.#facts.set(fact, reading);
    return reading;
  }
}

/**
 * Does `work` for each item, at most `limit` at a time; the results in the order of the items. The first error ends it.
 */
export async function inFlight<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(items[index], index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
