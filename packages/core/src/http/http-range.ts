import type { Bytes } from '../bytes/bytes.js';
import { DeadboxError, type TransportFault } from '../errors.js';
import { refusalOf, type StorageRefusal } from './http-refusal.js';

/** One address that ranges are asked of. Nothing in it but `name` may be printed. */
export interface HttpTarget {
  /** Full address, with whatever secret it carries. */
  readonly url: string;
  /** The address without user, query and fragment: what messages may say. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof globalThis.fetch;
  /** Attempts per range, the first included. */
  readonly attempts: number;
  /** First pause before another attempt in milliseconds; it doubles. */
  readonly retryDelay: number;
  /** Milliseconds without a byte after which a request is given up. */
  readonly stallTimeout: number;
  /** Milliseconds without any answer after which the source is given up. */
  readonly retryTime: number;
  readonly onRetry: ((retry: HttpRetry) => void) | undefined;
  /**
   * When the first and the last of the failures came that no answer has followed; 0 while the server answers. Shared by
   * all requests of a source.
   */
  failingSince: number;
  lastFailure: number;
}

/** A request that failed and will be tried again. */
export interface HttpRetry {
  /** The address without its secret parts. */
  readonly name: string;
  /** First byte of the range that is missing. */
  readonly offset: number;
  /** What failed, as the error would say it. */
  readonly reason: string;
  /** The attempt that failed, 1-based. */
  readonly attempt: number;
  /** Attempts at most. */
  readonly attempts: number;
  /** Milliseconds until the next attempt. */
  readonly wait: number;
  /** Milliseconds since the server last answered as it should, and how many of them are the limit. */
  readonly failingFor: number;
  readonly limit: number;
}

/** A range as the server gave it. */
export interface HttpRange {
  readonly bytes: Bytes;
  /** Length of the whole resource. */
  readonly total: number;
  /** Identifies this version of the resource; absent when the server tells neither `ETag` nor `Last-Modified`. */
  readonly version?: string;
}

/** Server answers that are worth another attempt (RFC 9110 15.5.9, 15.6; RFC 6585 4). */
const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const LONGEST_PAUSE = 15_000;

/** A failure that another attempt may heal. */
class Transient extends Error {
  /** Milliseconds that the server asks to wait. */
  readonly wait: number | undefined;
  constructor(message: string, wait?: number) {
    super(message);
    this.wait = wait;
  }
}

/**
 * Bytes `[from, to)` of the resource, fewer where it ends before `to` (RFC 9110 14: range requests).
 * @throws DeadboxError `HTTP_RANGES_UNSUPPORTED`, `HTTP_REDIRECT_REFUSED`, `SOURCE_DENIED`, `SOURCE_NOT_FOUND`,
 * `SOURCE_CHANGED`, `READ_FAILED`
 */
export async function fetchRange(
  target: HttpTarget,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<HttpRange> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      const range = await attemptRange(target, from, to, signal);
      target.failingSince = 0;
      return range;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Transient)) throw error;
      await sleep(pauseBefore(target, from, to, attempt, error), signal);
    }
  }
}

/** Milliseconds until the next attempt; throws when this was the last one. */
function pauseBefore(target: HttpTarget, from: number, to: number, attempt: number, error: Transient): number {
  const { name, attempts, retryTime: limit } = target;
  const now = Date.now();
  // A failure of long ago, after which nobody asked, says nothing of now.
  if (target.failingSince === 0 || now - target.lastFailure > limit) target.failingSince = now;
  target.lastFailure = now;
  const failingFor = now - target.failingSince;
  // A little chance in the pause keeps parallel requests from coming back all at once.
  const pause = error.wait ?? target.retryDelay * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
  const wait = Math.min(pause, LONGEST_PAUSE);
  if (attempt >= attempts || failingFor + wait > limit) {
    const tried = `${attempt} ${attempt === 1 ? 'attempt' : 'attempts'}, ${Math.round(failingFor / 1000)} s without an answer`;
    throw new DeadboxError('READ_FAILED', `${name} could not be read at ${from}: ${error.message} (${tried})`, {
      at: { layer: name, offset: from },
      data: { length: to - from, attempts: attempt, transport: 'network' satisfies TransportFault },
    });
  }
  target.onRetry?.({ name, offset: from, reason: error.message, attempt, attempts, wait, failingFor, limit });
  return wait;
}

