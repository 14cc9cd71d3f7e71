import { type Bytes, type MaybePromise, plainBytes } from '../bytes/bytes.js';
import { isTransportError } from '../damage.js';
import { checkRange, DeadboxError, isDeadboxError, transportFailed } from '../errors.js';
import { type ByteSource, type Extent, passExtents, type ReadOptions } from './byte-source.js';

/**
 * The edge between deadbox and a source that somebody else wrote: every answer must be a `Uint8Array` of exactly the
 * length that was asked for. A shorter one would shift all that follows and turn into a wrong verdict; here it is
 * `READ_FAILED`, and so is whatever the source throws that is no error of deadbox's. A `Buffer` is taken as the plain
 * bytes that it is, so that nothing can write into the caller's memory.
 */
export class CheckedSource implements ByteSource {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  readonly name?: string;
  /** Only where the source has it. */
  readonly readInto?: (offset: number, target: Bytes, options?: ReadOptions) => MaybePromise<void>;
  /** Only where the source has it. */
  readonly extents?: (from: number, to: number, options?: ReadOptions) => AsyncIterable<readonly Extent[]>;
  readonly #inner: ByteSource;
  readonly #layer: string;
  readonly #onTransportError: ((error: DeadboxError) => void) | undefined;

  /**
   * @param onTransportError - told of every read that the source did not deliver, also when nobody else hears of it
   * @throws DeadboxError `INVALID_ARGUMENT` for anything that is no source; it says what is expected
   */
  constructor(inner: ByteSource, onTransportError?: (error: DeadboxError) => void) {
    requireSource(inner);
    this.#inner = inner;
    this.#onTransportError = onTransportError;
    this.size = inner.size;
    this.#layer = inner.name ?? 'the source';
    if (inner.sectorSize !== undefined) this.sectorSize = inner.sectorSize;
    if (inner.name !== undefined) this.name = inner.name;
    if (inner.extents !== undefined) this.extents = (from, to, options) => passExtents(inner, from, to, 0, options);
    if (inner.readInto !== undefined) this.readInto = this.#readInto;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange(this.#layer, this.size, offset, length);
    return this.#answered(
      offset,
      length,
      options,
      () => this.#inner.read(offset, length, options),
      (bytes) => this.#checked(bytes, offset, length),
    );
  }

  close(): MaybePromise<void> {
    return this.#inner.close?.();
  }

  #readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    checkRange(this.#layer, this.size, offset, target.length);
    return this.#answered(
      offset,
      target.length,
      options,
      () => this.#inner.readInto?.(offset, target, options) as MaybePromise<unknown>,
      (count) => {
        // The contract knows no result, but whoever passes on what `fs.read` gives says how much it was.
        if (typeof count === 'number' && count !== target.length) throw this.#wrong(offset, target.length, count);
      },
    );
  }

  /** What `check` makes of the answer to `ask`. */
  #answered<T, U>(
    offset: number,
    length: number,
    options: ReadOptions | undefined,
    ask: () => MaybePromise<T>,
    check: (answer: T) => U,
  ): MaybePromise<U> {
    const failed = (cause: unknown): never => {
      throw this.#told(this.#named(cause, offset, length, options));
    };
    const checked = (answer: T): U => {
      try {
        return check(answer);
      } catch (error) {
        throw this.#told(error);
      }
    };
    let answer: MaybePromise<T>;
    try {
      answer = ask();
    } catch (error) {
      return failed(error);
    }
    return isThenable(answer) ? Promise.resolve(answer).then(checked, failed) : checked(answer);
  }

  /** The error as deadbox's own, except for what an abort threw. */
  #named(error: unknown, offset: number, length: number, options: ReadOptions | undefined): unknown {
    if (isDeadboxError(error) || options?.signal?.aborted === true) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return transportFailed('source', this.#layer, { offset, length }, reason, error);
  }

  #told(error: unknown): unknown {
    if (isDeadboxError(error) && isTransportError(error)) this.#onTransportError?.(error);
    return error;
  }

  #checked(bytes: Bytes, offset: number, length: number): Bytes {
    if (!((bytes as unknown) instanceof Uint8Array))
      throw this.#wrong(offset, length, `${nameOf(bytes)}, not a Uint8Array`);
    if (bytes.length !== length) throw this.#wrong(offset, length, bytes.length);
    return plainBytes(bytes);
  }

  #wrong(offset: number, length: number, got: number | string): DeadboxError<'READ_FAILED'> {
    const answer = typeof got === 'number' ? `${got} of ${length} bytes came` : `the source gave ${got}`;
    return transportFailed(
      typeof got === 'number' && got < length ? 'ended' : 'result',
      this.#layer,
      { offset, length },
      answer,
    );
  }
}

/** Also promises of another realm or library. */
function isThenable<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : `a ${typeof value}`;
}

const EXPECTED =
  'an object with `size` in bytes and `read(offset, length)`. A path is opened with openFile() of @deadbox/core/node, an address with openHttp(), ' +
  'a Blob or File with new BlobSource(blob), bytes in memory with new MemorySource(bytes)';

/** Throws `INVALID_ARGUMENT` unless `source` can be one. */
function requireSource(source: unknown): void {
  const { size, read } = (typeof source === 'object' && source !== null ? source : {}) as Partial<ByteSource>;
  let found: string;
  if (source instanceof Promise) found = 'a promise: await it first';
  else if (typeof read !== 'function') found = nameOf(source);
  else if (!Number.isSafeInteger(size) || (size as number) < 0) found = `one whose size is ${String(size)}`;
  else return;
  throw new DeadboxError('INVALID_ARGUMENT', `A source is ${EXPECTED}; this is ${found}`);
}
