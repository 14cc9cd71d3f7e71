// npm run bench -- scan-over-http [milliseconds]: the whole report of a server's disk behind a web server that waits
// before each answer.
import { execFile } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { busyServer } from '../support/healthy/busy-server.js';
import { keepFigure } from './figures.js';

const RUNS = 5;
const MOST_SECONDS = 6;
const latency = Number(process.argv[2] ?? 20);
const cli = join(import.meta.dirname, '../../packages/cli/bin/deadbox.js');

const disk = await busyServer();
let requests = 0;
const server = createServer(({ headers }, response) => {
  requests += 1;
  setTimeout(() => answer(headers.range, response), latency);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/server.raw`;

const seconds: number[] = [];
for (let run = 0; run < RUNS; run += 1) {
  requests = 0;
  const started = performance.now();
  const { cost, starts } = await scan();
  seconds.push((performance.now() - started) / 1000);
  process.stdout.write(
    `${starts}: ${requests} requests, ${(cost.bytes / 2 ** 20).toFixed(1)} MiB, ${seconds.at(-1)?.toFixed(2)} s\n`,
  );
}
server.closeAllConnections();
server.close();
const median = seconds.toSorted((left, right) => left - right)[RUNS >> 1];
const job = `scan over HTTP, ${latency} ms an answer, a healthy server with 300 boot-start drivers`;
const isMet = keepFigure(job, median * 1000, 'ms', 'at most', MOST_SECONDS * 1000, `, ${requests} requests`);
process.exitCode = isMet ? 0 : 1;

function answer(range: string | undefined, response: ServerResponse): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (first === undefined || last === undefined) {
    response.writeHead(200, { 'content-length': disk.size, etag: '"1"' }).end();
    return;
  }
  const from = Number(first);
  const to = Math.min(Number(last) + 1, disk.size);
  response
    .writeHead(206, {
      etag: '"1"',
      'content-length': to - from,
      'content-range': `bytes ${from}-${to - 1}/${disk.size}`,
    })
    .end(disk.read(from, to - from));
}

function scan(): Promise<{ readonly cost: { readonly bytes: number }; readonly starts: string }> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 << 20 };
    execFile(process.execPath, [cli, 'scan', '--json', '--no-progress', url], options, (error, stdout) => {
      // Drivers without a catalog ask for a look: exit codes 0 to 3 are verdicts.
      if (stdout === '') reject(error ?? new Error('no report'));
      else resolve(JSON.parse(stdout).images[0]);
    });
  });
}