async function attemptRange(
  target: HttpTarget,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<HttpRange> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', abort);
  const stalled = watch(target.stallTimeout, () => controller.abort());
  try {
    const range = { Range: `bytes=${from}-${to - 1}`, 'Accept-Encoding': 'identity' };
    const response = await followRedirects(target, range, controller.signal);
    stalled.reset();
    if (response.status !== 206) return refuse(target, response, { from, refusal: await refusalOf(response) });
    const { total, length } = checkedRange(target, response, from, to);
    const bytes = await readBody(response, length, stalled.reset);
    const version = response.headers.get('etag') ?? response.headers.get('last-modified');
    return { bytes, total, ...(version === null ? {} : { version }) };
  } catch (error) {
    if (error instanceof DeadboxError || error instanceof Transient) throw error;
    // What fetch says may hold the address with its secrets: only the system's error code is passed on.
    throw new Transient(
      controller.signal.aborted
        ? `no byte came for ${target.stallTimeout / 1000} s`
        : `the connection failed${codeOf(error)}`,
    );
  } finally {
    stalled.stop();
    signal?.removeEventListener('abort', abort);
    // Ends a body that was not read to its end.
    controller.abort();
  }
}

/** Answers that name another address (RFC 9110 15.4); 304 and 300 do not. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 10;

/**
 * Asks the target, and the addresses that it names instead. The caller's headers are meant for the host that the caller
 * named: `fetch` would take all but `Authorization` along to any other. From https nothing leads back to http.
 */
async function followRedirects(
  target: HttpTarget,
  range: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  let url = new URL(target.url);
  const { origin } = url;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const own = url.origin === origin ? target.headers : {};
    const response = await target.fetch(url.href, {
      headers: { ...own, ...range },
      signal,
      cache: 'no-store',
      redirect: 'manual',
    });
    if (response.type === 'opaqueredirect') return followInBrowser(target, range, signal);
    if (!REDIRECTS.has(response.status)) return response;
    await response.body?.cancel();
    url = redirected(target, url, response.headers.get('location'));
  }
  throw refusedRedirect(target, `it redirects more than ${MAX_REDIRECTS} times`);
}

/** A browser follows redirects itself or not at all: without headers of the caller it may. */
async function followInBrowser(
  target: HttpTarget,
  range: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  if (Object.keys(target.headers).length > 0)
    throw refusedRedirect(target, 'it redirects, and the given headers are not for another address');
  return target.fetch(target.url, { headers: { ...range }, signal, cache: 'no-store' });
}

/** Where a redirect leads. */
function redirected(target: HttpTarget, from: URL, location: string | null): URL {
  if (location === null || !URL.canParse(location, from.href))
    throw refusedRedirect(target, 'it redirects to no address');
  const next = new URL(location, from.href);
  if (next.protocol !== 'https:' && next.protocol !== 'http:')
    throw refusedRedirect(target, `it redirects to an address that begins with ${next.protocol}`);
  if (from.protocol === 'https:' && next.protocol === 'http:')
    throw refusedRedirect(target, `it redirects from https to http (${next.host})`);
  return next;
}

function refusedRedirect({ name }: HttpTarget, reason: string): DeadboxError {
  return new DeadboxError('HTTP_REDIRECT_REFUSED', `${name} was not followed: ${reason}`, { data: { name } });
}

