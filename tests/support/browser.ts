import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { root } from './workspace.js';

/**
 * Name that the browser is told to find here; unlike `localhost` it is no secure context, so WebCrypto is missing
 * there.
 */
const PLAIN_HOST = 'intranet.test';

/**
 * The library as a page gets it: everything `deadbox` exports, as one module.
 * @throws when it needs anything of Node: esbuild finds no `node:` module for a browser
 */
export async function browserBundle(): Promise<string> {
  const result = await build({
    absWorkingDir: root,
    stdin: { contents: "export * from 'deadbox';", resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['deadbox-source'],
    logLevel: 'silent',
  });
  return result.outputFiles[0]?.text ?? '';
}

/** A headless Chromium on a page of a local server that has the library as `window.deadbox`. */
export class BrowserPage {
  /** Files that the page can fetch, by path. */
  readonly files = new Map<string, Uint8Array>();
  readonly #profile: string = mkdtempSync(join(tmpdir(), 'deadbox-browser-'));
  #server: Server | undefined;
  #context: BrowserContext | undefined;
  #page: Page | undefined;

  /** @param secure - whether the page is a secure context, where WebCrypto exists */
  async start(options: { secure: boolean; bundle: string }): Promise<void> {
    this.files.set('/', new TextEncoder().encode('<!doctype html><title>deadbox</title>'));
    this.files.set('/deadbox.js', new TextEncoder().encode(options.bundle));
    const server = createServer((request, response) => {
      const bytes = this.files.get(request.url ?? '');
      if (bytes === undefined) return void response.writeHead(404).end();
      response.writeHead(200, { 'content-type': contentType(request.url ?? ''), 'content-length': bytes.length });
      response.end(bytes);
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#context = await chromium.launchPersistentContext(this.#profile, {
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--headless',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`,
      ],
    });
    this.#page = await this.#context.newPage();
    const host = options.secure ? '127.0.0.1' : PLAIN_HOST;
    await this.#page.goto(`http://${host}:${(server.address() as AddressInfo).port}/`);
  }

  /**
   * Calls `action` in the page with the library, the files at `paths` as Blobs, and `input`.
   * @param action - stands alone: it runs in the page and sees nothing of this module
   */
  async call<Input, Result>(
    action: (library: typeof import('deadbox'), blobs: Blob[], input: Input) => Promise<Result>,
    paths: readonly string[],
    input: Input,
  ): Promise<Result> {
    if (this.#page === undefined) throw new Error('the browser was not started');
    const text = `(async ({ paths, input }) => {
      const library = await import('/deadbox.js');
      const blobs = await Promise.all(paths.map(async (path) => (await fetch(path)).blob()));
      return (${action.toString()})(library, blobs, input);
    })(${JSON.stringify({ paths, input })})`;
    return (await this.#page.evaluate(text)) as Result;
  }

  async stop(): Promise<void> {
    await this.#context?.close();
    await new Promise((resolve) => (this.#server === undefined ? resolve(undefined) : this.#server.close(resolve)));
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function contentType(path: string): string {
  if (path === '/') return 'text/html';
  return path.endsWith('.js') ? 'text/javascript' : 'application/octet-stream';
}
