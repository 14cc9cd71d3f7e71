import type { Bytes, MaybePromise } from '../bytes/bytes.js';
import { checkRange } from '../errors.js';
import { type ByteSource, type Extent, passExtents, type ReadOptions, readInto } from './byte-source.js';

/** Part of another source: a partition of a disk, a member of an archive. Closing it leaves the source below open. */
export class WindowSource implements ByteSource {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  readonly #inner: ByteSource;
  readonly #offset: number;
  readonly #layer: string;

  /**
   * `length` bytes of `inner` from byte `offset`.
   * @param layer - what the window is called in messages
   * @throws DeadboxError `READ_OUT_OF_RANGE` when the window does not lie inside `inner`
   */
  constructor(inner: ByteSource, offset: number, length: number, layer = 'window') {
    checkRange(layer, inner.size, offset, length);
    this.#inner = inner;
    this.#offset = offset;
    this.#layer = layer;
    this.size = length;
    if (inner.sectorSize !== undefined) this.sectorSize = inner.sectorSize;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange(this.#layer, this.size, offset, length);
    return this.#inner.read(this.#offset + offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    checkRange(this.#layer, this.size, offset, target.length);
    return readInto(this.#inner, this.#offset + offset, target, options);
  }

  async *extents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    const end = Math.min(to, this.size);
    yield* passExtents(this.#inner, this.#offset + from, this.#offset + end, -this.#offset, options);
  }
}
