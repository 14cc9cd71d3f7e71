import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DeadboxError } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { writeReport } from '@deadbox/report';
import { en } from '@deadbox/report/en';
import { Reader } from '@deadbox/report/internals';
import { ja } from '@deadbox/report/ja';
import { type FailedImage, failedImage, type ImageReport, scanDisk, scanReport } from '@deadbox/triage';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostileReport, RUNS } from '../support/fleet/hostile-report.js';
import { bitLockerDisk, serverDisk } from '../support/fleet/servers.js';
import { describeWithTools, temporaryFolder } from '../support/tools.js';

/** A name that runs, hides and turns round where a page takes it for more than a name. */
const HOSTILE = '"><img src=x onerror="document.title=1">\u202egpj.exe</script>';
/** Disks of the large page; all thousand where pictures are made, too. */
const MANY = process.env.DEADBOX_SCREENSHOTS === undefined ? 120 : 1000;
/** Where the pictures of the pages go, for somebody to look at; none are made without it. */
const shots = process.env.DEADBOX_SCREENSHOTS;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Judged = ImageReport | FailedImage;

async function judge(name: string, source: Parameters<typeof openDisk>[0]): Promise<ImageReport> {
  const disk = await openDisk(source, { name });
  try {
    return await scanDisk(disk);
  } finally {
    await disk.close();
  }
}

const clipped = ({ scrollHeight, clientHeight }: HTMLElement): boolean => scrollHeight > clientHeight + 1;

async function pageOf(path: string, images: readonly Judged[]): Promise<string> {
  const report = scanReport({
    tool: 'deadbox',
    version: '0.1.0',
    rules: [],
    options: {},
    startedAt: '2026-11-27T17:00:00.0000000Z',
    finishedAt: '2026-11-27T17:00:10.0000000Z',
    images: [...images],
  });
  const parts: string[] = [];
  await writeReport('html', report, (text) => parts.push(text));
  writeFileSync(path, parts.join(''));
  return path;
}

/** The same disks over and over, each with a name of its own. */
function many(images: readonly Judged[]): Judged[] {
  return Array.from({ length: MANY }, (_, index) => {
    const image = images[index % images.length];
    return { ...image, path: `/backup/rack-${index % 40}/${index}-${image.path}` };
  });
}

