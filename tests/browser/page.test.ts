import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../support/bitlocker-volume.js';
import { plainVolume } from '../support/encryption/volumes.js';
import { PageBrowser, WAIT } from '../support/page-browser.js';
import { RangeServer } from '../support/range-server.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, hasTool, run, temporaryFolder } from '../support/tools.js';

const CHANNEL = '/Windows/System32/drivers/CrowdStrike';
const FILE = 'C-00000291-00000000-00000032.sys';
/** Keys are made slow to guess on purpose. */
const UNLOCKING = 120_000;

describeWithTools(['chromium'], 'the page, as one file in Chromium', () => {
  const folder = temporaryFolder();
  const server = new RangeServer();
  const browser = new PageBrowser(folder);
  const { requests, errors } = browser;
  let page: Page;

  beforeAll(async () => {
    page = await browser.start();
    await server.start();
  }, WAIT);
  afterAll(async () => {
    await browser.stop();
    await server.stop();
  });

  const begin = (): Promise<void> => browser.begin();
  const drop = (...paths: string[]): Promise<void> => browser.drop(...paths);
  const answer = (): Promise<string> => browser.answer();
  const shoot = (name: string): Promise<void> => browser.shoot(name);
  const violations = (): Promise<string[]> => browser.violations();

  test('the bundled disk is judged with the keyboard alone, and nobody is contacted', async () => {
    await begin();
    expect(await violations()).toEqual([]);
    await shoot('start');
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const { activeElement: at } = document;
        return at === null || at === document.body ? '' : (at.textContent ?? '');
      });
    for (let i = 0; i < 12 && !(await focused()).includes('without a disk'); i += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await answer()).toContain('faulty channel file present');
    await shoot('answer');
    expect(await violations()).toEqual([]);
    for (let i = 0; i < 12 && (await focused()) !== 'Answer'; i += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await page.waitForSelector('.files .row');
    expect(await focused()).toBe('Files');
    expect([requests, errors]).toEqual([[], []]);
  });

  test('a file of the disk is shown, saved byte for byte, and walked to', async () => {
    await page.fill('#path', CHANNEL);
    await page.press('#path', 'Enter');
    await page.click(`.row >> text=${FILE}`);
    await page.waitForSelector('.preview .hex');
    await shoot('files');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('.preview >> text=Download')]);
    const saved = join(folder, 'saved.sys');
    await download.saveAs(saved);
    // The hash is that of the recipe that wrote the disk.
    expect(createHash('sha256').update(readFileSync(saved)).digest('hex')).toBe(
      'f465c99912cd50b34225ff69fcb14e10ddf1c38402dd4297686347169b3297ae',
    );
    await page.click('.preview >> text=Walk to the bytes');
    await page.waitForSelector('.step-title');
    const count = await page.locator('.steps li').count();
    expect(count).toBeGreaterThan(30);
    await page.locator('.steps li button').last().click();
    expect(await page.textContent('.hexrow .digits')).toMatch(/^aaaaaaaa01000000/);
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowLeft');
    expect(await page.textContent('.step-title')).toContain('Which record is');
    await page.click('.field >> text=record');
    expect(await page.textContent('.field-said')).toContain('107');
    await page.click('.leads button');
    expect(await page.textContent('.places')).toContain('37,874,688');
    await shoot('walk');
    expect(await violations()).toEqual([]);
  });

  test('an element of the boot store is found, and walked to', async () => {
    await page.click('#tab-boot');
    await page.waitForSelector('.boot summary');
    expect(await page.textContent('.boot')).toContain('\\EFI\\Microsoft\\Boot\\bootmgfw.efi');
    await page.click('.boot details[open] li >> nth=0 >> text=Walk to the bytes');
    await page.waitForSelector('.step-title');
    await page.locator('.steps li button').last().click();
    expect(await page.textContent('.step-title')).toContain('Element');
    // Typed, too; the name of this value has backslashes of its own.
    await page.fill('#walk-target', 'SYSTEM\\MountedDevices\\\\DosDevices\\C:');
    await page.press('#walk-target', 'Enter');
    await page.waitForSelector('.steps li >> text=DosDevices');
    expect(await page.locator('.walk-body [role=alert]').count()).toBe(0);
    await page.click('#tab-registry');
    await page.waitForSelector('.registry .row');
    await shoot('registry');
  });

  test('Japanese, dark and a phone leave nothing cut', async () => {
    await page.click('text=日本語');
    await page.click('#tab-answer');
    expect(await page.textContent('#panel')).toContain('問題のチャネルファイル');
    expect(await page.getAttribute('html', 'lang')).toBe('ja');
    await shoot('japanese');
    await page.setViewportSize({ width: 390, height: 844 });
    for (const tab of ['answer', 'files', 'registry', 'boot', 'walk']) {
      await page.click(`#tab-${tab}`);
      await page.waitForTimeout(50);
      const [inside, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(inside, tab).toBeLessThanOrEqual(room);
    }
    await page.click('#tab-answer');
    await page.click('[title="明暗の切り替え"]');
    await shoot('phone-dark');
    expect(await violations()).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.click('text=English');
  });

  test.runIf(hasTool('qemu-img'))('a VHDX, and a chain of two, give the answer of the raw disk', async () => {
    const [vhdx, base, child] = ['server.vhdx', 'base.qcow2', 'snap.qcow2'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const raw = testImagePath('gpt-faulty');
    run('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', raw, vhdx]);
    run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, base]);
    run('qemu-img', ['create', '-f', 'qcow2', '-F', 'qcow2', '-b', 'base.qcow2', child]);
    await drop(vhdx);
    expect(await answer()).toContain('faulty channel file present');
    await drop(base, child);
    expect(await answer()).toContain('faulty channel file present');
    expect(await page.textContent('.image-name')).toBe('snap.qcow2');
    // Without its parent it says which file is missing.
    await drop(child);
    expect(await page.textContent('.alert:not(:empty)')).toContain('base.qcow2');
  });

  test(
    'a locked volume names its key, refuses a wrong one and opens with the right one',
    async () => {
      const recoveryPassword = '235818-357951-253979-013365-241120-245575-342914-591910';
      const path = join(folder, 'locked.raw');
      const { bytes, ids } = makeBitLockerVolume(plainVolume(), { recoveryPassword });
      writeFileSync(path, bytes);
      await drop(path);
      await page.waitForSelector('.key');
      expect((await page.textContent('.key'))?.toLowerCase()).toContain(ids.recoveryPassword?.toLowerCase() ?? 'no id');
      await page.fill('.key input', 'not the key');
      await page.click('.key button');
      await page.waitForSelector('.key [role=alert]:not(:empty)');
      await page.fill('.key input', recoveryPassword);
      await page.click('.key button');
      await page.waitForSelector('text=faulty channel file present');
      expect(await page.content()).not.toContain(recoveryPassword);
    },
    UNLOCKING,
  );

  test('a damaged disk, and files that are none, are said and never stop the page', async () => {
    const damaged = join(folder, 'damaged.raw');
    const bytes = new Uint8Array(readFileSync(testImagePath('gpt-faulty')));
    bytes.fill(0, 37_748_736 + 16_384, 37_748_736 + 20_480);
    writeFileSync(damaged, bytes);
    await drop(damaged);
    expect(await answer()).not.toBe('');
    await begin();
    const names = [
      'a<img src=x onerror=alert(1)>.txt',
      'b\u202egnp.txt',
      ...Array.from({ length: 498 }, (_, i) => `${i}.txt`),
    ];
    await page.setInputFiles(
      '#files',
      names.map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('x') })),
    );
    const said = await page.textContent('.alert:not(:empty)');
    expect(said).toContain('a<img src=x onerror=alert(1)>.txt');
    expect(said).toContain('b\\u{202e}gnp.txt');
    expect(await page.locator('.alert img').count()).toBe(0);
    expect(await page.isVisible('text=Choose files')).toBe(true);
    expect(errors).toEqual([]);
  });

  test('a link is read in ranges, and only its server is contacted', async () => {
    server.files.set('/disk.img', new Uint8Array(readFileSync(testImagePath('gpt-faulty'))));
    const cors = (open: boolean): void => {
      server.intercept = (_, response) => {
        if (open) response.setHeader('access-control-allow-origin', '*');
        if (open) response.setHeader('access-control-expose-headers', 'content-range, content-length, etag');
        return false;
      };
    };
    const url = server.url('/disk.img');
    const visit = async (): Promise<void> => {
      await begin();
      await page.click('summary');
      await page.fill('#link', url);
      await page.press('#link', 'Enter');
    };
    cors(true);
    requests.length = 0;
    await visit();
    expect(await answer()).toContain('faulty channel file present');
    expect(new Set(requests.map((one) => new URL(one).origin))).toEqual(new Set([new URL(url).origin]));
    expect(server.requests.every(({ range }) => range !== undefined)).toBe(true);
    cors(false);
    await visit();
    expect(await page.textContent('.alert:not(:empty)')).toContain('Access-Control-Allow-Origin');
  });

  test('a page without a link cannot contact anybody', async () => {
    await begin();
    const reached = await page.evaluate(async (url) => {
      try {
        await fetch(url);
        return 'reached';
      } catch {
        return 'blocked';
      }
    }, server.url('/disk.img'));
    expect(reached).toBe('blocked');
  });
});
