import type { Bytes, MaybePromise } from '../bytes/bytes.js';
import { defined } from '../bytes/defined.js';
import { fillPieces } from '../bytes/filling.js';
import { KIB, MIB } from '../bytes/sizes.js';
import { checkRange, DeadboxError, isDeadboxError, sourceClosed } from '../errors.js';
import { fetchRange, type HttpRange, type HttpRetry, type HttpTarget } from '../http/http-range.js';
import { type ByteSource, type ReadOptions, readThrough, type Siblings } from './byte-source.js';
import { CachedSource } from './cached-source.js';
import { httpAddress, httpName } from './http-address.js';
import { RangeQueue } from './range-queue.js';

export type { HttpRetry };

/** Options of {@link openHttp}. */
export interface HttpOptions extends ReadOptions {
  /**
   * Sent with every request (`Authorization`, …) to the host of the address, and to no other that it redirects to;
   * never printed.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes of a cached block: what a short read asks the server for. Default 64 KiB. */
  readonly blockSize?: number;
  /** Bytes of blocks kept at most. Default 32 MiB. */
  readonly capacity?: number;
  /** Requests under way at once. Default 8. */
  readonly parallel?: number;
  /** Attempts per range, the first included, for failures that may pass. Default 5. */
  readonly attempts?: number;
  /**
   * First pause before another attempt in milliseconds, doubled each time; `Retry-After` counts before it. Default 250.
   */
  readonly retryDelay?: number;
  /** Milliseconds without a byte after which a request is tried again. Default 30,000. */
  readonly stallTimeout?: number;
  /**
   * Milliseconds for which no request is answered after which the source is given up, whatever attempts are left; the
   * last request may take its stall timeout longer. Default 60,000.
   */
  readonly retryTime?: number;
  /**
   * Called before each further attempt, with what failed and how long it has been failing: without it a user waits and
   * knows nothing.
   */
  readonly onRetry?: (retry: HttpRetry) => void;
  /**
   * Called for every range that is asked of the server, with its length in bytes: what reading costs, below the cache.
   */
  readonly onRequest?: (bytes: number) => void;
  /** Replaces the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

const DEFAULT_BLOCK: number = 64 * KIB;
/** Long reads are cut into requests of this many bytes, which run in parallel. */
const PIECE: number = MIB;

/**
 * Opens a file on any server that supports range requests: object storage, a page blob by its signed link.
 * One request tells the length and the version; every later answer must be of that version (`ETag`, else
 * `Last-Modified`). Neither query, user nor headers of the address ever appear in a name or message.
 *
 * @throws DeadboxError `HTTP_RANGES_UNSUPPORTED`, `HTTP_REDIRECT_REFUSED`, `SOURCE_DENIED`, `SOURCE_NOT_FOUND`,
 * `READ_FAILED`, `INVALID_ARGUMENT`
 * @example
 * ```ts
 * const source = await openHttp('https://account.blob.core.windows.net/vhds/server.vhd?sv=…&sig=…');
 * const disk = await openDisk(source);
 * ```
 */
export async function openHttp(url: string | URL, options: HttpOptions = {}): Promise<ByteSource> {
  const target = targetOf(url, options);
  const blockSize = options.blockSize ?? DEFAULT_BLOCK;
  options.onRequest?.(blockSize);
  const first = await fetchRange(target, 0, blockSize, options.signal);
  const source = new HttpSource(target, first, options);
  return new CachedSource(source, { blockSize, ...defined({ capacity: options.capacity }) });
}

/**
 * The files in the same folder of the server, asked for with the same query and headers (as a signature for the folder
 * allows). A file that the server does not have or does not show is not there.
 */
export function httpSiblings(url: string | URL, options: HttpOptions = {}): Siblings {
  const address = httpAddress(url);
  return {
    async open(name: string, reading?: ReadOptions): Promise<ByteSource | undefined> {
      if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name)) return undefined;
      const sibling = new URL(address);
      sibling.pathname = `${address.pathname.slice(0, address.pathname.lastIndexOf('/') + 1)}${encodeURIComponent(name)}`;
      try {
        return await openHttp(sibling, { ...options, ...reading });
      } catch (error) {
        if (isDeadboxError(error, 'SOURCE_NOT_FOUND') || isDeadboxError(error, 'SOURCE_DENIED')) return undefined;
        throw error;
      }
    },
  };
}

function targetOf(url: string | URL, options: HttpOptions): HttpTarget {
  const address = httpAddress(url);
  const name = httpName(address);
  const headers: Record<string, string> = { ...options.headers };
  if (address.username !== '' || address.password !== '') {
    // fetch refuses user and password in the address, and says so with the address.
    const bytes = new TextEncoder().encode(
      `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`,
    );
    headers.Authorization ??= `Basic ${btoa(String.fromCharCode(...bytes))}`;
    address.username = '';
    address.password = '';
  }
  address.hash = '';
  return {
    url: address.href,
    name,
    headers,
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    attempts: Math.max(1, options.attempts ?? 5),
    retryDelay: options.retryDelay ?? 250,
    stallTimeout: options.stallTimeout ?? 30_000,
    retryTime: options.retryTime ?? 60_000,
    onRetry: options.onRetry,
    failingSince: 0,
    lastFailure: 0,
  };
}

/** Ranges of one version of a file on a server; the cache is a layer of its own. */
class HttpSource implements ByteSource {
  readonly size: number;
  readonly name: string;
  readonly #target: HttpTarget;
  readonly #version: string | undefined;
  /** The beginning of the file, which came with its length. */
  readonly #first: Bytes;
  readonly #queue: RangeQueue;
  readonly #onRequest: ((bytes: number) => void) | undefined;
  #closed = false;

  constructor(target: HttpTarget, first: HttpRange, options: HttpOptions) {
    this.size = first.total;
    this.name = target.name;
    this.#target = target;
    this.#version = first.version;
    this.#first = first.bytes;
    this.#onRequest = options.onRequest;
    this.#queue = new RangeQueue((from, to, signal) => this.#fetch(from, to, signal), {
      parallel: Math.max(1, options.parallel ?? 8),
      gap: DEFAULT_BLOCK,
      longest: PIECE,
    });
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    this.#check(offset, length);
    if (offset + length <= this.#first.length) return this.#first.subarray(offset, offset + length);
    if (length <= PIECE) return this.#queue.get(offset, offset + length, options?.signal);
    return readThrough(this, offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    this.#check(offset, target.length);
    return fillPieces(target, (filling) => {
      const from = offset + filling.done;
      const piece = filling.take(PIECE);
      const bytes = this.#queue.get(from, from + piece.length, options?.signal);
      filling.wait(bytes.then((value) => piece.set(value)));
    });
  }

  close(): void {
    this.#closed = true;
  }

  #check(offset: number, length: number): void {
    if (this.#closed) throw sourceClosed(this.name);
    checkRange(this.name, this.size, offset, length);
  }

  async #fetch(from: number, to: number, signal: AbortSignal): Promise<Bytes> {
    this.#onRequest?.(to - from);
    const range = await fetchRange(this.#target, from, to, signal);
    if (range.total !== this.size || range.version !== this.#version) {
      throw new DeadboxError('SOURCE_CHANGED', `${this.name} was changed on the server while it was read`, {
        at: { layer: this.name, offset: from },
        data: { size: range.total, sizeWhenOpened: this.size },
      });
    }
    return range.bytes;
  }
}
