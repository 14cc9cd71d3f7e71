import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that the server got. */
export interface ServedRequest {
  path: string;
  query: string;
  range: string | undefined;
  headers: IncomingMessage['headers'];
}

/** Files behind `http://127.0.0.1:port/`, served in ranges like object storage does. */
export class RangeServer {
  readonly requests: ServedRequest[] = [];
  /** Most requests under way at one time. */
  mostParallel = 0;
  /** Milliseconds before each answer. */
  latency = 0;
  /** Answers a request in another way; `true` when it did. */
  intercept: ((request: ServedRequest, response: ServerResponse, count: number) => boolean) | undefined;
  readonly files = new Map<string, Uint8Array>();
  readonly #server: Server;
  #running = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Starts listening. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** Stops, with every connection. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The address of a file. */
  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  /** Forgets what was counted, and the special behaviour. */
  reset(): void {
    this.requests.length = 0;
    this.mostParallel = 0;
    this.latency = 0;
    this.intercept = undefined;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const served = { path: decodeURIComponent(path), query, range: request.headers.range, headers: request.headers };
    this.requests.push(served);
    this.#running += 1;
    this.mostParallel = Math.max(this.mostParallel, this.#running);
    response.on('close', () => {
      this.#running -= 1;
    });
    if (this.latency > 0) await new Promise((resolve) => setTimeout(resolve, this.latency));
    if (this.intercept?.(served, response, this.requests.length) === true) return;
    sendRange(this.files.get(served.path), served.range, response);
  }
}

/** Answers as RFC 9110 section 14 says. */
export function sendRange(bytes: Uint8Array | undefined, range: string | undefined, response: ServerResponse): void {
  if (bytes === undefined) {
    response.writeHead(404).end();
    return;
  }
  const etag = etagOf(bytes);
  const match = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
  if (match === null) {
    response.writeHead(200, { etag, 'content-length': bytes.length }).end(bytes);
    return;
  }
  const from = Number(match[1]);
  const to = Math.min(Number(match[2]) + 1, bytes.length);
  if (from >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  response
    .writeHead(206, { etag, 'content-length': to - from, 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` })
    .end(bytes.subarray(from, to));
}

const etags = new WeakMap<Uint8Array, string>();

function etagOf(bytes: Uint8Array): string {
  const known = etags.get(bytes) ?? `"${createHash('sha1').update(bytes).digest('hex')}"`;
  etags.set(bytes, known);
  return known;
}
