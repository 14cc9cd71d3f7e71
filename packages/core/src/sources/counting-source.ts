import type { Bytes, MaybePromise } from '../bytes/bytes.js';
import { type ByteSource, type Extent, type ReadOptions, readInto } from './byte-source.js';

/** Counts what is asked of the source below: put it directly above a file to know what a verdict cost. */
export class CountingSource implements ByteSource {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  readonly name?: string;
  /** The extents of the source below, when it can tell them. */
  readonly extents?: (from: number, to: number, options?: ReadOptions) => AsyncIterable<readonly Extent[]>;
  /** Number of reads so far. */
  reads = 0;
  /** Bytes asked for so far. */
  bytes = 0;
  readonly #inner: ByteSource;

  constructor(inner: ByteSource) {
    this.#inner = inner;
    this.size = inner.size;
    if (inner.sectorSize !== undefined) this.sectorSize = inner.sectorSize;
    if (inner.name !== undefined) this.name = inner.name;
    if (inner.extents !== undefined) this.extents = inner.extents.bind(inner);
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    this.reads += 1;
    this.bytes += length;
    return this.#inner.read(offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    this.reads += 1;
    this.bytes += target.length;
    return readInto(this.#inner, offset, target, options);
  }

  close(): MaybePromise<void> {
    return this.#inner.close?.();
  }
}
