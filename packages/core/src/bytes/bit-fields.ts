import { BitView } from 'bit-buffer';
import { DeadboxError } from '../errors.js';

/**
 * Checked reading of bit fields, LSB first as Windows packs them. Wraps `bit-buffer`, whose traps it closes: reads of
 * more than 24 bits are split (unaligned reads above 25 bits are wrong there), arguments must be whole numbers inside
 * the bytes.
 */
export class BitFields {
  readonly #view: BitView;
  readonly #bits: number;

  constructor(bytes: Uint8Array) {
    // bit-buffer ignores the byteOffset of a typed array that it is given, so it gets an own copy.
    this.#view = new BitView(new Uint8Array(bytes).buffer);
    this.#bits = bytes.length * 8;
  }

  /**
   * The unsigned value of `count` bits (1…32) from bit `offset`.
   * @throws DeadboxError `CURSOR_OUT_OF_RANGE`
   */
  bits(offset: number, count: number): number {
    if (
      !Number.isInteger(offset) ||
      !Number.isInteger(count) ||
      offset < 0 ||
      count < 1 ||
      count > 32 ||
      offset + count > this.#bits
    ) {
      const message = `Bit field of ${count} bits at bit ${offset} is outside ${this.#bits} bits`;
      throw new DeadboxError('CURSOR_OUT_OF_RANGE', message);
    }
    if (count <= 24) return this.#view.getBits(offset, count, false);
    const low = this.#view.getBits(offset, 24, false);
    return this.#view.getBits(offset + 24, count - 24, false) * 0x100_0000 + low;
  }

  /** Whether bit `offset` is set. */
  flag(offset: number): boolean {
    return this.bits(offset, 1) === 1;
  }
}
