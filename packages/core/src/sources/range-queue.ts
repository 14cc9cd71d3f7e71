import type { Bytes } from '../bytes/bytes.js';

/** A range that somebody waits for. */
interface Demand {
  readonly from: number;
  to: number;
  readonly resolve: (bytes: Bytes) => void;
  readonly reject: (error: unknown) => void;
  /** Set when the caller gave up. */
  dropped: boolean;
  readonly detach: () => void;
}

/** Demands that one request answers. */
interface Batch {
  readonly from: number;
  to: number;
  readonly demands: Demand[];
}

/** What a {@link RangeQueue} may do. */
export interface RangeQueueLimits {
  /** Requests under way at once. */
  readonly parallel: number;
  /** Ranges closer than this many bytes are asked for together. */
  readonly gap: number;
  /** Longest request in bytes; longer demands are split by the caller. */
  readonly longest: number;
}

/**
 * Collects the ranges that are asked for at the same moment, joins neighbours, and keeps a number of requests under
 * way. A request ends early only when everybody who waits for it has given up.
 */
export class RangeQueue {
  readonly #fetch: (from: number, to: number, signal: AbortSignal) => Promise<Bytes>;
  readonly #limits: RangeQueueLimits;
  #waiting: Demand[] = [];
  readonly #batches: Batch[] = [];
  #running = 0;
  /** One for each request under way: looks whether anybody still waits for it. */
  readonly #watchers = new Set<() => void>();

  constructor(fetch: (from: number, to: number, signal: AbortSignal) => Promise<Bytes>, limits: RangeQueueLimits) {
    this.#fetch = fetch;
    this.#limits = limits;
  }

  /** Bytes `[from, to)`. */
  get(from: number, to: number, signal: AbortSignal | undefined): Promise<Bytes> {
    return new Promise<Bytes>((resolve, reject) => {
      const drop = (): void => {
        demand.dropped = true;
        reject(signal?.reason as Error);
        for (const look of this.#watchers) look();
      };
      const demand: Demand = {
        from,
        to,
        resolve,
        reject,
        dropped: false,
        detach: () => signal?.removeEventListener('abort', drop),
      };
      signal?.addEventListener('abort', drop, { once: true });
      // Everything that is asked for in this turn of the event loop is looked at together.
      if (this.#waiting.length === 0) queueMicrotask(() => this.#collect());
      this.#waiting.push(demand);
    });
  }

  #collect(): void {
    const demands = this.#waiting.sort((a, b) => a.from - b.from);
    this.#waiting = [];
    let last: Batch | undefined;
    for (const demand of demands) {
      const joins =
        last !== undefined &&
        demand.from <= last.to + this.#limits.gap &&
        demand.to - last.from <= this.#limits.longest;
      if (last !== undefined && joins) {
        last.to = Math.max(last.to, demand.to);
        last.demands.push(demand);
      } else {
        last = { from: demand.from, to: demand.to, demands: [demand] };
        this.#batches.push(last);
      }
    }
    this.#next();
  }

  #next(): void {
    while (this.#running < this.#limits.parallel) {
      const batch = this.#batches.shift();
      if (batch === undefined) return;
      if (batch.demands.every(({ dropped }) => dropped)) continue;
      this.#running += 1;
      void this.#run(batch).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #run(batch: Batch): Promise<void> {
    const controller = new AbortController();
    const look = (): void => {
      if (batch.demands.every(({ dropped }) => dropped)) controller.abort();
    };
    this.#watchers.add(look);
    try {
      const bytes = await this.#fetch(batch.from, batch.to, controller.signal);
      // A small piece must not keep a large answer alive.
      const whole = batch.demands.length === 1;
      for (const { from, to, resolve } of batch.demands) {
        resolve(whole ? bytes : bytes.slice(from - batch.from, to - batch.from));
      }
    } catch (error) {
      for (const { reject } of batch.demands) reject(error);
    } finally {
      this.#watchers.delete(look);
      for (const { detach } of batch.demands) detach();
    }
  }
}
