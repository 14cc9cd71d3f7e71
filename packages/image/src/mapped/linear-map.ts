import type { ByteSource } from '@deadbox/core';
import { type BlockMap, type BlockRun, pushRun } from './block-map.js';

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
    const runs: BlockRun[] = [];
    for (let index = this.#pieceAt(from), at = from; at < to; index += 1) {
      const { length, source, offset = 0 } = this.#pieces[index];
      const skip = at - this.#starts[index];
      const count = Math.min(length - skip, to - at);
      pushRun(
        runs,
        source === undefined
          ? { kind: 'zero', length: count }
          : { kind: 'data', length: count, source, offset: offset + skip },
      );
      at += count;
    }
    return runs;
  }

  /** Index of the piece that holds `at`. */
  #pieceAt(at: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
