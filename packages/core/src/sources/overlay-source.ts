import { partitionPoint } from '../bytes/bisect.js';
import type { Bytes, MaybePromise } from '../bytes/bytes.js';
import { andThen } from '../bytes/maybe-promise.js';
import { checkRange } from '../errors.js';
import { type ByteSource, type Extent, extentsOf, type ReadOptions, readInto, readThrough } from './byte-source.js';

/**
 * A source with some pages replaced in memory, and perhaps longer than the one below: a file after a log that was never
 * written back. Extents name no origin for a replaced page: its bytes lie nowhere in the source below.
 */
export class OverlaySource implements ByteSource {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  readonly #inner: ByteSource;
  readonly #pages: ReadonlyMap<number, Bytes | undefined>;
  readonly #pageSize: number;
  readonly #what: string;
  /** Indexes of the replaced pages, ascending. */
  readonly #indexes: readonly number[];

  /**
   * @param pages - new content by page index; `undefined` for a page of zeros
   * @param pageSize - bytes of a page
   * @param size - bytes; what lies behind the inner source reads as zeros
   * @param what - what it is, for messages; it has no name of its own, since its bytes lie in no file
   */
  constructor(
    inner: ByteSource,
    pages: ReadonlyMap<number, Bytes | undefined>,
    pageSize: number,
    size: number,
    what: string,
  ) {
    this.#inner = inner;
    this.#pages = pages;
    this.#pageSize = pageSize;
    this.#what = what;
    this.#indexes = [...pages.keys()].sort((a, b) => a - b);
    this.size = size;
    if (inner.sectorSize !== undefined) this.sectorSize = inner.sectorSize;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange(this.#what, this.size, offset, length);
    if (offset + length <= this.#inner.size && !this.touches(offset, length))
      return this.#inner.read(offset, length, options);
    return readThrough(this, offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    checkRange(this.#what, this.size, offset, target.length);
    const stored = Math.min(target.length, Math.max(this.#inner.size - offset, 0));
    target.fill(0, stored);
    // What is replaced need not be readable.
    const pending =
      stored <= 0 || this.#covers(offset, stored)
        ? undefined
        : readInto(this.#inner, offset, target.subarray(0, stored), options);
    return andThen(pending, () => this.#patch(offset, target));
  }

  async *extents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    const end = Math.min(to, this.size);
    let next = this.#firstFrom(Math.floor(from / this.#pageSize));
    for (let at = from; at < end; ) {
      const index = this.#indexes[next] ?? Number.POSITIVE_INFINITY;
      const page = index * this.#pageSize;
      if (at >= page) {
        const length = Math.min(page + this.#pageSize, end) - at;
        yield [{ offset: at, length, kind: this.#pages.get(index) === undefined ? 'zero' : 'data' }];
        at += length;
        next += 1;
        continue;
      }
      const until = Math.min(page, end);
      const stored = Math.min(until, this.#inner.size);
      if (at < stored) yield* this.#innerExtents(at, stored, options);
      if (until > Math.max(at, stored)) {
        const offset = Math.max(at, stored);
        yield [{ offset, length: until - offset, kind: 'zero' }];
      }
      at = until;
    }
  }

  async *#innerExtents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    for await (const batch of extentsOf(this.#inner, from, to, options)) {
      yield batch.map(({ offset, length, kind }) =>
        kind === 'zero' ? { offset, length, kind } : { offset, length, kind, origin: { source: this.#inner, offset } },
      );
    }
  }

  /** Whether any of `[offset, offset + length)` is replaced. */
  touches(offset: number, length: number): boolean {
    const index = this.#indexes[this.#firstFrom(Math.floor(offset / this.#pageSize))];
    return index !== undefined && index * this.#pageSize < offset + length;
  }

  /** Whether all of it is replaced. */
  #covers(offset: number, length: number): boolean {
    const first = Math.floor(offset / this.#pageSize);
    const last = Math.floor((offset + length - 1) / this.#pageSize);
    const at = this.#firstFrom(first);
    return this.#indexes[at] === first && this.#indexes[at + last - first] === last;
  }

  #patch(offset: number, target: Bytes): void {
    const end = offset + target.length;
    for (let i = this.#firstFrom(Math.floor(offset / this.#pageSize)); i < this.#indexes.length; i += 1) {
      const start = this.#indexes[i] * this.#pageSize;
      if (start >= end) return;
      const low = Math.max(start, offset);
      const high = Math.min(start + this.#pageSize, end);
      const page = this.#pages.get(this.#indexes[i]);
      if (page === undefined) target.fill(0, low - offset, high - offset);
      else target.set(page.subarray(low - start, high - start), low - offset);
    }
  }

  /** Position of the first replaced page with at least `index`. */
  #firstFrom(index: number): number {
    return partitionPoint(this.#indexes.length, (at) => this.#indexes[at] < index);
  }
}
