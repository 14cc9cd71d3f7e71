import { appendFileSync } from 'node:fs';

/** What one side of a contest took: medians, and the smallest and the largest time. */
export interface SideFigures {
  readonly tool: string;
  readonly milliseconds: number;
  readonly smallest: number;
  readonly largest: number;
  /** Processor time, user and system, of all threads. */
  readonly processor: number;
  /** Peak resident memory. */
  readonly kilobytes: number;
  /** Calls that read, and their bytes, those of the program's own files included; where the system counts them. */
  readonly reads?: number;
  readonly bytes?: number;
}

/** Two programs at the same job, after their answers were found equal. */
export interface ContestFigures {
  readonly kind: 'contest';
  readonly bench: string;
  readonly job: string;
  readonly runs: number;
  readonly ours: SideFigures;
  readonly theirs: SideFigures;
  /** Our time over theirs; its smallest and largest among pairs that ran back to back. */
  readonly ratio: number;
  readonly pairs: readonly [number, number];
  readonly wanted: number;
  readonly isMet: boolean;
}

/** How a time grows with one quantity: processor time of all threads, or the wall clock where waiting counts. */
export interface CurveFigures {
  readonly kind: 'curve';
  readonly bench: string;
  readonly job: string;
  /** What grows: files, fragments, images, workers, milliseconds of latency. */
  readonly unit: string;
  readonly measure: 'processor time' | 'time';
  /** The quantity and the median of that time in milliseconds, in ascending order. */
  readonly points: readonly (readonly [quantity: number, milliseconds: number])[];
}

/** One number of a job that has no other program beside it, and what it must reach. */
export interface SingleFigure {
  readonly kind: 'figure';
  readonly bench: string;
  readonly job: string;
  readonly value: number;
  /** What the number counts: ms, MiB, requests, times as fast. */
  readonly unit: string;
  readonly limit: 'at most' | 'at least';
  readonly wanted: number;
  readonly isMet: boolean;
}

/** Keeps figures for `npm run bench -- --json FILE`, which names the file that lines are added to. */
export function keepFigures(figures: ContestFigures | CurveFigures | SingleFigure): void {
  const file = process.env.DEADBOX_BENCH_LINES;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(figures)}\n`);
}

/** The benchmark that is running, as `npm run bench` calls it. */
export const benchName: string = process.env.DEADBOX_BENCH ?? 'bench';

/** Prints one number and keeps it. Gives whether it is met. */
export function keepFigure(
  job: string,
  value: number,
  unit: string,
  limit: SingleFigure['limit'],
  wanted: number,
  detail = '',
): boolean {
  const isMet = limit === 'at most' ? value <= wanted : value >= wanted;
  keepFigures({ kind: 'figure', bench: benchName, job, value, unit, limit, wanted, isMet });
  const shown = value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(2);
  process.stdout.write(`${job}: ${shown} ${unit}${detail}; wanted ${limit} ${wanted}${isMet ? '' : '  MISSED'}\n`);
  return isMet;
}
