import { type ByteSource, partitionPoint } from '@deadbox/core';
import type { BlockMap, BlockRun } from './block-map.js';
import { RunBuilder } from './run-builder.js';

/** A piece of a disk that lies verbatim in a source, or (without one) is zero. */
export interface LinearPiece {
  /** Length in bytes, > 0. */
  readonly length: number;
  readonly source?: ByteSource;
  /** Byte offset in `source`. */
  readonly offset?: number;
}

/** The map of a disk of a few long verbatim pieces: raw, split, fixed and flat images. */
export class LinearMap implements BlockMap {
  readonly size: number;
  readonly #pieces: readonly LinearPiece[];
  /** Virtual offset where each piece begins. */
  readonly #starts: readonly number[];

  constructor(pieces: readonly LinearPiece[]) {
    const starts: number[] = [];
    let size = 0;
    for (const piece of pieces) {
      starts.push(size);
      size += piece.length;
    }
    this.#pieces = pieces;
    this.#starts = starts;
    this.size = size;
  }

  locate(from: number, to: number): readonly BlockRun[] {
    const starts = this.#starts;
    const runs = new RunBuilder();
    for (
      let index = partitionPoint(starts.length, (piece) => starts[piece] <= from) - 1, at = from;
      at < to;
      index += 1
    ) {
      const { length, source, offset = 0 } = this.#pieces[index];
      const skip = at - starts[index];
      const count = Math.min(length - skip, to - at);
      if (source === undefined) runs.absent('zero', count);
      else runs.data(source, offset + skip, count);
      at += count;
    }
    return runs.finish();
  }
}
