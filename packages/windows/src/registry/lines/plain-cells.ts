import type { Bytes } from '@deadbox/core';
import { MAX_KEY_NAME_BYTES, MAX_VALUE_NAME_BYTES } from '../../limits.js';
import { SEGMENT_BYTES } from '../big-data.js';
import { FIRST_CELL } from '../hive-cells.js';
import { KEY_NODE } from '../key-node.js';
import { INLINE, KEY_VALUE } from '../key-value.js';

/** There is no cell in use there, or not such a one. */
export const NOT_PLAIN = -1;
/** A cell begins with its size. */
export const CELL_HEAD = 4;
const KEY = KEY_NODE.fields;
const VALUE = KEY_VALUE.fields;
const KEY_SIGNATURE = 0x6b6e;
const VALUE_SIGNATURE = 0x6b76;
const BIG_DATA_SIGNATURE = 0x6264;
/** Below this many elements it is sooner to compare each with each. */
const FEW = 8;

/**
 * The hive bins of a hive in memory, for a reader that takes only what is as it should be. It makes no objects, and
 * says nothing of what is not: that is left to the readers of single records.
 */
export class PlainCells {
  readonly bytes: Bytes;
  readonly view: DataView;

  constructor(bytes: Bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Bytes of data of the cell at `offset`, which begin {@link CELL_HEAD} bytes behind it; or {@link NOT_PLAIN}. */
  size(offset: number): number {
    const end = this.bytes.length;
    if (offset < FIRST_CELL || (offset & 7) !== 0 || offset + 8 > end) return NOT_PLAIN;
    const length = -this.view.getInt32(offset, true);
    return length < 8 || offset + length > end ? NOT_PLAIN : length - CELL_HEAD;
  }

  /** As {@link size}, of a key node with a whole name. */
  keySize(offset: number): number {
    return this.#namedSize(offset, KEY_SIGNATURE, KEY.nameLength.offset, KEY.name.offset, MAX_KEY_NAME_BYTES);
  }

  /** As {@link size}, of a value record with a whole name. */
  valueSize(offset: number): number {
    const name = VALUE.nameLength.offset;
    const size = this.#namedSize(offset, VALUE_SIGNATURE, name, VALUE.name.offset, MAX_VALUE_NAME_BYTES);
    const claimed = size === NOT_PLAIN ? 0 : this.u32(offset, VALUE.dataSize.offset);
    return claimed > INLINE + 4 ? NOT_PLAIN : size;
  }

  /** Where the `size` bytes of data lie whose cell is at `offset`; {@link NOT_PLAIN} for less data, and for segments. */
  data(offset: number, size: number): number {
    const found = this.size(offset);
    if (found < size) return NOT_PLAIN;
    const at = offset + CELL_HEAD;
    return size > SEGMENT_BYTES && this.view.getUint16(at, true) === BIG_DATA_SIGNATURE ? NOT_PLAIN : at;
  }

  /** A number of the record at `offset`. */
  u32(offset: number, field: number): number {
    return this.view.getUint32(offset + CELL_HEAD + field, true);
  }

  u16(offset: number, field: number): number {
    return this.view.getUint16(offset + CELL_HEAD + field, true);
  }

  /** Whether `count` numbers differ, of which the first lies at `at`, and the next `step` bytes on. */
  areUnique(at: number, count: number, step: number): boolean {
    const { view } = this;
    if (count > FEW) {
      const seen = new Set<number>();
      for (let i = 0; i < count; i += 1) seen.add(view.getUint32(at + i * step, true));
      return seen.size === count;
    }
    for (let i = 1; i < count; i += 1) {
      const one = view.getUint32(at + i * step, true);
      for (let k = 0; k < i; k += 1) if (view.getUint32(at + k * step, true) === one) return false;
    }
    return true;
  }

  #namedSize(offset: number, signature: number, lengthField: number, nameField: number, longest: number): number {
    const size = this.size(offset);
    if (size < nameField || this.u16(offset, 0) !== signature) return NOT_PLAIN;
    const length = this.u16(offset, lengthField);
    return length > longest || length > size - nameField ? NOT_PLAIN : size;
  }
}
