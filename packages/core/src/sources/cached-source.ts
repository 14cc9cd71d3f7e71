import type { Bytes, MaybePromise } from '../bytes/bytes.js';
import { keepNewest } from '../bytes/keep.js';
import { andThen } from '../bytes/maybe-promise.js';
import { KIB, MIB } from '../bytes/sizes.js';
import { isDamage } from '../damage.js';
import { checkRange } from '../errors.js';
import { type ByteSource, type Extent, passExtents, type ReadOptions, readInto } from './byte-source.js';

/** Options of {@link CachedSource}. */
export interface CacheOptions {
  /** Bytes of a block: a power of two. Default 16 KiB. */
  readonly blockSize?: number;
  /** Bytes kept at most. Default 32 MiB. */
  readonly capacity?: number;
}

/** Reads of at least this many blocks pass the cache by: a bulk scan would only push out what is wanted again. */
const BYPASS_BLOCKS = 32;

/**
 * Keeps the blocks of a slower source, least recently used out first. Missing neighbours are read in one go, and two
 * callers that want the same block wait for the same read. A hit is answered without a promise.
 */
export class CachedSource implements ByteSource {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  readonly name?: string;
  readonly #inner: ByteSource;
  readonly #blockSize: number;
  readonly #maxBlocks: number;
  readonly #blocks = new Map<number, Bytes>();
  readonly #pending = new Map<number, Promise<void>>();
  /** The block used last. Moving it to the end again would fill the map with holes, once a read. */
  #newest: { readonly index: number; readonly block: Bytes } | undefined;

  constructor(inner: ByteSource, options: CacheOptions = {}) {
    this.#inner = inner;
    this.#blockSize = options.blockSize ?? 16 * KIB;
    this.#maxBlocks = Math.max(4, Math.floor((options.capacity ?? 32 * MIB) / this.#blockSize));
    this.size = inner.size;
    if (inner.sectorSize !== undefined) this.sectorSize = inner.sectorSize;
    if (inner.name !== undefined) this.name = inner.name;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange(this.name ?? 'source', this.size, offset, length);
    if (length === 0) return new Uint8Array(0);
    const first = Math.floor(offset / this.#blockSize);
    const last = Math.floor((offset + length - 1) / this.#blockSize);
    if (last - first >= BYPASS_BLOCKS) return this.#inner.read(offset, length, options);
    if (first === last) {
      const block = this.#touch(first);
      if (block !== undefined)
        return block.subarray(offset - first * this.#blockSize, offset - first * this.#blockSize + length);
    }
    return this.#readMissing(offset, length, first, last, options);
  }

  #readMissing(
    offset: number,
    length: number,
    first: number,
    last: number,
    options?: ReadOptions,
  ): MaybePromise<Bytes> {
    // A bad sector must not take the whole block with it: the bytes that were asked for may be good.
    const exact = (error: unknown): MaybePromise<Bytes> => {
      if (!isDamage(error, options?.signal) || length >= (last - first + 1) * this.#blockSize) throw error;
      return this.#inner.read(offset, length, options);
    };
    let loading: MaybePromise<void>;
    try {
      loading = this.#load(first, last, options);
    } catch (error) {
      return exact(error);
    }
    if (loading instanceof Promise)
      return loading.then(() => this.#gather(offset, length, first, last, options), exact);
    return this.#gather(offset, length, first, last, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    if (target.length >= BYPASS_BLOCKS * this.#blockSize) {
      checkRange(this.name ?? 'source', this.size, offset, target.length);
      return readInto(this.#inner, offset, target, options);
    }
    return andThen(this.read(offset, target.length, options), (bytes) => target.set(bytes));
  }

  extents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    return passExtents(this.#inner, from, Math.min(to, this.size), 0, options);
  }

  close(): MaybePromise<void> {
    this.#blocks.clear();
    this.#newest = undefined;
    return this.#inner.close?.();
  }

  /** The block, now the most recently used. */
  #touch(index: number): Bytes | undefined {
    if (this.#newest?.index === index) return this.#newest.block;
    const block = this.#blocks.get(index);
    if (block === undefined) return undefined;
    this.#blocks.delete(index);
    this.#blocks.set(index, block);
    this.#newest = { index, block };
    return block;
  }

  /** Brings blocks `first`…`last` in, missing neighbours by one read. */
  #load(first: number, last: number, options?: ReadOptions): MaybePromise<void> {
    const waiting: Promise<void>[] = [];
    for (let index = first; index <= last; index += 1) {
      if (this.#touch(index) !== undefined) continue;
      const pending = this.#pending.get(index);
      if (pending !== undefined) {
        // Another caller's read may end with that caller's signal; the bytes are then read again below, with this
        // caller's options.
        waiting.push(pending.catch(() => undefined));
        continue;
      }
      let end = index;
      while (end < last && !this.#blocks.has(end + 1) && !this.#pending.has(end + 1)) end += 1;
      const run = this.#readRun(index, end, options);
      if (run !== undefined) waiting.push(run);
      index = end;
    }
    return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined);
  }

  #readRun(first: number, last: number, options?: ReadOptions): Promise<void> | undefined {
    const start = first * this.#blockSize;
    const bytes = this.#inner.read(start, Math.min((last + 1) * this.#blockSize, this.size) - start, options);
    if (!(bytes instanceof Promise)) {
      this.#split(first, last, bytes);
      return undefined;
    }
    const run = bytes
      .then((value) => this.#split(first, last, value))
      .finally(() => {
        for (let index = first; index <= last; index += 1) this.#pending.delete(index);
      });
    for (let index = first; index <= last; index += 1) this.#pending.set(index, run);
    return run;
  }

  #split(first: number, last: number, bytes: Bytes): void {
    for (let index = first; index <= last; index += 1) {
      const at = (index - first) * this.#blockSize;
      const block = bytes.subarray(at, at + this.#blockSize);
      keepNewest(this.#blocks, index, block, this.#maxBlocks);
      this.#newest = { index, block };
    }
  }

  #gather(offset: number, length: number, first: number, last: number, options?: ReadOptions): MaybePromise<Bytes> {
    const target = new Uint8Array(length);
    for (let index = first; index <= last; index += 1) {
      const block = this.#blocks.get(index);
      // Another reader may have pushed the block out between its arrival and now, or given up before it arrived.
      if (block === undefined) return this.#inner.read(offset, length, options);
      const start = index * this.#blockSize;
      const low = Math.max(offset - start, 0);
      const high = Math.min(offset + length - start, block.length);
      if (first === last) return block.subarray(low, high);
      target.set(block.subarray(low, high), start + low - offset);
    }
    return target;
  }
}
