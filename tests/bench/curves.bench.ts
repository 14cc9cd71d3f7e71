// npm run bench -- curves [jobs]: how times grow with files, fragments, images, workers and latency. Jobs: files,
// fragments, images, workers, latency.
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cacheFolder } from '../support/corpus.js';
import { cachedCrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { FileSink } from '../support/ntfs-writer/sink.js';
import { root } from '../support/workspace.js';
import { cli, type Measured, machine, median, timed } from './contest.js';
import { benchName, type CurveFigures, keepFigures } from './figures.js';

const only = process.argv[2]?.split(',');
const RUNS = Number(process.argv[3] ?? 3);
const scratch = join(cacheFolder, `curves-bench-${process.pid}`);
const big = join(cacheFolder, 'big');
mkdirSync(scratch, { recursive: true });
mkdirSync(big, { recursive: true });

/** Median milliseconds of a command, its start included; exit codes of verdicts count as success. */
function timeOf(measure: CurveFigures['measure'], ...args: readonly string[]): number {
  const measured: Measured[] = [];
  for (let turn = -1; turn < RUNS; turn += 1) {
    const one = timed(process.execPath, [cli, ...args], '/dev/null', scratch, [0, 1, 3]);
    if (turn >= 0) measured.push(one);
  }
  return median(measured.map((one) => (measure === 'time' ? one.milliseconds : one.processor)));
}

/** Measures one curve and prints it. */
async function curve(
  job: string,
  unit: string,
  measure: CurveFigures['measure'],
  quantities: readonly number[],
  take: (quantity: number) => number | Promise<number>,
): Promise<void> {
  const points: [number, number][] = [];
  for (const quantity of quantities) points.push([quantity, Math.round(await take(quantity))]);
  process.stdout.write(`${job}, ${measure}\n${points.map(([x, y]) => `  ${x} ${unit}: ${y} ms\n`).join('')}`);
  keepFigures({ kind: 'curve', bench: benchName, job, unit, measure, points });
}

/** A volume with one file of 64 MiB in so many pieces. */
function fragmented(pieces: number): string {
  const path = join(big, `fragments-${pieces}.img`);
  if (existsSync(path)) return path;
  const content = new Uint8Array(64 << 20).map((_, at) => at * 31);
  const sink = new FileSink(`${path}.part`, 512 << 20);
  const writer = new NtfsVolumeWriter(sink, { size: 512 << 20 });
  writer.tree.addFile(writer.tree.root, 'pieces.bin', { content, pieces });
  writer.finish();
  sink.close();
  renameSync(`${path}.part`, path);
  return path;
}

/** A folder with so many images, all of them the bundled disk. */
function folderOf(images: number): string {
  const folder = join(scratch, `images-${images}`);
  const first = join(folder, 'server-0.raw');
  mkdirSync(folder, { recursive: true });
  writeFileSync(first, gunzipSync(readFileSync(join(root, 'test-images/gpt-faulty.img.gz'))));
  for (let i = 1; i < images; i += 1) linkOrCopy(first, join(folder, `server-${i}.raw`));
  return folder;
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** A web server with a disk, which waits before each answer. */
async function behindLatency(milliseconds: number): Promise<number> {
  const disk = gunzipSync(readFileSync(join(root, 'test-images/gpt-faulty.img.gz')));
  const answer = (range: string | undefined, response: ServerResponse): void => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (first === undefined || last === undefined) {
      response.writeHead(200, { 'content-length': disk.length, etag: '"1"' }).end();
      return;
    }
    const bytes = disk.subarray(Number(first), Math.min(Number(last) + 1, disk.length));
    const contentRange = `bytes ${first}-${Number(first) + bytes.length - 1}/${disk.length}`;
    response.writeHead(206, { etag: '"1"', 'content-range': contentRange, 'content-length': bytes.length }).end(bytes);
  };
  const server = createServer(
    ({ headers }, response) => void setTimeout(() => answer(headers.range, response), milliseconds),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/server.raw`;
  const times: number[] = [];
  for (let turn = -1; turn < RUNS; turn += 1) {
    const started = performance.now();
    await new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [cli, 'scan', '--quick', '--json', '--no-progress', url], {
        stdio: 'ignore',
      });
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (turn >= 0) times.push(performance.now() - started);
  }
  server.closeAllConnections();
  server.close();
  return median(times);
}

const wanted = (name: string): boolean => only === undefined || only.includes(name);
const scanFolder = (measure: CurveFigures['measure'], folder: string, jobs: number): number =>
  timeOf(measure, 'scan', '--quick', '--json', '--no-progress', '--jobs', String(jobs), folder);

try {
  process.stdout.write(`${machine()}\n`);
  const FILES = [1000, 10_000, 50_000, 100_000, 200_000, 400_000];
  if (wanted('files')) {
    await curve('ls -r', 'files', 'processor time', FILES, (files) =>
      timeOf('processor time', 'ls', '-r', cachedCrashedDisk({ files })),
    );
    await curve('scan --quick', 'files', 'processor time', FILES, (files) =>
      timeOf('processor time', 'scan', '--quick', cachedCrashedDisk({ files })),
    );
  }
  if (wanted('fragments'))
    await curve('cat of a file of 64 MiB', 'fragments', 'processor time', [1, 10, 30, 60, 100], (pieces) =>
      timeOf('processor time', 'cat', fragmented(pieces), '/pieces.bin'),
    );
  if (wanted('images'))
    await curve('scan --quick of a folder, one job', 'images', 'processor time', [1, 10, 50, 100, 200], (images) =>
      scanFolder('processor time', folderOf(images), 1),
    );
  if (wanted('workers')) {
    const folder = folderOf(100);
    await curve('scan --quick of 100 images', 'jobs', 'time', [1, 2, 3, 4], (jobs) => scanFolder('time', folder, jobs));
  }
  if (wanted('latency'))
    await curve('scan --quick over HTTP', 'ms of latency', 'time', [0, 5, 10, 20, 50, 100], behindLatency);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
