import { DeadboxError, GIB } from '@deadbox/core';
import { type OutputErrorCode } from '@deadbox/report/internals';
import type { ReadCounter } from './read-counter.js';

/** Bytes that are hashed whatever the image holds: sparse files of an honest disk are of this size, or are few. */
const ALWAYS: number = 4 * GIB;
/** Bytes of content for each byte of the image: compressed files and images hold less than this. */
const PER_BYTE = 64;

/**
 * How many bytes of content one run may hash. A record of a kilobyte can stand for a terabyte of holes, and a thousand
 * files for the same clusters: what counts is what was read of the image's files, each byte of them once.
 */
export class HashBudget {
  readonly #counting: Pick<ReadCounter, 'bytes' | 'size'>;
  #spent = 0;

  constructor(counting: Pick<ReadCounter, 'bytes' | 'size'>) {
    this.#counting = counting;
  }

  /**
   * Takes `bytes` from it.
   * @throws DeadboxError `HASH_LIMIT` when they are more than is left; smaller files still have it
   */
  take(bytes: number, path: string): void {
    if (!this.has(bytes)) throw hashLimit(bytes, path);
    this.#spent += bytes;
  }

  /** Whether `bytes` are left. */
  has(bytes: number): boolean {
    const { bytes: read, size } = this.#counting;
    return this.#spent + bytes <= ALWAYS + PER_BYTE * Math.min(read, size);
  }
}

function hashLimit(bytes: number, path: string): DeadboxError<OutputErrorCode> {
  return new DeadboxError(
    'HASH_LIMIT',
    `${path} is not hashed: its ${bytes} bytes are out of proportion to what the image holds. cat writes them`,
    { data: { path, bytes } },
  );
}
