import { type ByteSource, type Bytes, keepNewest, type MaybePromise, type ReadOptions } from '@deadbox/core';
import { MAX_BITMAP_CACHE_BYTES } from '../limits.js';

/** Which bit of a byte stands for the first of its eight sectors. */
export type BitOrder = 'msb-first' | 'lsb-first';

/** The sector bitmaps of a differencing disk, read when first needed, the oldest forgotten. */
export class SectorBitmaps {
  readonly #source: ByteSource;
  readonly #bytes: number;
  readonly #cache = new Map<number, Bytes>();
  readonly #pending = new Map<number, Promise<Bytes>>();

  /** @param bytes - length of one block's bitmap */
  constructor(source: ByteSource, bytes: number) {
    this.#source = source;
    this.#bytes = bytes;
  }

  /** The bitmap at byte `offset` of the file. */
  at(offset: number, options?: ReadOptions): MaybePromise<Bytes> {
    const known = this.#cache.get(offset);
    if (known !== undefined) return known;
    const pending = this.#pending.get(offset);
    if (pending !== undefined) return pending;
    const bytes = this.#source.read(offset, this.#bytes, options);
    if (!(bytes instanceof Promise)) return this.#keep(offset, bytes);
    const reading = bytes.then((value) => this.#keep(offset, value)).finally(() => this.#pending.delete(offset));
    this.#pending.set(offset, reading);
    return reading;
  }

  #keep(offset: number, bytes: Bytes): Bytes {
    return keepNewest(this.#cache, offset, bytes, Math.floor(MAX_BITMAP_CACHE_BYTES / this.#bytes));
  }
}

/**
 * The runs of equal bits among bits `[from, to)` of `bitmap`, in order.
 * @param each - called with whether the bits are set, and how many follow one another
 */
export function bitRuns(
  bitmap: Bytes,
  order: BitOrder,
  from: number,
  to: number,
  each: (set: boolean, count: number) => void,
): void {
  for (let at = from; at < to; ) {
    const set = bit(bitmap, order, at);
    const whole = set ? 0xff : 0;
    let end = at + 1;
    while (end < to) {
      // Most bitmaps are all ones or all zeros: take eight sectors a step.
      if (end % 8 === 0 && to - end >= 8 && bitmap[end >> 3] === whole) end += 8;
      else if (bit(bitmap, order, end) === set) end += 1;
      else break;
    }
    each(set, end - at);
    at = end;
  }
}

function bit(bitmap: Bytes, order: BitOrder, index: number): boolean {
  const shift = order === 'msb-first' ? 7 - (index & 7) : index & 7;
  return ((bitmap[index >> 3] >> shift) & 1) === 1;
}
