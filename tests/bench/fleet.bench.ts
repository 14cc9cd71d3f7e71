// npm run bench -- fleet [images]: many small disks: images a second, a second job, memory, journal, queue, the HTML
// report.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { manyImages } from '../support/many-images.js';
import { hasTool } from '../support/tools.js';
import { cli, type Measured, machine, median, timed } from './contest.js';
import { keepFigure, type SingleFigure } from './figures.js';

const images = Number(process.argv[2] ?? 1000);
const scratch = mkdtempSync(join(tmpdir(), 'deadbox-fleet-bench-'));
const folder = manyImages(join(scratch, 'images'), images);
const few = manyImages(join(scratch, 'few'), Math.ceil(images / 10));
/** Some disks are to act on. */
const ACCEPTED = [0, 1];
const PORT = 36379;
let missed = 0;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** One line; a figure that is missed is counted. */
function figure(
  job: string,
  value: number,
  unit: string,
  limit: SingleFigure['limit'],
  wanted: number,
  detail = '',
): void {
  if (!keepFigure(`${images} small disks: ${job}`, value, unit, limit, wanted, detail)) missed += 1;
}

function scan(place: string, ...options: string[]): Measured {
  const args = [cli, 'scan', place, '--json', '--quiet', ...options];
  return timed(process.execPath, args, join(scratch, 'out.json'), scratch, ACCEPTED);
}

const rateOf = ({ processor }: Measured): number => (images * 1000) / processor;
const MIB = 1024;

/** Images a second of processor time, and what a second job gains. */
function rates(mode: 'quick' | 'full', wanted: number): void {
  const options = mode === 'quick' ? ['--quick'] : [];
  const one: Measured[] = [];
  const two: Measured[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    one.push(scan(folder, ...options, '--jobs', '1'));
    two.push(scan(folder, ...options, '--jobs', '2'));
  }
  const rate = median(one.map(rateOf));
  const gain =
    median(one.map(({ milliseconds }) => milliseconds)) / median(two.map(({ milliseconds }) => milliseconds));
  const small = scan(few, ...options, '--jobs', '2');
  const memory = median(two.map(({ kilobytes }) => kilobytes)) / MIB;
  figure(`${mode} scans of a core`, rate, 'images a second', 'at least', wanted);
  figure(`${mode}, two jobs against one`, gain, 'times as fast', 'at least', 1.8);
  const fewer = `, ${(small.kilobytes / MIB).toFixed(0)} with ${Math.ceil(images / 10)} disks`;
  figure(`${mode}, peak memory with two jobs`, memory, 'MiB', 'at most', 300, fewer);
}

/** What the journal adds. */
function journal(): void {
  const path = join(scratch, 'run.ndjson');
  const without: number[] = [];
  const having: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    without.push(scan(folder, '--jobs', '2').processor);
    rmSync(path, { force: true });
    having.push(scan(folder, '--jobs', '2', '--journal', path).processor);
  }
  const cost = (median(having) / median(without) - 1) * 100;
  figure('a journal', cost, '% more processor time', 'at most', 2);
}

/** The same images through a queue, with two workers. */
async function queue(mode: 'quick' | 'full'): Promise<void> {
  const options = mode === 'quick' ? ['--quick'] : [];
  if (!hasTool('redis-server')) return say('queue: redis-server is not installed, not measured');
  const server = spawn('redis-server', ['--port', String(PORT), '--dir', scratch, '--save', ''], { stdio: 'ignore' });
  try {
    const address = ['--queue', `redis://127.0.0.1:${PORT}`];
    await new Promise((resolve) => setTimeout(resolve, 500));
    const work = [cli, 'fleet', 'work', '--drain', '--quiet', '--jobs', '1', ...address];
    const ratios: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const direct = scan(folder, ...options, '--jobs', '2').milliseconds;
      for (const verb of [['cancel'], ['submit', folder, ...options]])
        spawnSync(process.execPath, [cli, 'fleet', ...verb, ...address], { stdio: 'ignore' });
      const two = ['-c', '"$@" & "$@" & wait', 'sh', process.execPath, ...work];
      ratios.push(direct / timed('sh', two, join(scratch, 'work'), scratch).milliseconds);
      // Workers that judged nothing are fast.
      const status = spawnSync(process.execPath, [cli, 'fleet', 'status', '--json', ...address], { encoding: 'utf8' });
      const { done } = JSON.parse(status.stdout) as { done: number };
      if (done !== images) throw new Error(`${done} of ${images} images were judged`);
    }
    const ratio = median(ratios);
    figure(`${mode}, a queue with two workers against two jobs`, ratio, 'of the rate', 'at least', 0.8);
  } finally {
    // The next one takes the same port.
    const ended = new Promise((resolve) => server.once('close', resolve));
    server.kill();
    await ended;
  }
}

/** The page of all images, in a browser where there is one. */
async function page(): Promise<void> {
  const path = join(scratch, 'run.html');
  scan(folder, '--jobs', '2', '--report', path);
  const size = statSync(path).size / 1e6;
  figure('the HTML report', size, 'MB', 'at most', 5);
  const executablePath = '/usr/bin/chromium';
  if (!existsSync(executablePath)) return say('in a browser: no Chromium, not measured');
  // By a name that the bundler leaves alone: it is loaded from where it is installed.
  const { chromium } = (await import(['playwright', 'core'].join('-'))) as typeof import('playwright-core');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const times: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const tab = await browser.newPage();
    const started = performance.now();
    await tab.goto(pathToFileURL(path).href, { waitUntil: 'load' });
    await tab.waitForSelector('html[data-ready]');
    await tab.locator('.view:not([hidden]) .filter input').fill('server-0001');
    await tab.waitForFunction(() => document.querySelectorAll('.view:not([hidden]) .disks tbody tr').length === 1);
    times.push(performance.now() - started);
    await tab.close();
  }
  await browser.close();
  figure('the HTML report in Chromium, until it answers', median(times), 'ms', 'at most', 1000);
}

try {
  say(`${images} small disks; ${machine()}`);
  rates('quick', 150);
  rates('full', 60);
  journal();
  await queue('quick');
  await queue('full');
  await page();
  say(`bytes of one report: ${Math.round(readFileSync(join(scratch, 'out.json')).length / images)}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = missed === 0 ? 0 : 1;
