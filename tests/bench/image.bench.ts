// npm run bench -- image [MiB] [formats]: export against `qemu-img convert -O raw`, reads for one sector, and a scan
// over HTTP.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CountingSource } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openImage } from '@deadbox/image';
import { cacheFolder } from '../support/corpus.js';
import { cachedCrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { RangeServer } from '../support/range-server.js';
import { run } from '../support/tools.js';
import { cli, hold, machine, median } from './contest.js';
import { keepFigure } from './figures.js';
import { cachedMixedData } from './mixed-data.js';

const size = Number(process.argv[2] ?? 2048) * 2 ** 20;
const chosen = process.argv[3]?.split(',');
const scratch = join(cacheFolder, `image-bench-${process.pid}`);
mkdirSync(scratch, { recursive: true });

/** How qemu-img writes each, how it is told to read it, and our time over its time at most. */
const formats: { name: string; file: string; write: string[]; read: string; atMost: number }[] = [
  { name: 'raw', file: 'disk.raw', write: [], read: 'raw', atMost: 1 / 0.8 },
  { name: 'vhd', file: 'disk.vhd', write: ['-O', 'vpc', '-o', 'force_size=on'], read: 'vpc', atMost: 1 / 0.8 },
  { name: 'vhdx', file: 'disk.vhdx', write: ['-O', 'vhdx'], read: 'vhdx', atMost: 1 / 0.8 },
  { name: 'vmdk', file: 'disk.vmdk', write: ['-O', 'vmdk'], read: 'vmdk', atMost: 1 / 0.8 },
  { name: 'qcow2', file: 'disk.qcow2', write: ['-O', 'qcow2'], read: 'qcow2', atMost: 1 / 0.8 },
  { name: 'vdi', file: 'disk.vdi', write: ['-O', 'vdi'], read: 'vdi', atMost: 1 / 0.8 },
  {
    name: 'qcow2-zlib',
    file: 'zlib.qcow2',
    write: ['-c', '-O', 'qcow2', '-o', 'compression_type=zlib'],
    read: 'qcow2',
    atMost: 1 / 0.6,
  },
  {
    name: 'vmdk-stream',
    file: 'stream.vmdk',
    write: ['-O', 'vmdk', '-o', 'subformat=streamOptimized'],
    read: 'vmdk',
    atMost: 1 / 0.6,
  },
  {
    name: 'qcow2-zstd',
    file: 'zstd.qcow2',
    write: ['-c', '-O', 'qcow2', '-o', 'compression_type=zstd'],
    read: 'qcow2',
    atMost: 1 / 0.25,
  },
];

/** Reads until one sector in the middle is there; at most 12. */
async function openingCost(format: string, path: string): Promise<boolean> {
  const counting = new CountingSource(await openFile(path));
  const disk = await openImage(counting, { name: path, siblings: fileSiblings(path) });
  await disk.read(Math.floor(disk.size / 1024) * 512, 512);
  await disk.close?.();
  await counting.close();
  return keepFigure(`opening ${format} and one sector`, counting.reads, 'reads', 'at most', 12);
}

async function exports(): Promise<boolean> {
  const raw = cachedMixedData(size);
  let met = true;
  const [ours, theirs] = [join(scratch, 'ours.raw'), join(scratch, 'theirs.raw')];
  for (const { name, file, write, read, atMost } of formats) {
    if (chosen !== undefined && !chosen.includes(name)) continue;
    const image = name === 'raw' ? raw : join(scratch, file);
    if (image !== raw) run('qemu-img', ['convert', '-f', 'raw', ...write, raw, image]);
    // Not timed: the image is in the page cache, as one is that was just written or downloaded.
    run('sh', ['-c', 'cat "$1" > /dev/null', 'sh', image]);
    const good = hold(
      {
        name: `export of ${name}, ${size / 2 ** 20} MiB`,
        ours: ['export', image, '-o', ours, '--no-progress'],
        theirs: ['qemu-img', 'convert', '-f', read, '-O', 'raw', image, theirs],
        atMost,
        prepare: () => {
          rmSync(ours, { force: true });
          rmSync(theirs, { force: true });
        },
        compare: () => {
          run('cmp', [ours, theirs]);
          if (statSync(ours).size !== size) throw new Error(`${name}: ${statSync(ours).size} bytes came out`);
        },
      },
      scratch,
    );
    met = (await openingCost(name, image)) && good && met;
    if (image !== raw) rmSync(image);
    rmSync(ours);
    rmSync(theirs);
  }
  return met;
}

/** A quick scan of a disk behind a server that takes 20 ms a request. */
async function overHttp(): Promise<boolean> {
  const path = cachedCrashedDisk({ files: 400_000 });
  const total = statSync(path).size;
  const handle = openSync(path, 'r');
  const server = new RangeServer();
  server.latency = 20;
  server.intercept = (request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.range ?? '') ?? [];
    if (from === undefined) {
      response.writeHead(200, { etag: '"1"', 'content-length': total, 'accept-ranges': 'bytes' }).end();
      return true;
    }
    const end = Math.min(Number(to) + 1, total);
    const bytes = Buffer.alloc(end - Number(from));
    readSync(handle, bytes, 0, bytes.length, Number(from));
    response
      .writeHead(206, {
        etag: '"1"',
        'content-range': `bytes ${from}-${end - 1}/${total}`,
        'content-length': bytes.length,
      })
      .end(bytes);
    return true;
  };
  await server.start();
  const times: number[] = [];
  const requests: number[] = [];
  try {
    for (let turn = -1; turn < 9; turn += 1) {
      const before = server.requests.length;
      const started = performance.now();
      const report = await scanOutput(server.url('/server-07.raw'));
      if (turn >= 0) times.push(performance.now() - started);
      requests.push(server.requests.length - before);
      const [image] = JSON.parse(report).images;
      if (image.verdict !== 'faulty') throw new Error(`the scan over HTTP said ${image.verdict}`);
    }
  } finally {
    await server.stop();
    closeSync(handle);
  }
  const most = Math.max(...requests);
  const job = 'scan --quick over HTTP, 20 ms a request, 400,000 files';
  const spread = ` (${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)})`;
  const isFast = keepFigure(job, median(times), 'ms', 'at most', 1500, spread);
  return keepFigure(`${job}: requests`, most, 'requests', 'at most', 40) && isFast;
}

function scanOutput(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const output = join(scratch, 'scan.json');
    const handle = openSync(output, 'w');
    const child = spawn(process.execPath, [cli, 'scan', '--quick', '--json', '--no-progress', url], {
      stdio: ['ignore', handle, 'inherit'],
    });
    closeSync(handle);
    child.on('error', reject);
    child.on('close', () =>
      existsSync(output) ? resolve(readFileSync(output, 'utf8')) : reject(new Error('no output')),
    );
  });
}

try {
  process.stdout.write(`${machine()}\n${run('qemu-img', ['--version']).split('\n')[0]}\n`);
  const http = chosen === undefined || chosen.includes('http') ? await overHttp() : true;
  process.exitCode = (await exports()) && http ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
