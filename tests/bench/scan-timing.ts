import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, hold, machine } from './contest.js';
import { keepFigure } from './figures.js';

/** One scan to be measured: `deadbox scan` with `args` on `path`. */
export interface ScanCase {
  name: string;
  path: string;
  args: readonly string[];
  /** What it must find. */
  verdict: string;
  mostReads: number;
  mostBytes: number;
  /** Times the time of `node -e 0`. */
  mostTimes: number;
}

const RUNS = 11;
/** Nothing to act on, something to act on, something to look at. */
const VERDICTS = [0, 1, 3];

/**
 * Measures scans against `node -e 0`, process start included: the runs alternate, their output goes to a file. Prints
 * what was found.
 * @returns how many cases missed a limit
 */
export function timeScans(cases: readonly ScanCase[]): number {
  const scratch = mkdtempSync(join(tmpdir(), 'deadbox-bench-'));
  try {
    process.stdout.write(`${machine()}\n`);
    return cases.filter((one) => !timeScan(one, scratch)).length;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function timeScan({ name, path, args, verdict, mostReads, mostBytes, mostTimes }: ScanCase, scratch: string): boolean {
  const job = `scan ${[...args, '--json'].join(' ')}, ${name}`;
  const ours = ['scan', ...args, '--json', '--no-progress', path];
  let cost = { reads: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
  const good = hold(
    {
      name: job,
      ours,
      ourStatus: VERDICTS,
      theirs: [process.execPath, '-e', '0'],
      peer: 'node -e 0',
      atMost: mostTimes,
      runs: RUNS,
      compare: (output) => {
        const first = readFileSync(output, 'utf8');
        const again = spawnSync(process.execPath, [cli, ...ours], { encoding: 'utf8', maxBuffer: 64 << 20 }).stdout;
        if (lasting(first) !== lasting(again)) throw new Error(`${name}: two runs said different things`);
        const [image] = JSON.parse(first).images;
        if (image.verdict !== verdict) throw new Error(`${name}: ${image.verdict}`);
        cost = image.cost;
      },
    },
    scratch,
  );
  const reads = keepFigure(`${job}: reads of the disk`, cost.reads, 'reads', 'at most', mostReads);
  const bytes = keepFigure(`${job}: bytes of the disk`, cost.bytes / 1024, 'KiB', 'at most', mostBytes / 1024);
  return good && reads && bytes;
}

/** A report without the times of its run, which alone may differ from one run to the next. */
function lasting(report: string): string {
  return JSON.stringify(JSON.parse(report), (key, value) =>
    key === 'cost' || key === 'provenance' ? undefined : value,
  );
}
