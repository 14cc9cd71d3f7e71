import {
  type ByteSource,
  type Bytes,
  checkRange,
  DeadboxError,
  type Extent,
  fillPieces,
  type MaybePromise,
  partitionPoint,
  passExtents,
  type ReadOptions,
  readInto,
  readThrough,
} from '@deadbox/core';
import type { ClusterChain } from './allocation-table.js';
import type { FatGeometry } from './boot-sector.js';
import type { FatErrorCode } from './errors.js';

/**
 * The bytes of a file: its clusters one after another. Where the chain is broken, reads fail with `FAT_CHAIN_BROKEN`.
 */
export class ChainSource implements ByteSource {
  readonly size: number;
  readonly #volume: ByteSource;
  readonly #path: string;
  /** Start of each run in the file and on the volume, in bytes. */
  readonly #starts: number[] = [];
  readonly #places: number[] = [];
  /** Bytes that the chain covers. */
  readonly #covered: number;

  constructor(volume: ByteSource, geometry: FatGeometry, chain: ClusterChain, size: number, path: string) {
    this.#volume = volume;
    this.#path = path;
    this.size = size;
    let at = 0;
    for (const run of chain.runs) {
      this.#starts.push(at);
      this.#places.push(geometry.dataOffset + (run.first - 2) * geometry.clusterSize);
      at += run.count * geometry.clusterSize;
    }
    this.#covered = Math.min(at, size);
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    this.#check(offset, length);
    if (length === 0) return new Uint8Array(0);
    const index = this.#runAt(offset);
    if (offset + length <= this.#endOf(index)) {
      return this.#volume.read(this.#places[index] + offset - this.#starts[index], length, options);
    }
    return readThrough(this, offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    this.#check(offset, target.length);
    return fillPieces(target, (filling) => {
      const at = offset + filling.done;
      const index = this.#runAt(at);
      const piece = filling.take(this.#endOf(index) - at);
      filling.wait(readInto(this.#volume, this.#places[index] + at - this.#starts[index], piece, options));
    });
  }

  async *extents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    const end = Math.min(to, this.#covered);
    for (let at = from; at < end; ) {
      const index = this.#runAt(at);
      const length = Math.min(end, this.#endOf(index)) - at;
      const shift = this.#starts[index] - this.#places[index];
      const place = this.#places[index] + at - this.#starts[index];
      yield* passExtents(this.#volume, place, place + length, shift, options);
      at += length;
    }
    // What the chain does not reach is no hole: whoever reads it gets the error.
    const lost = Math.max(from, end);
    if (lost < to) yield [{ offset: lost, length: to - lost, kind: 'data' }];
  }

  #check(offset: number, length: number): void {
    checkRange(this.#path, this.size, offset, length);
    if (offset + length <= this.#covered || length === 0) return;
    throw new DeadboxError<FatErrorCode>(
      'FAT_CHAIN_BROKEN',
      `${this.#path} has ${this.size} bytes, but its cluster chain ends after ${this.#covered}: bytes ${offset} to ${offset + length} cannot be read`,
      { at: { layer: this.#path, offset }, data: { size: this.size, covered: this.#covered } },
    );
  }

  #endOf(index: number): number {
    return this.#starts[index + 1] ?? this.size;
  }

  #runAt(offset: number): number {
    return Math.max(0, partitionPoint(this.#starts.length, (index) => this.#starts[index] <= offset) - 1);
  }
}
