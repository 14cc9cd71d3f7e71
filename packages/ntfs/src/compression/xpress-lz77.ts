import { damageAt } from './damage.js';
import { copyMatch } from './match-copy.js';

const MIN_MATCH = 3;
/** A length of all ones goes on in the next larger form. */
const LONG_TOKEN = 7;
const LONG_HALF = 15;
const LONG_BYTE = 255;
/** Copied one by one up to here: cheaper than a call. */
const SHORT = 24;

/**
 * Expands plain LZ77 XPRESS data (MS-XCA 2.4), as Data Deduplication uses it: words of 32 flags read from the highest
 * bit, 0 = a literal byte, 1 = a u16 of distance - 1 (13 bits) and length (3 bits); long lengths go on in half bytes,
 * two of which share a byte.
 *
 * @param input - the data lies in `[from, to)` of it
 * @param output - `[outFrom, outTo)` is filled whole: the expanded size is known from outside
 * @returns how many bytes were written, or `damageAt` an index of `input` near which the data is damaged
 */
export function expandXpressLz77Into(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outFrom: number,
  outTo: number,
): number {
  const lengths = new LengthReader(input, to);
  let at = from;
  let out = outFrom;
  let flags = 0;
  let flagCount = 0;
  while (out < outTo) {
    if (flagCount === 0) {
      if (at + 4 > to) return damageAt(to);
      flags = input[at] | (input[at + 1] << 8) | (input[at + 2] << 16) | (input[at + 3] << 24);
      at += 4;
      flagCount = 32;
    }
    flagCount -= 1;
    if (((flags >>> flagCount) & 1) === 0) {
      if (at >= to) return damageAt(to);
      output[out++] = input[at++];
      continue;
    }
    if (at + 2 > to) return damageAt(to);
    const token = input[at] | (input[at + 1] << 8);
    at += 2;
    let length = token & LONG_TOKEN;
    if (length === LONG_TOKEN) {
      lengths.at = at;
      length = lengths.read();
      at = lengths.at;
    }
    length += MIN_MATCH;
    const distance = (token >> 3) + 1;
    if (lengths.damaged || out - distance < outFrom || length > outTo - out) return damageAt(at);
    const end = out + length;
    if (length < SHORT) for (; out < end; out += 1) output[out] = output[out - distance];
    else out = copyMatch(output, out, distance, end);
  }
  return out - outFrom;
}

/** Reads the lengths that a token has no room for. */
class LengthReader {
  /** Index of the next byte. */
  at = 0;
  /** The data ends too early, or a long form says less than a short one could. */
  damaged = false;
  readonly #input: Uint8Array;
  readonly #end: number;
  /** Place of a byte whose high half is the next length. */
  #halfAt: number | undefined;

  constructor(input: Uint8Array, end: number) {
    this.#input = input;
    this.#end = end;
  }

  /** The length behind a token of {@link LONG_TOKEN}, without the least length of a match. */
  read(): number {
    const half = this.#half();
    if (half !== LONG_HALF) return half + LONG_TOKEN;
    const byte = this.#byte();
    if (byte !== LONG_BYTE) return byte + LONG_HALF + LONG_TOKEN;
    // The long forms hold the whole length.
    const whole = this.#u16() || this.#u16() + this.#u16() * 0x1_0000;
    if (whole < LONG_HALF + LONG_TOKEN) this.damaged = true;
    return whole;
  }

  #half(): number {
    if (this.#halfAt === undefined) {
      this.#halfAt = this.at;
      return this.#byte() & 15;
    }
    const half = this.#input[this.#halfAt] >> 4;
    this.#halfAt = undefined;
    return half;
  }

  #u16(): number {
    const low = this.#byte();
    return low | (this.#byte() << 8);
  }

  #byte(): number {
    if (this.at < this.#end) return this.#input[this.at++];
    this.damaged = true;
    return 0;
  }
}
