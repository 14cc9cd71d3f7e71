import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { hasTool } from '../support/tools.js';
import { benchName, keepFigures, type SideFigures } from './figures.js';

/** The command line that is measured: the built one, or the one that DEADBOX_CLI names. */
export const cli: string = process.env.DEADBOX_CLI ?? join(import.meta.dirname, '../../packages/cli/bin/deadbox.js');

/** What one run of a program took. */
export interface Measured {
  /** Wall clock, process start included. */
  milliseconds: number;
  /** Processor time, user and system, of all its threads. */
  processor: number;
  /** Peak resident memory. */
  kilobytes: number;
  /** Calls that read, and their bytes, where the system counts them (Linux). */
  reads?: number;
  bytes?: number;
}

/** Two programs that do the same job. */
export interface Contest {
  name: string;
  /** Arguments of `deadbox`; `prepare` and both commands are called anew for every run. */
  ours: readonly string[];
  theirs: readonly [tool: string, ...args: string[]];
  /** What the table calls it, where a shell starts it. */
  peer?: string;
  /** Their second step, timed with the first, where they need two. */
  theirsThen?: readonly [tool: string, ...args: string[]];
  /** Our time over theirs must be at most this. */
  atMost: number;
  /** Runs of each; default 9. */
  runs?: number;
  /** Runs before each run of either, not timed: removes the outputs of the run before. */
  prepare?: () => void;
  /**
   * Throws when the outputs differ; gets the files that stdout went to. Called after the first pair of runs, which is
   * not counted.
   */
  compare: (ours: string, theirs: string) => void;
  /** Whether our peak memory must be lower, too. */
  memory?: boolean;
  /** Exit codes that count as success; default 0. */
  ourStatus?: readonly number[];
  theirStatus?: readonly number[];
}

/** One line about the machine. */
export function machine(): string {
  return `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, warm page cache, medians of alternating runs (smallest to largest)`;
}

/** Runs a program once; its stdout goes to `output`. */
export function timed(
  tool: string,
  args: readonly string[],
  output: string,
  scratch: string,
  accepted: readonly number[] = [0],
): Measured {
  const handle = openSync(output, 'w');
  const usage = join(scratch, 'usage');
  const complaints = join(scratch, 'stderr');
  const io = join(scratch, 'io');
  const errors = openSync(complaints, 'w');
  const started = process.hrtime.bigint();
  const command = ['sh', '-c', COUNTED, 'sh', io, tool, ...args];
  const { error, status } = spawnSync('/usr/bin/time', ['-q', '-f', '%M %U %S', '-o', usage, ...command], {
    stdio: ['ignore', handle, errors],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  closeSync(handle);
  closeSync(errors);
  if (error !== undefined) throw error;
  if (status === null || !accepted.includes(status)) {
    throw new Error(
      `${tool} ${args.join(' ')} ended with ${status}: ${readFileSync(complaints, 'utf8').slice(0, 400)}`,
    );
  }
  const [kilobytes = 0, user = 0, system = 0] = readFileSync(usage, 'utf8').trim().split(' ').map(Number);
  return { milliseconds, processor: (user + system) * 1000, kilobytes, ...readsIn(io) };
}

/** A shell has the reads of the commands that it waited for in its own account. */
const COUNTED = 'io=$1; shift; "$@"; status=$?; cat /proc/$$/io > "$io" 2> /dev/null; exit $status';

function readsIn(path: string): { reads: number; bytes: number } | undefined {
  const text = readFileSync(path, 'utf8');
  const number = (name: string): string | undefined => new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1];
  const [reads, bytes] = [number('syscr'), number('rchar')];
  return reads === undefined || bytes === undefined ? undefined : { reads: Number(reads), bytes: Number(bytes) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
}

/** Both sides in turn; prints what was found. Gives whether the figure was met; what fails is said and not met. */
export function hold(contest: Contest, scratch: string): boolean {
  try {
    return held(contest, scratch);
  } catch (cause) {
    process.stdout.write(`${contest.name}: FAILED: ${cause instanceof Error ? cause.message : String(cause)}\n`);
    return false;
  }
}

function held(contest: Contest, scratch: string): boolean {
  const { name, ours, theirs, atMost } = contest;
  const [tool, ...args] = theirs;
  if (!hasTool(tool)) {
    process.stdout.write(`${name}: ${tool} is not installed, not measured\n`);
    return false;
  }
  const own: Measured[] = [];
  const other: Measured[] = [];
  const ownOutput = join(scratch, 'ours');
  const otherOutput = join(scratch, 'theirs');
  for (let turn = -1; turn < (contest.runs ?? 9); turn += 1) {
    contest.prepare?.();
    const first = timed(process.execPath, [cli, ...ours], ownOutput, scratch, contest.ourStatus);
    const second = timed(tool, args, otherOutput, scratch, contest.theirStatus);
    if (contest.theirsThen !== undefined) {
      const [next, ...rest] = contest.theirsThen;
      const then = timed(next, rest, otherOutput, scratch);
      second.milliseconds += then.milliseconds;
      second.processor += then.processor;
    }
    if (turn < 0) {
      contest.compare(ownOutput, otherOutput);
      continue;
    }
    own.push(first);
    other.push(second);
  }
  return report(contest, own, other, tool, atMost);
}

function report(
  contest: Contest,
  own: readonly Measured[],
  other: readonly Measured[],
  tool: string,
  atMost: number,
): boolean {
  const times = (list: readonly Measured[]): number[] => list.map((one) => one.milliseconds);
  const of = (list: readonly Measured[], field: 'processor' | 'kilobytes'): number =>
    median(list.map((one) => one[field]));
  const side = (list: readonly Measured[]): string =>
    `${spread(times(list))}, processor ${of(list, 'processor').toFixed(0)} ms, ${(of(list, 'kilobytes') / 1024).toFixed(0)} MiB`;
  const ratio = median(times(own)) / median(times(other));
  // Each pair ran back to back: what slowed the machine slowed both.
  const pairs = own.map((one, i) => one.milliseconds / other[i].milliseconds);
  const memory = contest.memory !== true || of(own, 'kilobytes') < of(other, 'kilobytes');
  const good = ratio <= atMost && memory;
  const figures = (who: string, list: readonly Measured[]): SideFigures => ({
    tool: who,
    milliseconds: median(times(list)),
    smallest: Math.min(...times(list)),
    largest: Math.max(...times(list)),
    processor: of(list, 'processor'),
    kilobytes: of(list, 'kilobytes'),
    ...(list[0].reads === undefined ? {} : { reads: list[0].reads, bytes: list[0].bytes }),
  });
  keepFigures({
    kind: 'contest',
    bench: benchName,
    job: contest.name,
    runs: own.length,
    ours: figures('deadbox', own),
    theirs: figures(contest.peer ?? tool, other),
    ratio,
    pairs: [Math.min(...pairs), Math.max(...pairs)],
    wanted: atMost,
    isMet: good,
  });
  process.stdout.write(
    `${contest.name}\n  deadbox ${side(own)}\n  ${contest.peer ?? tool} ${side(other)}\n` +
      `  ${ratio.toFixed(3)} of its time (pairs ${Math.min(...pairs).toFixed(3)} to ${Math.max(...pairs).toFixed(3)}; processor ${(of(own, 'processor') / of(other, 'processor')).toFixed(3)}), ` +
      `wanted at most ${atMost.toFixed(3)}, ${own.length} runs${good ? '' : '  MISSED'}\n`,
  );
  return good;
}
