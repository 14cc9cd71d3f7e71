import type { Bytes } from '../bytes/bytes.js';
import { DeadboxError } from '../errors.js';

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
 * @throws DeadboxError `HTTP_RANGES_UNSUPPORTED`, `SOURCE_DENIED`, `SOURCE_NOT_FOUND`, `SOURCE_CHANGED`, `READ_FAILED`
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
      return await attemptRange(target, from, to, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Transient)) throw error;
      if (attempt >= target.attempts) {
        throw new DeadboxError(
          'READ_FAILED',
          `${target.name} could not be read at ${from}: ${error.message} (${attempt} attempts)`,
          {
            at: { layer: target.name, offset: from },
            data: { length: to - from, attempts: attempt },
          },
        );
      }
      // A little chance in the pause keeps parallel requests from coming back all at once.
      const pause = error.wait ?? target.retryDelay * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      await sleep(Math.min(pause, LONGEST_PAUSE), signal);
    }
  }
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
    const response = await target.fetch(target.url, {
      headers: { ...target.headers, Range: `bytes=${from}-${to - 1}`, 'Accept-Encoding': 'identity' },
      signal: controller.signal,
      cache: 'no-store',
    });
    stalled.reset();
    if (response.status !== 206) return refuse(target, response, from);
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

/** What an answer without the range means. */
function refuse(target: HttpTarget, response: Response, from: number): HttpRange {
  const { status } = response;
  const { name } = target;
  const data = { status };
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
    const hint = 'check the headers, and whether a signed link has expired or only allows other addresses';
    throw new DeadboxError('SOURCE_DENIED', `${name}: the server refuses access (${status}); ${hint}`, { data });
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
  throw new DeadboxError('READ_FAILED', `${name}: the server answered ${status} to a range request`, { data });
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
    throw new DeadboxError('READ_FAILED', message, { at: { layer: name, offset: from }, data: { status: 206 } });
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
