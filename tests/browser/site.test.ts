import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SiteServer } from '../support/site-server.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, hasTool, run, temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';
import budget from './page-budget.json' with { type: 'json' };

const WAIT = 50_000;

describeWithTools(['chromium'], 'the page, served as a folder', () => {
  const folder = temporaryFolder();
  let server: SiteServer;
  let browser: Browser;

  beforeAll(async () => {
    run('node', [join(root, 'examples/browser/build.mjs'), join(folder, 'site'), 'site']);
    server = new SiteServer(join(folder, 'site'));
    await server.start();
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
  }, WAIT);
  afterAll(async () => {
    await browser?.close();
    await server?.stop().catch(() => undefined);
  });

  const visit = async (context: BrowserContext): Promise<{ page: Page; errors: string[] }> => {
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(server.address);
    return { page, errors };
  };

  test('the first answer comes before 150 KB are loaded, and the rest after it', async () => {
    const raw = testImagePath('gpt-faulty');
    const images = [raw];
    if (hasTool('qemu-img')) {
      images.push(join(folder, 'server.vhdx'));
      run('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', raw, images[1] ?? '']);
    }
    for (const image of images) {
      const context = await browser.newContext({ locale: 'en-US' });
      server.sent.length = 0;
      const { page, errors } = await visit(context);
      await page.setInputFiles('#files', image);
      await page.waitForSelector('#page[data-first-at]', { state: 'attached' });
      const answered = Number(await page.getAttribute('#page', 'data-first-at'));
      await page.waitForSelector('[role=tablist]');
      expect(await page.textContent('#panel')).toContain('faulty channel file present');
      const before = server.sent.filter(({ at }) => at < answered);
      const loaded = before.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(loaded).toBeLessThan(budget.firstAnswer);
      expect(server.sent.length).toBeGreaterThan(before.length);
      expect(errors).toEqual([]);
      await context.close();
    }
  });

  test('neither the page nor its worker can contact anybody, not even its own server', async () => {
    const context = await browser.newContext();
    const { page } = await visit(context);
    await expect.poll(() => page.workers().length, { timeout: WAIT }).toBe(1);
    const attempt = (url: string): Promise<string> =>
      fetch(url).then(
        () => 'reached',
        () => 'blocked',
      );
    expect(await page.evaluate(attempt, server.address)).toBe('blocked');
    expect(await page.workers()[0]?.evaluate(attempt, server.address)).toBe('blocked');
    await context.close();
  });

  test('can be installed, and works at the second visit with the server gone', async () => {
    const context = await browser.newContext({ locale: 'ja-JP' });
    const first = await visit(context);
    await first.page.click('text=ディスクなしで試す');
    await first.page.waitForSelector('[role=tablist]');
    await first.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    const session = await context.newCDPSession(first.page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
    await first.page.close();
    await server.stop();
    const { page, errors } = await visit(context);
    await page.setInputFiles('#files', testImagePath('gpt-faulty'));
    await page.waitForSelector('[role=tablist]');
    await page.click('text=English');
    await page.waitForSelector('text=faulty channel file present');
    await page.click('#tab-walk');
    await page.fill('#walk-target', '/Windows/System32/drivers');
    await page.press('#walk-target', 'Enter');
    await page.waitForSelector('.step-title');
    expect(errors).toEqual([]);
    await context.close();
  });
});
