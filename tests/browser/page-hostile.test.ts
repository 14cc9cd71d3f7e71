import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bootDevice, windowsBootStore, writeBootStore } from '../support/bcd-writer.js';
import { SMALL_VOLUME, smallDisk } from '../support/disk-writer/small-disk.js';
import { keysFromPaths, writeHive } from '../support/hive-writer.js';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../support/ntfs-writer/sink.js';
import { PageBrowser, WAIT } from '../support/page-browser.js';
import { RangeServer } from '../support/range-server.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, temporaryFolder } from '../support/tools.js';

const HTML = '<img src=x onerror=alert(1)>';
const TURNED = 'a\u202egnp.exe';
const CONTROL = 'b\u0007\u001b[31m.txt';
const SCRIPT = '<script>document.title="run"</script>';
const LONG = 'A'.repeat(512 << 10);

/** A boot store whose descriptions and paths are markup, turn text round, break lines, or are a mebibyte long. */
function hostileStore(): Uint8Array {
  const device = bootDevice();
  const store = windowsBootStore({
    firmware: 'bios',
    system: device,
    windows: device,
    manager: { '12000004': `${SCRIPT}\u202efdp.exe` },
    loader: { '12000004': LONG, '12000002': `\\Windows\\${SCRIPT}\u2028\u2029${TURNED}`, '22000002': `\\${LONG}` },
  });
  return writeBootStore(store);
}

/** A Windows whose files and registry are called what could do harm in a page. */
function hostileDisk(): Uint8Array {
  const hive = writeHive(
    keysFromPaths({ Select: { Current: 1 }, [HTML]: { [TURNED]: HTML, [HTML]: CONTROL }, [TURNED]: {} }),
    { rootName: 'ROOT' },
  );
  const size = 16 << 20;
  const sink = new MemorySink(size);
  const writer = new NtfsVolumeWriter(sink, { size });
  const { tree } = writer;
  tree.addFile(tree.folder('/Windows/System32/config'), 'SYSTEM', { content: hive });
  tree.folder('/Windows/System32/drivers');
  tree.addFile(tree.folder('/Boot'), 'BCD', { content: hostileStore() });
  const folder = tree.folder(`/${HTML}`);
  for (const name of [HTML, TURNED, CONTROL])
    tree.addFile(folder, name, { content: new TextEncoder().encode(`<script>alert("${name}")</script>`) });
  writer.finish();
  return sink.bytes;
}

/** Whether a range of a request has this byte. */
function touches(range: string | undefined, offset: number): boolean {
  const [from = Number.POSITIVE_INFINITY, to = 0] = range?.match(/\d+/g)?.map(Number) ?? [];
  return from <= offset && offset <= to;
}