describeWithTools(['chromium'], 'the HTML report in headless Chromium', () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let few: string;
  let large: string;
  let runs: string;
  const requests: string[] = [];

  beforeAll(async () => {
    const images = [
      await judge('sql-01.img', await serverDisk({ name: 'SQL-01', ailment: 'identity-changed' })),
      await judge('web-01.img', await serverDisk({ name: 'WEB-01', ailment: 'looping' })),
      await judge('vault-01.img', bitLockerDisk('VAULT-01', 'recovery')),
      failedImage('gone.vhdx', new DeadboxError('INTERNAL', 'It failed.')),
    ];
    few = await pageOf(join(folder, 'few.html'), [...images, { ...(images[2] as ImageReport), path: HOSTILE }]);
    const everywhere = hostileReport(images[1] as ImageReport, [
      new Reader({ language: en }),
      new Reader({ language: ja }),
    ]);
    runs = await pageOf(join(folder, 'runs.html'), [everywhere.image, { ...images[3], path: RUNS.repeat(5000) }]);
    large = await pageOf(join(folder, 'large.html'), many(images));
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(() => browser?.close());

  const open = async (path: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => requests.push(`failed: ${error.message}`));
    page.on('console', (message) => requests.push(`said: ${message.text()}`));
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector('html[data-ready]');
    return page;
  };
  const faultsOf = async (page: Page): Promise<string[]> => {
    await page.evaluate(axe);
    const text = `axe.run(document).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`;
    return page.evaluate<string[]>(text);
  };
  const visible = (page: Page, selector: string): ReturnType<Page['locator']> =>
    page.locator(`.view:not([hidden]) ${selector}`);

  test('says how many disks ask to act, what to do first, and lists all of them', async () => {
    const page = await open(few);
    expect(await visible(page, 'h1').textContent()).toBe('2 of 5 disks need action.');
    expect(await visible(page, '.disks tbody tr').count()).toBe(5);
    expect(await visible(page, '.reasons li').first().textContent()).toContain('Does not start');
    await page.close();
  });

  test('breaks none of the rules of axe: list and details, light and dark, wide and narrow', async () => {
    for (const options of [{}, { colorScheme: 'dark' as const }, { viewport: { width: 375, height: 800 } }]) {
      const page = await open(few, options);
      expect(await faultsOf(page)).toEqual([]);
      await page.evaluate("location.hash = '#disk-1'");
      await page.waitForSelector('article');
      expect(await faultsOf(page)).toEqual([]);
      await page.close();
    }
  });

  test('filters, sorts and opens by keyboard, in both languages', async () => {
    const page = await open(few);
    await visible(page, '.filter input').fill('sql');
    expect(await visible(page, '.disks tbody tr').count()).toBe(1);
    expect(await visible(page, '.count').textContent()).toBe('1 of 5 disks');
    await visible(page, '.disks .name').focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('article');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('SQL-01');
    expect(await visible(page, '.chain-broken').textContent()).toContain('Boot store');
    await visible(page, 'button[data-language=ja]').press('Enter');
    await page.waitForSelector('html[lang=ja]');
    await page.waitForFunction("document.querySelector('.view:not([hidden]) .chain-broken') !== null");
    expect(await visible(page, '.chain-broken').textContent()).toContain('ブートストア');
    await page.goBack();
    await visible(page, '[data-clear]').click();
    await visible(page, '[data-sort=server]').click();
    const names = await visible(page, '.disks .name').allTextContents();
    expect(names.indexOf('SQL-01')).toBeLessThan(names.indexOf('WEB-01'));
    expect(await visible(page, 'th.col-server[aria-sort=ascending]').count()).toBe(1);
    await page.close();
  });

  test('shows a name that would run as a name', async () => {
    const page = await open(few);
    const names = await visible(page, '.disks .name').allTextContents();
    expect(names).toContain('"><img src=x onerror="document.title=1">\\u{202e}gpj.exe</script>');
    await page.evaluate("location.hash = '#disk-5'");
    await page.waitForSelector('article');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe('Boot report of 5 disks');
    await page.close();
  });

  test('runs nothing of a report whose every text would run, nor hangs on a name of a megabyte', async () => {
    const page = await open(runs);
    await visible(page, '.filter input').fill('onerror');
    expect(await visible(page, '.disks tbody tr').count()).toBe(2);
    for (const disk of [1, 2]) {
      await page.evaluate(`location.hash = '#disk-${disk}'`);
      await page.waitForSelector(`article:has-text("document.title=1")`);
      for (const summary of await page.locator('article summary').all()) await summary.click();
      expect(
        await page.locator('.detail :is(img, script, style, a[href^=javascript], [onclick], [onerror])').count(),
      ).toBe(0);
    }
    expect(await page.title()).toBe('Boot report of 2 disks');
    await page.close();
  });

  test('has every column of a disk within the width of a phone', async () => {
    const page = await open(few, { viewport: { width: 360, height: 800 } });
    await page.evaluate("location.hash = '#disk-1'");
    await page.waitForSelector('article');
    const wide = await page.evaluate<string[]>(`[...document.querySelectorAll('article .scroll :is(th,td), body')]
      .filter((cell) => cell.getBoundingClientRect().right > 360).map(({ textContent }) => textContent)`);
    expect(wide).toEqual([]);
    expect(await visible(page, 'article .map-badge').count()).toBe(1);
    await page.close();
  });

  test('prints the list and every disk of a short one', async () => {
    const page = await open(few);
    await page.waitForSelector('html[data-details]');
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await page.emulateMedia({ media: 'print' });
    expect(await visible(page, '.print-details article').count()).toBe(5);
    expect(await visible(page, '.tools').isVisible()).toBe(false);
    // On paper nothing can be opened to read the rest of it.
    expect(await visible(page, 'td.col-next').first().evaluate(clipped)).toBe(false);
    await page.close();
  });

  test('of many disks has less than 5 kB for each, answers within a second, and opens any of them', async () => {
    expect(statSync(large).size).toBeLessThan(MANY * 5000);
    const page = await open(large);
    // From the call of the page until it answered: the start of the browser is not its business.
    const took = await page.evaluate<number>('performance.now()');
    expect(took).toBeLessThan(5000);
    const count = MANY.toLocaleString('en');
    expect(await visible(page, '.count').textContent()).toBe(`${count} of ${count} disks`);
    await visible(page, '.filter input').fill('119-gone');
    expect(await visible(page, '.disks tbody tr').count()).toBe(1);
    await visible(page, '.disks .name').click();
    await page.waitForSelector('article');
    expect(await visible(page, 'article h1').textContent()).toContain('119-gone.vhdx');
    await page.close();
  });

  test('asks nobody for anything, and its own policy holds', () => {
    expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
  });

  test.runIf(shots !== undefined)('is pictured', async () => {
    const looks: [string, string, object, string][] = [
      ['list', few, {}, ''],
      ['list-dark', few, { colorScheme: 'dark' }, ''],
      ['disk', few, {}, '#disk-1'],
      ['disk-dark', few, { colorScheme: 'dark' }, '#disk-2'],
      ['phone', few, { viewport: { width: 375, height: 800 } }, ''],
      ['phone-disk', few, { viewport: { width: 375, height: 800 } }, '#disk-2'],
      ['thousand', large, {}, ''],
      ['thousand-dark', large, { colorScheme: 'dark' }, ''],
    ];
    for (const [name, path, options, hash] of looks) {
      const page = await open(path, options);
      await page.evaluate(`location.hash = '${hash}'`);
      if (hash !== '') await page.waitForSelector('article');
      await page.screenshot({ path: join(shots as string, `${name}.png`), fullPage: path === few });
      await page.close();
    }
    const page = await open(few);
    await page.waitForSelector('html[data-details]');
    await page.pdf({ path: join(shots as string, 'print.pdf'), format: 'A4' });
    await page.close();
  });
});
