import { DeadboxError, type Location } from '../errors.js';
import { type Bytes, plainBytes } from './bytes.js';
import { formatGuid } from './guid.js';
import { utf16Text } from './utf16.js';

/**
 * Checked little-endian reading at offsets of one structure. Every access outside the bytes is a `CURSOR_OUT_OF_RANGE`
 * error that names the layer and the absolute offset; big-endian forms end in `Be`.
 */
export class Cursor {
  /** The structure's bytes. */
  readonly bytes: Bytes;
  readonly #view: DataView<ArrayBuffer>;
  readonly #layer: string;
  readonly #base: number;

  /**
   * @param layer - name of the layer for messages
   * @param base - byte offset of `bytes[0]` in that layer
   */
  constructor(bytes: Bytes, layer = 'structure', base = 0) {
    this.bytes = plainBytes(bytes);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#layer = layer;
    this.#base = base;
  }

  /** Length in bytes. */
  get length(): number {
    return this.bytes.length;
  }

  /** The location of structure offset `offset`. */
  at(offset = 0): Location {
    return { layer: this.#layer, offset: this.#base + offset };
  }

  /** The unsigned byte at `offset`; every getter throws `CURSOR_OUT_OF_RANGE` outside the bytes. */
  u8(offset: number): number {
    this.#check(offset, 1);
    return this.#view.getUint8(offset);
  }
  /** The signed byte at `offset`. */
  i8(offset: number): number {
    this.#check(offset, 1);
    return this.#view.getInt8(offset);
  }
  /** The unsigned 16-bit value at `offset`, little-endian. */
  u16(offset: number): number {
    this.#check(offset, 2);
    return this.#view.getUint16(offset, true);
  }
  /** The unsigned 32-bit value at `offset`, little-endian. */
  u32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getUint32(offset, true);
  }
  /** The signed 32-bit value at `offset`, little-endian. */
  i32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getInt32(offset, true);
  }
  /** An unsigned 64-bit value as `bigint`. */
  u64(offset: number): bigint {
    this.#check(offset, 8);
    return this.#view.getBigUint64(offset, true);
  }
  /**
   * An unsigned 64-bit value as `number`; `Infinity`-free: values of 2^53 and above come back as they round, so check
   * against a limit.
   */
  u64Number(offset: number): number {
    this.#check(offset, 8);
    return this.#view.getUint32(offset + 4, true) * 0x1_0000_0000 + this.#view.getUint32(offset, true);
  }
  /** The unsigned 16-bit value at `offset`, big-endian. */
  u16Be(offset: number): number {
    this.#check(offset, 2);
    return this.#view.getUint16(offset, false);
  }
  /** The unsigned 32-bit value at `offset`, big-endian. */
  u32Be(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getUint32(offset, false);
  }
  /** The unsigned 64-bit value at `offset`, big-endian, as `bigint`. */
  u64Be(offset: number): bigint {
    this.#check(offset, 8);
    return this.#view.getBigUint64(offset, false);
  }
  /** Big-endian form of {@link u64Number}. */
  u64NumberBe(offset: number): number {
    this.#check(offset, 8);
    return this.#view.getUint32(offset, false) * 0x1_0000_0000 + this.#view.getUint32(offset + 4, false);
  }
  /** A view (no copy) of `length` bytes. */
  slice(offset: number, length: number): Bytes {
    this.#check(offset, length);
    return this.bytes.subarray(offset, offset + length);
  }
  /** A cursor on `length` bytes from `offset`; positions in its errors stay absolute. */
  sub(offset: number, length: number): Cursor {
    return new Cursor(this.slice(offset, length), this.#layer, this.#base + offset);
  }
  /** The GUID at `offset` in upper-case text, mixed-endian as Windows stores it. */
  guid(offset: number): string {
    return formatGuid(this.slice(offset, 16));
  }
  /** `units` UTF-16LE code units as text; unpaired surrogates stay. */
  utf16(offset: number, units: number): string {
    return utf16Text(this.slice(offset, units * 2));
  }

  #check(offset: number, length: number): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.bytes.length) return;
    throw new DeadboxError(
      'CURSOR_OUT_OF_RANGE',
      `Field of ${length} bytes at ${this.#base + offset} of ${this.#layer} lies outside its structure of ${this.bytes.length} bytes`,
      { at: this.at(offset), data: { length, structureLength: this.bytes.length } },
    );
  }
}
