import {
  type ByteSource,
  type Bytes,
  checkRange,
  type Extent,
  type MaybePromise,
  type ReadOptions,
  readInto,
} from '@deadbox/core';
import { ntfsError, type Place } from '../errors.js';
import { type DataRun, findRun, HOLE } from './data-runs.js';

/** What makes a non-resident stream. */
export interface StreamLayout {
  /** The volume. */
  readonly source: ByteSource;
  /** Bytes in a cluster. */
  readonly clusterSize: number;
  /** Ascending and not overlapping; a gap is a damaged part. */
  runs: readonly DataRun[];
  /** Bytes of content. */
  readonly size: number;
  /** Valid data length: what follows reads as zero, whatever the clusters hold. */
  readonly initializedSize: number;
  /** For messages: `$MFT`, `\Windows\a.txt:stream`… */
  readonly name: string;
  /** The attribute, for messages. */
  readonly place?: Place | undefined;
}

interface Piece {
  /** Byte offset on the volume; -1 reads as zero. */
  readonly offset: number;
  length: number;
}

const EXTENTS_PER_BATCH = 1024;

/** The content of a non-resident, uncompressed stream: clusters in the order of its runs, holes and everything past the valid data length as zeros. */
export class NtfsStream implements ByteSource {
  /** Bytes of content. */
  readonly size: number;
  readonly name: string;
  /** Valid data length. */
  readonly initializedSize: number;
  /** The runs. */
  readonly runs: readonly DataRun[];
  readonly #layout: StreamLayout;

  constructor(layout: StreamLayout) {
    this.#layout = layout;
    this.size = layout.size;
    this.name = layout.name;
    this.initializedSize = Math.min(layout.initializedSize, layout.size);
    this.runs = layout.runs;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange(this.name, this.size, offset, length);
    if (length > 0) {
      const piece = this.#piece(offset, length);
      // One piece of the volume is handed through: no copy.
      if (piece.length === length && piece.offset >= 0) return this.#layout.source.read(piece.offset, length, options);
    }
    const bytes = new Uint8Array(length);
    const pending = this.#fill(offset, bytes, 0, options);
    return pending instanceof Promise ? pending.then(() => bytes) : bytes;
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    checkRange(this.name, this.size, offset, target.length);
    return this.#fill(offset, target, 0, options);
  }

  async *extents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    const end = Math.min(to, this.size);
    let batch: Extent[] = [];
    for (let at = Math.max(from, 0); at < end; ) {
      options?.signal?.throwIfAborted();
      const piece = this.#piece(at, end - at, true);
      if (piece.offset >= 0)
        batch.push({
          offset: at,
          length: piece.length,
          kind: 'data',
          origin: { source: this.#layout.source, offset: piece.offset },
        });
      else batch.push({ offset: at, length: piece.length, kind: piece.offset === -1 ? 'zero' : 'data' });
      at += piece.length;
      if (batch.length === EXTENTS_PER_BATCH) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  #fill(offset: number, target: Bytes, from: number, options: ReadOptions | undefined): MaybePromise<void> {
    for (let at = from; at < target.length; ) {
      const piece = this.#piece(offset + at, target.length - at);
      const part = target.subarray(at, at + piece.length);
      at += piece.length;
      if (piece.offset < 0) part.fill(0);
      else {
        const pending = readInto(this.#layout.source, piece.offset, part, options);
        if (pending instanceof Promise) return this.#fillRest(pending, offset, target, at, options);
      }
    }
    return undefined;
  }

  async #fillRest(
    first: Promise<void>,
    offset: number,
    target: Bytes,
    from: number,
    options: ReadOptions | undefined,
  ): Promise<void> {
    await first;
    for (let at = from; at < target.length; ) {
      const piece = this.#piece(offset + at, target.length - at);
      const part = target.subarray(at, at + piece.length);
      at += piece.length;
      if (piece.offset < 0) part.fill(0);
      else await readInto(this.#layout.source, piece.offset, part, options);
    }
  }

  /** The longest part from `offset` that lies together. With `tolerant`, a damaged part has offset -2 instead of being an error. */
  #piece(offset: number, wanted: number, tolerant = false): Piece {
    if (offset >= this.initializedSize) return { offset: -1, length: wanted };
    const { clusterSize } = this.#layout;
    const valid = Math.min(wanted, this.initializedSize - offset);
    const vcn = Math.floor(offset / clusterSize);
    const index = findRun(this.runs, vcn);
    if (index < 0) {
      if (!tolerant) {
        throw ntfsError(
          'NTFS_RUNS_INVALID',
          `No data run covers byte ${offset} (cluster ${vcn}) of ${this.name}: its run list is damaged`,
          this.#layout.place,
          { vcn, stream: this.name },
        );
      }
      const next = this.runs.find((run) => run.vcn > vcn);
      return { offset: -2, length: next === undefined ? valid : Math.min(valid, next.vcn * clusterSize - offset) };
    }
    const run = this.runs[index];
    const inRun = offset - run.vcn * clusterSize;
    const length = Math.min(valid, run.length * clusterSize - inRun);
    return { offset: run.lcn === HOLE ? -1 : run.lcn * clusterSize + inRun, length };
  }
}
