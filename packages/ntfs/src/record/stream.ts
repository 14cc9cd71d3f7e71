import {
  type ByteSource,
  type Bytes,
  checkRange,
  type Extent,
  fillPieces,
  type MaybePromise,
  type ReadOptions,
  readInto,
  readThrough,
} from '@deadbox/core';
import { ntfsError, type Place } from '../errors.js';
import { type DataRun, findRun, HOLE, runsUpTo } from './data-runs.js';

/** What makes a non-resident stream. */
export interface StreamLayout {
  readonly source: ByteSource;
  /** Bytes in a cluster. */
  readonly clusterSize: number;
  /** Ascending and not overlapping; a gap is a damaged part. */
  readonly runs: readonly DataRun[];
  /** Bytes of content. */
  readonly size: number;
  /** Valid data length: what follows reads as zero, whatever the clusters hold. */
  readonly initializedSize: number;
  /** For messages: `$MFT`, `\Windows\a.txt:stream`… */
  readonly name: string;
  /** The attribute, for messages. */
  readonly place?: Place | undefined;
}

/** Bytes of a stream that lie together: stored on the volume, known to be zero, or lost with a damaged run list. */
type Piece =
  | { readonly kind: 'stored'; readonly offset: number; readonly length: number }
  | { readonly kind: 'zero' | 'lost'; readonly length: number };

const EXTENTS_PER_BATCH = 1024;

/**
 * The content of a non-resident, uncompressed stream: clusters in the order of its runs, holes and everything past the
 * valid data length as zeros.
 */
export class NtfsStream implements ByteSource {
  /** Bytes of content. */
  readonly size: number;
  readonly name: string;
  /** Valid data length. */
  readonly initializedSize: number;
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
      if (piece.kind === 'stored' && piece.length === length)
        return this.#layout.source.read(piece.offset, length, options);
    }
    return readThrough(this, offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    checkRange(this.name, this.size, offset, target.length);
    return fillPieces(target, (filling) => {
      const piece = this.#piece(offset + filling.done, target.length - filling.done);
      const part = filling.take(piece.length);
      if (piece.kind === 'stored') filling.wait(readInto(this.#layout.source, piece.offset, part, options));
      else part.fill(0);
    });
  }

  async *extents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    const end = Math.min(to, this.size);
    let batch: Extent[] = [];
    for (let at = Math.max(from, 0); at < end; ) {
      options?.signal?.throwIfAborted();
      const piece = this.#piece(at, end - at, true);
      const place = { offset: at, length: piece.length };
      if (piece.kind === 'stored')
        batch.push({ ...place, kind: 'data', origin: { source: this.#layout.source, offset: piece.offset } });
      else batch.push({ ...place, kind: piece.kind === 'zero' ? 'zero' : 'data' });
      at += piece.length;
      if (batch.length === EXTENTS_PER_BATCH) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  /**
   * The longest part from `offset` that lies together. With `tolerant`, a lost part is told instead of being an error.
   */
  #piece(offset: number, wanted: number, tolerant = false): Piece {
    if (offset >= this.initializedSize) return { kind: 'zero', length: wanted };
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
      const next = this.runs[runsUpTo(this.runs, vcn)];
      return { kind: 'lost', length: next === undefined ? valid : Math.min(valid, next.vcn * clusterSize - offset) };
    }
    const run = this.runs[index];
    const inRun = offset - run.vcn * clusterSize;
    const length = Math.min(valid, run.length * clusterSize - inRun);
    return run.lcn === HOLE
      ? { kind: 'zero', length }
      : { kind: 'stored', offset: run.lcn * clusterSize + inRun, length };
  }
}
