import type { Json } from './bytes/bytes.js';

/** Where on which layer something stands: `layer` names it (`file`, `disk`, `volume`, `$MFT`…), `offset` counts bytes in it. */
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
 * Told apart by a brand, not by `instanceof`, so that two copies of the library understand each other (see {@link isDeadboxError}).
 * The English message says what, where, expected and found.
 */
export class DeadboxError<C extends string = string> extends Error {
  /** Stable, upper-case identifier; each package lists its own in `errors.ts`. */
  readonly code: C;
  /** Where it happened, when the place is known. */
  readonly at?: Location;
  /** The facts behind the message. */
  readonly data: Record<string, Json>;

  constructor(code: C, message: string, options: { at?: Location; data?: Record<string, Json>; cause?: unknown } = {}) {
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

/** Error codes of `@deadbox/core`. */
export type CoreErrorCode =
  | 'SOURCE_CLOSED'
  | 'SOURCE_NOT_FOUND'
  | 'SOURCE_DENIED'
  | 'SOURCE_NOT_READABLE'
  | 'SOURCE_CHANGED'
  | 'READ_OUT_OF_RANGE'
  | 'READ_FAILED'
  | 'CURSOR_OUT_OF_RANGE'
  | 'HTTP_RANGES_UNSUPPORTED'
  | 'INVALID_ARGUMENT';

/** A read that could not be answered: outside the source (`READ_OUT_OF_RANGE`), after close, or refused by the medium (`READ_FAILED`). */
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
    {
      at: { layer, offset },
      data: { length, size },
    },
  );
}

/** The error of a read after `close()`. */
export function sourceClosed(layer: string): DeadboxError<'SOURCE_CLOSED'> {
  return new DeadboxError('SOURCE_CLOSED', `${layer} was read after it had been closed`);
}
