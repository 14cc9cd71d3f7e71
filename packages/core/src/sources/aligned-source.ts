import type { Bytes, MaybePromise } from '../bytes/bytes.js';
import { andThen } from '../bytes/maybe-promise.js';
import { checkRange } from '../errors.js';
import type { ByteSource, ReadOptions } from './byte-source.js';

/** Widens reads to whole sectors: raw devices of Windows and macOS refuse anything else. */
export class AlignedSource implements ByteSource {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  readonly name?: string;
  readonly #inner: ByteSource;
  readonly #alignment: number;

  /** @param alignment - bytes, a power of two; the size of `inner` must be a multiple of it */
  constructor(inner: ByteSource, alignment: number) {
    this.#inner = inner;
    this.#alignment = alignment;
    this.size = inner.size;
    if (inner.sectorSize !== undefined) this.sectorSize = inner.sectorSize;
    if (inner.name !== undefined) this.name = inner.name;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange(this.name ?? 'device', this.size, offset, length);
    const start = offset - (offset % this.#alignment);
    const end = Math.min(Math.ceil((offset + length) / this.#alignment) * this.#alignment, this.size);
    return andThen(this.#inner.read(start, end - start, options), (bytes) =>
      bytes.subarray(offset - start, offset - start + length),
    );
  }

  close(): MaybePromise<void> {
    return this.#inner.close?.();
  }
}
