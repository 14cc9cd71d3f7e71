import { partitionPoint } from '../bytes/bisect.js';
import type { Bytes, MaybePromise } from '../bytes/bytes.js';
import { fillPieces } from '../bytes/filling.js';
import { checkRange } from '../errors.js';
import { type ByteSource, type Extent, passExtents, type ReadOptions, readInto, readThrough } from './byte-source.js';

/** Several sources one after another, read as one: split images, segments. Closing it leaves its parts open. */
export class ConcatSource implements ByteSource {
  readonly size: number;
  readonly #parts: readonly ByteSource[];
  /** Start of each part, and the end of the last. */
  readonly #starts: readonly number[];
  readonly #layer: string;

  constructor(parts: readonly ByteSource[], layer = 'split image') {
    const starts = [0];
    for (const part of parts) starts.push((starts.at(-1) as number) + part.size);
    this.#parts = parts;
    this.#starts = starts;
    this.#layer = layer;
    this.size = starts.at(-1) as number;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange(this.#layer, this.size, offset, length);
    const index = this.#partAt(offset);
    const start = this.#starts[index];
    if (length === 0 || offset + length <= this.#starts[index + 1]) {
      return (this.#parts[index] as ByteSource | undefined)?.read(offset - start, length, options) ?? new Uint8Array(0);
    }
    return readThrough(this, offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    checkRange(this.#layer, this.size, offset, target.length);
    return fillPieces(target, (filling) => {
      const at = offset + filling.done;
      const index = this.#partAt(at);
      const piece = filling.take(this.#starts[index + 1] - at);
      filling.wait(readInto(this.#parts[index], at - this.#starts[index], piece, options));
    });
  }

  async *extents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    for (const [index, part] of this.#parts.entries()) {
      const start = this.#starts[index];
      const low = Math.max(from - start, 0);
      const high = Math.min(to - start, part.size);
      if (high <= low) continue;
      yield* passExtents(part, low, high, start, options);
    }
  }

  /** Index of the last part that starts at or before `offset`. */
  #partAt(offset: number): number {
    return Math.max(partitionPoint(this.#parts.length, (index) => this.#starts[index] <= offset) - 1, 0);
  }
}
