/** A JSON value, as `data` of errors and issues carries it. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * Where on which layer something stands: `layer` names it (`file`, `disk`, `volume`, `$MFT`…), `offset` counts bytes in
 * it.
 */
export interface Location {
  /** Name of the layer: `file`, `disk`, `volume`, `$MFT`, or a path. */
  readonly layer: string;
  /** Byte offset in that layer. */
  readonly offset: number;
  /** File record number, where the place belongs to one. */
  readonly record?: number;
}

const BRAND: unique symbol = Symbol.for('deadbox.error') as never;

/**
 * The one error type of deadbox: a stable `code`, where it happened, and the facts as JSON data.
 * Told apart by a brand, not by `instanceof`, so that two copies of the library understand each other (see
 * {@link isDeadboxError}). The English message says what, where, expected and found.
 */
export class DeadboxError<C extends string = string> extends Error {
  /** Stable, upper-case identifier; each package lists its own in `errors.ts`. */
  readonly code: C;
  /** Where it happened, when the place is known. */
  readonly at?: Location;
  /** The facts behind the message. */
  readonly data: Record<string, Json>;

  /**
   * The one way to make an error; a package's own function may stand in front of it, to type its codes and to name its
   * layer.
   */
  constructor(
    code: C,
    message: string,
    options: { at?: Location | undefined; data?: Record<string, Json> | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DeadboxError';
    this.code = code;
    if (options.at !== undefined) this.at = options.at;
    this.data = options.data ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** The error as plain data, without stack and cause. */
  toJSON(): { code: C; message: string; at?: Location; data: Record<string, Json> } {
    return {
      code: this.code,
      message: this.message,
      ...(this.at === undefined ? {} : { at: this.at }),
      data: this.data,
    };
  }
}

/** Whether `error` is a {@link DeadboxError} (of any copy of the library), and of `code` when one is given. */
export function isDeadboxError<C extends string>(error: unknown, code?: C): error is DeadboxError<C> {
  if (typeof error !== 'object' || error === null || (error as Record<symbol, unknown>)[BRAND] !== true) return false;
  return code === undefined || (error as DeadboxError).code === code;
}

/**
 * Error codes of `@deadbox/core`.
 *
 * - `SIBLING_REFUSED` a file beside an image is a device, or a link that leads out of the folder
 * - `HTTP_REDIRECT_REFUSED` a server redirects where nothing is followed: from https to http, to another scheme, in a
 * circle
 * - `NUMBER_TOO_LARGE` a 64-bit field holds 2^53 or more where a size or an offset belongs
 * - `FILE_REFUSED` the system has a file of a folder and does not give it to this user, or not now
 * - `INTERNAL` deadbox itself is wrong, not the bytes
 */
export type CoreErrorCode =
  | 'SOURCE_CLOSED'
  | 'SOURCE_NOT_FOUND'
  | 'SOURCE_DENIED'
  | 'SOURCE_NOT_READABLE'
  | 'SOURCE_CHANGED'
  | 'READ_OUT_OF_RANGE'
  | 'READ_FAILED'
  | 'CURSOR_OUT_OF_RANGE'
  | 'SIBLING_REFUSED'
  | 'HTTP_RANGES_UNSUPPORTED'
  | 'HTTP_REDIRECT_REFUSED'
  | 'NUMBER_TOO_LARGE'
  | 'FILE_REFUSED'
  | 'INVALID_ARGUMENT'
  | 'INTERNAL';

/**
 * A read that could not be answered: outside the source (`READ_OUT_OF_RANGE`), after close, or refused by the medium
 * (`READ_FAILED`).
 */
export type ReadError = DeadboxError<'READ_OUT_OF_RANGE' | 'READ_FAILED' | 'SOURCE_CLOSED'>;

/**
 * Throws `READ_OUT_OF_RANGE` unless `[offset, offset + length)` lies inside a source of `size` bytes.
 * @param layer - name of the layer for the message
 */
export function checkRange(layer: string, size: number, offset: number, length: number): void {
  if (
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset + length <= size
  )
    return;
  throw new DeadboxError(
    'READ_OUT_OF_RANGE',
    `Read of ${length} bytes at ${offset} is outside ${layer}, which has ${size} bytes`,
    { at: { layer, offset }, data: { length, size } },
  );
}

/** The error of a read after `close()`. */
export function sourceClosed(layer: string): DeadboxError<'SOURCE_CLOSED'> {
  return new DeadboxError('SOURCE_CLOSED', `${layer} was read after it had been closed`);
}

/**
 * How a source failed to deliver, as `data.transport` of a `READ_FAILED` says. Its presence is what tells such an error
 * from a sector that the medium itself refuses: see {@link isTransportError}.
 *
 * - `network` the server or the way to it
 * - `ended` the file or the answer ended before the bytes that were asked for
 * - `result` the source gave something else than exactly those bytes
 * - `source` the source threw an error of its own
 */
export type TransportFault = 'network' | 'ended' | 'result' | 'source';

/**
 * The error of a read that the source could not deliver; `reason` ends the sentence. Says nothing about the bytes
 * themselves.
 */
export function transportFailed(
  fault: TransportFault,
  layer: string,
  place: { offset: number; length: number },
  reason: string,
  cause?: unknown,
): DeadboxError<'READ_FAILED'> {
  return new DeadboxError('READ_FAILED', `${layer} could not be read at ${place.offset}: ${reason}`, {
    at: { layer, offset: place.offset },
    data: { length: place.length, transport: fault },
    cause,
  });
}