/** What an answer without the range means. */
function refuse(
  target: HttpTarget,
  response: Response,
  { from, refusal }: { from: number; refusal: StorageRefusal },
): HttpRange {
  const { status } = response;
  const { name } = target;
  const data = { status, ...refusal };
  if (TRANSIENT.has(status)) throw new Transient(`the server answered ${status}`, retryAfter(response));
  if (status === 416) {
    const total = Number(/^bytes \*\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
    if (total === 0 && from === 0) return { bytes: new Uint8Array(0), total: 0 };
    throw new DeadboxError(
      'SOURCE_CHANGED',
      `${name} no longer reaches byte ${from}: it was shortened while it was read`,
      { data },
    );
  }
  if (status === 401 || status === 403) {
    const said = refusal.storageCode === undefined ? `${status}` : `${status} ${refusal.storageCode}`;
    const hint =
      refusal.expired === true
        ? 'the signed link has expired: ask for a new one'
        : 'check the headers, and whether a signed link has expired or only allows other addresses';
    throw new DeadboxError('SOURCE_DENIED', `${name}: the server refuses access (${said}); ${hint}`, { data });
  }
  if (status === 404 || status === 410)
    throw new DeadboxError('SOURCE_NOT_FOUND', `${name}: the server has no such file (${status})`, { data });
  if (status === 412) throw new DeadboxError('SOURCE_CHANGED', `${name} was changed while it was read`, { data });
  if (status === 200) {
    throw new DeadboxError(
      'HTTP_RANGES_UNSUPPORTED',
      `${name}: the server does not support range requests (it answered 200 with the whole file); download the image, or serve it from object storage`,
      { data },
    );
  }
  throw new DeadboxError('READ_FAILED', `${name}: the server answered ${status} to a range request`, {
    at: { layer: name, offset: from },
    data: { ...data, transport: 'network' satisfies TransportFault },
  });
}

function checkedRange(
  target: HttpTarget,
  response: Response,
  from: number,
  to: number,
): { total: number; length: number } {
  const { name } = target;
  const field = response.headers.get('content-range');
  if (field === null) {
    const message = `${name}: the answer shows no Content-Range; a browser needs it in Access-Control-Expose-Headers, with ETag and Last-Modified`;
    throw new DeadboxError('HTTP_RANGES_UNSUPPORTED', message, { data: { status: 206 } });
  }
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(field);
  const [first, last, total] = match === null ? [-1, -1, -1] : match.slice(1).map(Number);
  if (first !== from || last !== Math.min(to, total) - 1 || !Number.isSafeInteger(total)) {
    const message = `${name}: asked for bytes ${from} to ${to - 1}, the server sent "${field.slice(0, 80)}"`;
    throw new DeadboxError('READ_FAILED', message, {
      at: { layer: name, offset: from },
      data: { status: 206, transport: 'result' satisfies TransportFault },
    });
  }
  const encoding = response.headers.get('content-encoding');
  if (encoding !== null && encoding !== 'identity') {
    throw new DeadboxError(
      'HTTP_RANGES_UNSUPPORTED',
      `${name}: the server compresses ranges (${encoding.slice(0, 20)}), so offsets mean nothing`,
      {
        data: { encoding: encoding.slice(0, 20) },
      },
    );
  }
  return { total, length: last - first + 1 };
}

/** Exactly `length` bytes of the body: a server that sends more is cut off, one that sends less is asked again. */
async function readBody(response: Response, length: number, alive: () => void): Promise<Bytes> {
  const bytes = new Uint8Array(length);
  if (response.body === null) throw new Transient('the answer had no content');
  const reader = response.body.getReader();
  let done = 0;
  while (done < length) {
    const { value } = await reader.read();
    if (value === undefined) break;
    alive();
    bytes.set(value.subarray(0, length - done), done);
    done += value.length;
  }
  if (done < length) throw new Transient(`the answer ended after ${done} of ${length} bytes`);
  return bytes;
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110 10.2.3). */
function retryAfter(response: Response): number | undefined {
  const field = response.headers.get('retry-after');
  if (field === null) return undefined;
  const wait = /^\d+$/.test(field) ? Number(field) * 1000 : Date.parse(field) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(wait, 0);
}

function codeOf(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause?.code;
  return typeof cause === 'string' && /^[A-Z_0-9]{2,60}$/.test(cause) ? ` (${cause})` : '';
}

function watch(milliseconds: number, late: () => void): { reset: () => void; stop: () => void } {
  let timer = setTimeout(late, milliseconds);
  return {
    reset: () => {
      clearTimeout(timer);
      timer = setTimeout(late, milliseconds);
    },
    stop: () => clearTimeout(timer),
  };
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', end, { once: true });
  });
}
