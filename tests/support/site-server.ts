import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file that the server gave. */
export interface SentFile {
  readonly path: string;
  /** Bytes, gzipped. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json',
};

/** A folder as a web server gives it, every file gzipped; it keeps account of what it sent. */
export class SiteServer {
  readonly sent: SentFile[] = [];
  readonly #files = new Map<string, Buffer>();
  readonly #server: Server;
  /** Where it is, or was. */
  address = '';

  constructor(folder: string) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) {
        const path = join(entry.parentPath, entry.name);
        this.#files.set(path.slice(folder.length), gzipSync(readFileSync(path), { level: 9 }));
      }
    this.#server = createServer((request, response) => this.#send(request.url ?? '', response));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.address = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Stops, with every connection. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #send(url: string, response: ServerResponse): void {
    const path = url === '/' ? '/index.html' : url;
    const bytes = this.#files.get(path);
    this.sent.push({ path, bytes: bytes?.length ?? 0, at: Date.now() });
    if (bytes === undefined) return void response.writeHead(404).end();
    const type = TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip', 'content-length': bytes.length });
    response.end(bytes);
  }
}
