import { createRequire } from 'node:module';
import { usageError } from '../exit-code.js';

// What @deadbox/fleet gives. It stands below this package and is installed only by those who use a queue: nothing here
// imports it.

/** An image in the queue. */
export interface QueuedImage {
  readonly key: string;
  readonly path: string;
  readonly disk?: number;
  /** A `MachineDisk`, as it was submitted. */
  readonly machine?: unknown;
  readonly index: number;
}

/** How far a run, or a site's part of it, is. */
export interface QueueCounts {
  readonly images: number;
  readonly waiting: number;
  readonly active: number;
  readonly done: number;
  readonly lost: number;
}

/** How far a run is, by site. */
export interface QueueStatus extends QueueCounts {
  readonly sites: readonly ({ readonly site: string; readonly workers: number } & QueueCounts)[];
}

export interface QueueRun {
  readonly head: string;
  readonly fingerprint: string;
}

export type QueueResult =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'lost'; readonly job: QueuedImage; readonly reason: string };

/** The package. */
export interface FleetModule {
  shownAddress(url: string): string;
  submitJobs(url: string, site: string, run: QueueRun, jobs: readonly Omit<QueuedImage, 'index'>[]): Promise<number>;
  runOf(url: string): Promise<QueueRun>;
  workOn(options: {
    readonly url: string;
    readonly sites: readonly string[];
    readonly jobs: number;
    readonly fingerprint: string;
    readonly lease: number;
    readonly drain: boolean;
    readonly signal: AbortSignal;
    judge(job: QueuedImage): Promise<{ readonly line: Uint8Array; readonly failedInside: boolean }>;
    onServer(state: 'gone' | 'back', reason: string): void;
  }): Promise<number>;
  statusOf(url: string): Promise<QueueStatus>;
  eachResult(url: string, take: (result: QueueResult) => void): Promise<void>;
  cancelRun(url: string): Promise<number>;
}

/** @throws UsageError when it is not installed, or in an executable, which loads nothing but itself */
export function loadFleet(): FleetModule {
  // Node has this from 20.16 on.
  if (process.getBuiltinModule?.('node:sea')?.isSea()) throw usageError('fleet-missing', { executable: true });
  const require = createRequire(import.meta.url);
  try {
    return require('@deadbox/fleet/node') as FleetModule;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND')
      throw usageError('fleet-missing', { executable: false });
    throw error;
  }
}
