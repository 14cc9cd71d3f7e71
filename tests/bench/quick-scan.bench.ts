import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedCrashedDisk, type CrashedDiskOptions } from '../support/disk-writer/crashed-disk.js';

/*
 * `npm run bench -- quick-scan [files]`: the cost and the time of `deadbox scan --quick`, process start included, against `node -e 0`.
 * The runs alternate, their output goes to a file, and every run must say the same.
 */
const RUNS = 11;
const MOST_READS = 40;
const MOST_BYTES = 1 << 20;
const MOST_TIMES = 3;

const files = Number(process.argv[2] ?? 400_000);
const cli = join(import.meta.dirname, '../../packages/cli/bin/deadbox.js');
const scratch = mkdtempSync(join(tmpdir(), 'deadbox-bench-'));
const disks: [string, CrashedDiskOptions][] = [
  [`${files} files`, { files }],
  [`${files} files, 20,000 entries in the CrowdStrike folder`, { files, crowdStrikeEntries: 20_000 }],
  [`${files} files, $MFT in 300 fragments`, { files, mftFragments: 300 }],
];

/** Milliseconds of one run, and what it wrote. */
function timed(args: readonly string[]): { milliseconds: number; output: string } {
  const path = join(scratch, 'output');
  const handle = openSync(path, 'w');
  const started = process.hrtime.bigint();
  const { error } = spawnSync(process.execPath, args, { stdio: ['ignore', handle, 'inherit'] });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  closeSync(handle);
  if (error !== undefined) throw error;
  return { milliseconds, output: readFileSync(path, 'utf8') };
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const median = (values: readonly number[]): number => sorted(values)[values.length >> 1];
const spread = (values: readonly number[]): string => {
  const all = sorted(values);
  return `${median(values).toFixed(1)} ms (${all[0].toFixed(1)} to ${all[all.length - 1].toFixed(1)})`;
};

let missed = 0;
try {
  process.stdout.write(`node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${RUNS} alternating runs, warm page cache\n`);
  for (const [name, options] of disks) {
    const path = cachedCrashedDisk(options);
    const scans: number[] = [];
    const empties: number[] = [];
    let said: string | undefined;
    let cost = { reads: 0, bytes: 0 };
    for (let run = -1; run < RUNS; run += 1) {
      const empty = timed(['-e', '0']);
      const scan = timed([cli, 'scan', '--quick', '--json', '--no-progress', path]);
      const report = JSON.parse(scan.output);
      const [image] = report.images;
      cost = image.cost;
      // Only the times of the run may differ from one run to the next.
      const words = JSON.stringify({ ...report, provenance: undefined, images: [{ ...image, cost: undefined }] });
      if (said !== undefined && words !== said) throw new Error(`${name}: two runs said different things`);
      said = words;
      if (image.verdict !== 'faulty') throw new Error(`${name}: ${image.verdict}`);
      if (run < 0) continue;
      scans.push(scan.milliseconds);
      empties.push(empty.milliseconds);
    }
    const times = median(scans) / median(empties);
    const good = times < MOST_TIMES && cost.reads <= MOST_READS && cost.bytes <= MOST_BYTES;
    if (!good) missed += 1;
    process.stdout.write(
      `${name}\n  ${cost.reads} reads, ${(cost.bytes / 1024).toFixed(0)} KiB (at most ${MOST_READS}, ${MOST_BYTES >> 10})\n` +
        `  scan --quick ${spread(scans)}; node -e 0 ${spread(empties)}\n  ${times.toFixed(2)} times (under ${MOST_TIMES})${good ? '' : '  MISSED'}\n`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = missed === 0 ? 0 : 1;
