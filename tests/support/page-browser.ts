import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { run } from './tools.js';
import { root } from './workspace.js';

/** Milliseconds that a step may take. */
export const WAIT = 50_000;

/** The page as one file, built from what the compiler made, in a headless Chromium. */
export class PageBrowser {
  /** What was asked of a network. */
  readonly requests: string[] = [];
  /** What scripts of the page threw. */
  readonly errors: string[] = [];
  readonly #folder: string;
  #context: BrowserContext | undefined;
  #page: Page | undefined;

  /** @param folder - a temporary folder */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async start(): Promise<Page> {
    run('node', [join(root, 'examples/browser/build.mjs'), this.#folder, 'file']);
    this.#context = await chromium.launchPersistentContext(join(this.#folder, 'profile'), {
      executablePath: '/usr/bin/chromium',
      locale: 'en-US',
      viewport: { width: 1280, height: 900 },
      acceptDownloads: true,
      args: ['--no-sandbox', '--headless', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    this.#page = await this.open();
    return this.#page;
  }

  /** Another tab. */
  async open(): Promise<Page> {
    if (this.#context === undefined) throw new Error('the browser was not started');
    const page = await this.#context.newPage();
    page.setDefaultTimeout(WAIT);
    page.on('request', (request) => {
      if (!/^(file|blob|data):/.test(request.url())) this.requests.push(request.url());
    });
    page.on('pageerror', (error) => this.errors.push(error.message));
    return page;
  }

  async stop(): Promise<void> {
    await this.#context?.close();
  }

  get page(): Page {
    if (this.#page === undefined) throw new Error('the browser was not started');
    return this.#page;
  }

  get address(): string {
    return pathToFileURL(join(this.#folder, 'deadbox.html')).href;
  }

  /** Loads the page anew. */
  async begin(page: Page = this.page): Promise<void> {
    await page.goto('about:blank');
    await page.goto(this.address);
  }

  async drop(...paths: string[]): Promise<void> {
    await this.begin();
    await this.page.setInputFiles('#files', paths);
  }

  /** Drops a folder, as a file manager does. */
  async dropFolder(path: string): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
    await session.detach();
  }

  /** Loads the page anew and gives it a link. */
  async visitLink(url: string, page: Page = this.page): Promise<void> {
    await this.begin(page);
    await page.click('summary');
    await page.fill('#link', url);
    await page.press('#link', 'Enter');
  }

  /** What the answer says, once everything was examined. */
  async answer(): Promise<string> {
    await this.page.waitForSelector('[role=tablist]');
    return (await this.page.textContent('#panel')) ?? '';
  }

  /** The text of what has the focus; of an input, its id. */
  focused(): Promise<string> {
    return this.page.evaluate(() => {
      const { activeElement: at } = document;
      if (at === null || at === document.body) return '';
      return at instanceof HTMLInputElement || at instanceof HTMLSelectElement ? at.id : (at.textContent ?? '');
    });
  }

  /** Presses `key` until something whose text has `wanted` in it has the focus. */
  async goTo(wanted: string, key = 'Tab', most = 60): Promise<void> {
    for (let i = 0; i < most; i += 1) {
      if ((await this.focused()).includes(wanted)) return;
      await this.page.keyboard.press(key);
    }
    throw new Error(`no ${wanted} after ${most} times ${key}; the focus is at ${await this.focused()}`);
  }

  /** Saves a picture where `DEADBOX_SHOTS` names a folder. */
  async shoot(name: string): Promise<void> {
    const folder = process.env.DEADBOX_SHOTS;
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  /** What axe finds wrong. */
  async violations(): Promise<string[]> {
    const path = createRequire(join(root, 'examples/browser/package.json')).resolve('axe-core');
    await this.page.evaluate(readFileSync(path, 'utf8'));
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 120)}`);
    });
  }
}
