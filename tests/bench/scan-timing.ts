import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

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

/**
 * Measures scans against `node -e 0`, process start included: the runs alternate, their output goes to a file, and
 * every run must say the same. Prints what was found.
 * @param cli - path of `deadbox.js`
 * @returns how many cases missed a limit
 */
export function timeScans(cli: string, cases: readonly ScanCase[]): number {
  const scratch = mkdtempSync(join(tmpdir(), 'deadbox-bench-'));
  let missed = 0;
  try {
    process.stdout.write(
      `node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${RUNS} alternating runs, warm page cache\n`,
    );
    for (const one of cases) if (!timeScan(cli, one, join(scratch, 'output'))) missed += 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return missed;
}

function timeScan(
  cli: string,
  { name, path, args, verdict, mostReads, mostBytes, mostTimes }: ScanCase,
  output: string,
): boolean {
  const scans: number[] = [];
  const empties: number[] = [];
  let said: string | undefined;
  let cost = { reads: 0, bytes: 0 };
  for (let run = -1; run < RUNS; run += 1) {
    const empty = timed(['-e', '0'], output);
    const scan = timed([cli, 'scan', ...args, '--json', '--no-progress', path], output);
    const report = JSON.parse(readFileSync(output, 'utf8'));
    const [image] = report.images;
    cost = image.cost;
    // Only the times of the run may differ from one run to the next.
    const words = JSON.stringify({ ...report, provenance: undefined, images: [{ ...image, cost: undefined }] });
    if (said !== undefined && words !== said) throw new Error(`${name}: two runs said different things`);
    said = words;
    if (image.verdict !== verdict) throw new Error(`${name}: ${image.verdict}`);
    if (run < 0) continue;
    scans.push(scan);
    empties.push(empty);
  }
  const times = median(scans) / median(empties);
  const good = times < mostTimes && cost.reads <= mostReads && cost.bytes <= mostBytes;
  process.stdout.write(
    `${name}\n  ${cost.reads} reads, ${(cost.bytes / 1024).toFixed(0)} KiB (at most ${mostReads}, ${mostBytes >> 10} KiB)\n` +
      `  scan ${args.join(' ')} ${spread(scans)}; node -e 0 ${spread(empties)}\n  ${times.toFixed(2)} times (under ${mostTimes})${good ? '' : '  MISSED'}\n`,
  );
  return good;
}

/** Milliseconds of one run of node; what it writes goes to `output`. */
function timed(args: readonly string[], output: string): number {
  const handle = openSync(output, 'w');
  const started = process.hrtime.bigint();
  const { error } = spawnSync(process.execPath, args, { stdio: ['ignore', handle, 'inherit'] });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  closeSync(handle);
  if (error !== undefined) throw error;
  return milliseconds;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(1)} ms (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;
}
