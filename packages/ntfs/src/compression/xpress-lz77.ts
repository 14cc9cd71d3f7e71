import { copyMatch } from './match-copy.js';

const MIN_MATCH = 3;

/**
 * Expands plain LZ77 XPRESS data (MS-XCA 2.4), as Data Deduplication uses it: words of 32 flags read from the highest bit, 0 = a literal
 * byte, 1 = a u16 of distance - 1 (13 bits) and length (3 bits); long lengths go on in half bytes, two of which share a byte.
 *
 * @param input - the data lies in `[from, to)` of it
 * @param output - `[outFrom, outTo)` is filled whole: the expanded size is known from outside
 * @returns how many bytes were written, or `-1 - p` when the data is damaged near index `p` of `input`
 */
export function expandXpressLz77Into(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outFrom: number,
  outTo: number,
): number {
  let at = from;
  let out = outFrom;
  let flags = 0;
  let flagCount = 0;
  /** Place of the byte whose high half is the next length, or -1. */
  let halfAt = -1;
  while (out < outTo) {
    if (flagCount === 0) {
      if (at + 4 > to) return -1 - to;
      flags = input[at] | (input[at + 1] << 8) | (input[at + 2] << 16) | (input[at + 3] << 24);
      at += 4;
      flagCount = 32;
    }
    flagCount -= 1;
    if (((flags >>> flagCount) & 1) === 0) {
      if (at >= to) return -1 - to;
      output[out++] = input[at++];
      continue;
    }
    if (at + 2 > to) return -1 - to;
    const token = input[at] | (input[at + 1] << 8);
    at += 2;
    let length = token & 7;
    if (length === 7) {
      if (halfAt < 0) {
        if (at >= to) return -1 - to;
        halfAt = at;
        length = input[at++] & 15;
      } else {
        length = input[halfAt] >> 4;
        halfAt = -1;
      }
      if (length === 15) {
        if (at >= to) return -1 - to;
        length = input[at++];
        if (length === 255) {
          if (at + 2 > to) return -1 - to;
          length = input[at] | (input[at + 1] << 8);
          at += 2;
          if (length === 0) {
            if (at + 4 > to) return -1 - to;
            length = (input[at] | (input[at + 1] << 8) | (input[at + 2] << 16) | (input[at + 3] << 24)) >>> 0;
            at += 4;
          }
          // The long forms hold the whole length.
          if (length < 15 + 7) return -1 - at;
          length -= 15 + 7;
        }
        length += 15;
      }
      length += 7;
    }
    length += MIN_MATCH;
    const distance = (token >> 3) + 1;
    let source = out - distance;
    if (source < outFrom || length > outTo - out) return -1 - at;
    const end = out + length;
    if (length < 24) while (out < end) output[out++] = output[source++];
    else out = copyMatch(output, out, distance, end);
  }
  return out - outFrom;
}
