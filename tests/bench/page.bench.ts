// npm run bench -- page [files] [answer|list]: the page in headless Chromium: how soon it answers after a drop, how a
// long list scrolls, and what memory it takes. `deadbox scan` of the same disk is timed beside it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { cacheFolder } from '../support/corpus.js';
import { cachedCrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { crashedMachine } from '../support/disk-writer/crashed-machine.js';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { FileSink } from '../support/ntfs-writer/sink.js';
import { SiteServer } from '../support/site-server.js';
import { root } from '../support/workspace.js';
import { keepFigure } from './figures.js';

const RUNS = 9;
const MOST_MILLISECONDS = 1000;
const MIB = 2 ** 20;
/** MiB. */
const MOST_MEMORY = 400;
const FRAME = 1000 / 60;
/** Exit code of a scan that found something to act on. */
const FOUND = 1;
const CLI = join(root, 'packages/cli/bin/deadbox.js');
const files = Number(process.argv[2] ?? 400_000);
const only = process.argv[3];
const scratch = mkdtempSync(join(tmpdir(), 'deadbox-page-'));
let missed = 0;

/** Milliseconds that a command took. `most` is the highest exit code that is no failure. */
function command(name: string, args: readonly string[], most = 0): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status === null || status > most) throw new Error(`${name} ${args.join(' ')}: ${stderr}`);
  return performance.now() - started;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const spread = (values: readonly number[]): string =>
  `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;

/** Most bytes that the page's process ever had in memory. */
async function memoryOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const peaks = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]);
  return Math.max(...peaks.map((kib) => Number(kib ?? 0) * 1024));
}

/** A new browser, one page of it, and what `work` makes of them. */
async function visit<T>(address: string, work: (page: Page, browser: Browser) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ locale: 'en-US', viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(120_000);
    await page.goto(address);
    return await work(page, browser);
  } finally {
    await browser.close();
  }
}

/** Milliseconds from the drop to the first answer, and to everything. */
async function answerTimes(page: Page, image: string): Promise<{ first: number; whole: number }> {
  await page.setInputFiles('#files', image);
  await page.waitForSelector('#page[data-whole]', { state: 'attached' });
  const read = async (name: string): Promise<number> => Number(await page.getAttribute('#page', `data-${name}`));
  return { first: await read('first'), whole: await read('whole') };
}

async function timeAnswers(image: string, addresses: Readonly<Record<string, string>>): Promise<void> {
  const scans: number[] = [];
  const quick: number[] = [];
  const peaks: number[] = [];
  const first: Record<string, number[]> = {};
  const whole: Record<string, number[]> = {};
  for (let run = 0; run < RUNS; run += 1) {
    scans.push(command(process.execPath, [CLI, 'scan', '--no-progress', image], FOUND));
    quick.push(command(process.execPath, [CLI, 'scan', '--quick', '--no-progress', image], FOUND));
    for (const [name, address] of Object.entries(addresses)) {
      const times = await visit(address, async (page, browser) => {
        const said = await answerTimes(page, image);
        peaks.push(await memoryOf(browser));
        return said;
      });
      (first[name] ??= []).push(times.first);
      (whole[name] ??= []).push(times.whole);
    }
  }
  for (const name of Object.keys(addresses)) {
    const times = first[name] ?? [];
    const detail = ` (${spread(times)}; everything ${spread(whole[name] ?? [])})`;
    const job = `the page as ${name}, until its first answer; 60 GiB VHDX, ${files} files`;
    if (!keepFigure(job, median(times), 'ms', 'at most', MOST_MILLISECONDS, detail)) missed += 1;
  }
  process.stdout.write(`deadbox scan, process start included: ${spread(scans)}; --quick ${spread(quick)}\n`);
  const most = Math.max(...peaks) / MIB;
  if (!keepFigure('the page: peak memory', most, 'MiB', 'at most', MOST_MEMORY)) missed += 1;
}

/** A volume with `files` files in one folder; made once. */
function manyFiles(): string {
  const path = join(cacheFolder, `one-folder-${files}.raw`);
  if (existsSync(path)) return path;
  mkdirSync(cacheFolder, { recursive: true });
  const size = Math.ceil((files * 2048 + (64 << 20)) / (1 << 20)) * (1 << 20);
  const sink = new FileSink(path, size);
  const writer = new NtfsVolumeWriter(sink, { size, shortNames: false });
  const folder = writer.tree.folder('/Many');
  for (let i = 0; i < files; i += 1)
    writer.tree.addFile(folder, `report-${String(i).padStart(7, '0')}.txt`, { size: 0 });
  writer.finish();
  sink.close();
  return path;
}

/** Milliseconds of processor that the page's main thread has used. */
async function busyTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
}

/** Scrolls the open list for 300 frames: some go a page on, some through half the list. */
const scrolled = (page: Page): Promise<number[]> =>
  page.evaluate(async () => {
    const list = document.querySelector('.files .list') as HTMLElement;
    const found: number[] = [];
    let last = await new Promise(requestAnimationFrame);
    for (let frame = 0; frame < 300; frame += 1) {
      list.scrollTop += frame % 50 === 49 ? list.scrollHeight / 8 : 400;
      const now = await new Promise<number>(requestAnimationFrame);
      found.push(now - last);
      last = now;
    }
    return found;
  });

/**
 * Scrolls a folder of many files; what a frame costs is told in time of the processor, too: that of others counts not.
 */
async function scrollList(image: string, address: string): Promise<void> {
  await visit(address, async (page, browser) => {
    await answerTimes(page, image);
    const before = await memoryOf(browser);
    await page.click('#tab-files');
    await page.waitForSelector('.files .row');
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const started = performance.now();
    await page.fill('#path', '/Many');
    await page.press('#path', 'Enter');
    await page.waitForFunction((count) => {
      const rows = document.querySelector<HTMLElement>('.files .rows');
      return rows !== null && rows.offsetHeight >= count * 30;
    }, files);
    const listed = performance.now() - started;
    const busy = await busyTime(session);
    const gaps = await scrolled(page);
    const frame = ((await busyTime(session)) - busy) / gaps.length;
    const late = gaps.filter((gap) => gap > FRAME * 1.5).length;
    const frames = ` (${median(gaps).toFixed(1)} ms apart, ${late} of ${gaps.length} late; listed in ${listed.toFixed(0)} ms)`;
    const job = `the page: processor time of a frame while scrolling ${files} files`;
    if (!keepFigure(job, frame, 'ms', 'at most', Number(FRAME.toFixed(1)), frames)) missed += 1;
    const memory = (await memoryOf(browser)) / MIB;
    const earlier = `, ${Math.round(before / MIB)} before`;
    if (!keepFigure('the page: peak memory with that folder open', memory, 'MiB', 'at most', MOST_MEMORY, earlier))
      missed += 1;
  });
}

try {
  command(process.execPath, [join(root, 'examples/browser/build.mjs'), join(scratch, 'site')]);
  const server = new SiteServer(join(scratch, 'site'));
  await server.start();
  const file = pathToFileURL(join(scratch, 'site/deadbox.html')).href;
  process.stdout.write(`${cpus()[0]?.model ?? 'unknown processor'}, headless Chromium\n`);
  if (only !== 'list') {
    const raw = cachedCrashedDisk(crashedMachine({ files, diskBytes: 60 * 2 ** 30 }));
    const vhdx = `${raw}.vhdx`;
    if (!existsSync(vhdx)) command('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', raw, vhdx]);
    await timeAnswers(vhdx, { 'one file': file, served: server.address });
  }
  if (only !== 'answer') await scrollList(manyFiles(), file);
  await server.stop();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = missed === 0 ? 0 : 1;