describeWithTools(['chromium'], 'the page and what goes wrong', () => {
  const folder = temporaryFolder();
  const browser = new PageBrowser(folder);
  const server = new RangeServer();
  let page: Page;

  beforeAll(async () => {
    page = await browser.start();
    await server.start();
    server.files.set('/disk.img', new Uint8Array(readFileSync(testImagePath('gpt-faulty'))));
  }, WAIT);
  afterAll(async () => {
    await browser.stop();
    await server.stop();
  });

  /** A server that allows the page, and does `more` with each request. */
  const allow = (more: RangeServer['intercept'] = () => false): void => {
    server.reset();
    server.intercept = (request, response, count) => {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-expose-headers', 'content-range, content-length, etag');
      return more(request, response, count);
    };
  };

  /** Nothing of the disk became an element, turns what stands beside it, breaks a line, or fills the page. */
  const expectHarmless = async (): Promise<void> => {
    expect(await page.locator('img, main script').count()).toBe(0);
    expect(await page.title()).toMatch(/^deadbox/);
    const text = (await page.textContent('#page')) ?? '';
    expect(text).not.toMatch(/[\u0000-\u0008\u000e-\u001f\u2028-\u202e]/);
    expect(text.length).toBeLessThan(100_000);
    expect(browser.errors).toEqual([]);
  };

  test('names that turn text round, ring bells or are markup are shown, and do nothing', async () => {
    const path = join(folder, 'hostile.img');
    writeFileSync(path, hostileDisk());
    await browser.drop(path);
    await browser.answer();
    await page.click('#tab-files');
    await page.click(`.row >> text=${HTML}`);
    await page.waitForSelector('.row >> text=a\\u{202e}gnp.exe');
    await page.click('.row >> text=a\\u{202e}gnp.exe');
    await page.waitForSelector('.preview pre');
    expect(await page.textContent('.preview')).toContain('<script>alert("a\\u{202e}gnp.exe")');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('.preview >> text=Download')]);
    expect(download.suggestedFilename()).toBe('a_gnp.exe');
    await page.click('.preview >> text=Walk to the bytes');
    await page.waitForSelector('.step-title');
    await page.click('#tab-registry');
    await page.click(`.row >> text=${HTML}`);
    await page.waitForSelector('.values li >> nth=1');
    expect(await page.textContent('.values')).toContain('b\\u{7}\\u{1b}[31m.txt');
    await page.click('.values >> text=Walk to the bytes >> nth=0');
    await page.waitForSelector('.steps li >> nth=10');
    await page.locator('.steps li button').last().click();
    await expectHarmless();
  });

  test('a boot store of markup, turned text, line separators and a mebibyte is shown, and does nothing', async () => {
    await page.click('#tab-boot');
    await page.waitForSelector('.boot summary');
    const boot = (await page.textContent('.boot')) ?? '';
    expect(boot).toContain(`${SCRIPT}\\u{202e}fdp.exe`);
    expect(boot).toContain(`${SCRIPT}\\u{2028}\\u{2029}a\\u{202e}gnp.exe`);
    await expectHarmless();
    await page.evaluate(() => {
      for (const object of document.querySelectorAll('details')) object.open = true;
    });
    await page.click('.boot li >> text=Walk to the bytes >> nth=1');
    await page.waitForSelector('.step-title');
    await page.click('#tab-answer');
    await expectHarmless();
    await page.click('text=日本語');
    await page.click('#tab-boot');
    await page.waitForSelector('.boot summary');
    await expectHarmless();
    await page.click('text=English');
  });

  test('a folder is taken as a whole, and a file that is no disk is said to be none', async () => {
    const chosen = join(folder, 'chosen');
    mkdirSync(chosen, { recursive: true });
    writeFileSync(join(chosen, 'server.img'), readFileSync(testImagePath('mbr-faulty')));
    writeFileSync(join(chosen, 'notes.txt'), 'nothing');
    await browser.begin();
    await page.setInputFiles('#folder', chosen);
    expect(await browser.answer()).toContain('faulty channel file present');
    await browser.drop(join(chosen, 'notes.txt'));
    expect(await page.textContent('.alert:not(:empty)')).toMatch(/text/i);
    expect(await page.textContent('main')).not.toContain('faulty');
  });

  test('a dropped folder is taken with its directory entries, disks among five hundred texts', async () => {
    const dropped = join(folder, 'dropped');
    mkdirSync(join(dropped, 'inner'), { recursive: true });
    for (let i = 0; i < 500; i += 1) writeFileSync(join(dropped, `${i}.txt`), 'nothing');
    writeFileSync(join(dropped, 'a.img'), smallDisk('gpt'));
    writeFileSync(join(dropped, 'b.raw'), smallDisk('mbr'));
    await browser.begin();
    await browser.dropFolder(dropped);
    expect(await browser.answer()).toContain('faulty channel file present');
    expect(await page.textContent('.others')).toMatch(/[ab]\.(img|raw)/);
    // The folder alone with what is no disk says so, and what it held.
    for (const name of ['a.img', 'b.raw']) rmSync(join(dropped, name));
    await browser.begin();
    await browser.dropFolder(dropped);
    const said = (await page.textContent('.alert:not(:empty)')) ?? '';
    expect(said).toContain('.txt');
    expect(said.length).toBeLessThan(1000);
    expect(browser.errors).toEqual([]);
  });

  test('a scan cancelled after the first answer keeps that answer, and goes on when asked', async () => {
    const disk = smallDisk('gpt');
    server.files.set('/small.img', disk);
    const hive = Buffer.from(disk.buffer).indexOf('regf', SMALL_VOLUME.offset, 'latin1');
    expect(hive).toBeGreaterThan(0);
    let hanging = true;
    allow((request) => hanging && touches(request.range, hive));
    await browser.visitLink(server.url('/small.img'));
    await page.waitForSelector('.first >> text=faulty channel file present');
    await page.click('.busy >> text=Cancel');
    await page.waitForSelector('.alert >> text=Cancelled.');
    expect(await page.textContent('.first')).toContain('faulty channel file present');
    expect(await page.locator('[role=tablist]').count()).toBe(0);
    hanging = false;
    await page.click('main >> text=Examine the whole disk');
    expect(await browser.answer()).toContain('faulty channel file present');
    expect(browser.errors).toEqual([]);
  });

  test('work under way is cancelled, and the page takes the next disk', async () => {
    allow(() => true);
    await browser.visitLink(server.url('/disk.img'));
    await page.click('.busy >> text=Cancel');
    await page.waitForSelector('.alert >> text=Cancelled.');
    allow();
    await page.setInputFiles('#files', testImagePath('gpt-faulty'));
    expect(await browser.answer()).toContain('faulty channel file present');
  });

  test('a server that knows no ranges is told what it needs', async () => {
    allow((request, response) => {
      const bytes = server.files.get(request.path) ?? new Uint8Array(0);
      response.writeHead(200, { 'content-length': bytes.length }).end(request.headers.range ? bytes : undefined);
      return true;
    });
    await browser.visitLink(server.url('/disk.img'));
    expect(await page.textContent('.alert:not(:empty)')).toMatch(/range/i);
    expect(await page.textContent('.alert')).toContain('Accept-Ranges: bytes');
  });

  test('a tab that is closed in the middle of its work leaves no worker behind', async () => {
    // The server answers the first requests and then no more.
    allow((_, __, count) => count > 3);
    const tab = await browser.open();
    await browser.visitLink(server.url('/disk.img'), tab);
    await expect.poll(() => server.requests.length, { timeout: WAIT }).toBeGreaterThan(3);
    const [worker] = tab.workers();
    expect(worker).toBeDefined();
    const ended = worker?.waitForEvent('close');
    await tab.close();
    await ended;
    expect(tab.workers()).toEqual([]);
  });

  test('the whole way goes by the keyboard alone: a file, its bytes, the registry, the boot store', async () => {
    await browser.begin();
    // Listening takes a moment to begin.
    const choosing = page.waitForEvent('filechooser');
    await browser.goTo('Choose files');
    await page.keyboard.press('Enter');
    await (await choosing).setFiles(testImagePath('gpt-faulty'));
    await browser.answer();
    await browser.goTo('Answer');
    await page.keyboard.press('ArrowRight');
    await page.waitForSelector('.files .row');
    await browser.goTo('path');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('/Windows/System32/drivers/CrowdStrike');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.row >> text=C-00000291-00000000-00000032.sys');
    await browser.goTo('C-00000000');
    await browser.goTo('C-00000291-00000000', 'ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.preview .hex');
    await browser.goTo('Walk to the bytes');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.step-title');
    const step = async (): Promise<string> => (await page.textContent('.nav .faint')) ?? '';
    expect(await step()).toBe('Step 1 of 32');
    await browser.goTo('Next');
    await page.keyboard.press('Enter');
    expect(await step()).toBe('Step 2 of 32');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    expect(await step()).toBe('Step 2 of 32');
    expect(await browser.violations()).toEqual([]);
    await browser.goTo('The walk', 'Shift+Tab');
    await page.keyboard.press('ArrowLeft');
    await page.waitForSelector('.boot summary');
    expect(await browser.violations()).toEqual([]);
    await page.keyboard.press('ArrowLeft');
    await page.waitForSelector('.registry .row');
    await browser.goTo('MountedDevices');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.values >> text=DosDevices');
    expect(await browser.violations()).toEqual([]);
    expect(browser.errors).toEqual([]);
  });
});
