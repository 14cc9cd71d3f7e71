import { expandLznt1Into } from '@deadbox/ntfs/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/** LZNT1 token by token (MS-XCA 2.5), slow and plain: what {@link expandLznt1Into} must give for any bytes at all. */
function expandPlainly(input: Uint8Array, size: number): { result: number; output: Uint8Array } {
  const output = new Uint8Array(size);
  let at = 0;
  let out = 0;
  while (at + 2 <= input.length && out < size) {
    const head = input[at] + input[at + 1] * 256;
    if (head === 0) break;
    if (((head >> 12) & 7) !== 3) return { result: -1 - at, output };
    const next = at + (head & 0xfff) + 3;
    const end = Math.min(next, input.length);
    const start = out;
    const outEnd = Math.min(start + 4096, size);
    at += 2;
    if (head < 0x8000) while (at < end && out < outEnd) output[out++] = input[at++];
    else {
      let cut = false;
      while (at < end && out < outEnd && !cut) {
        const flags = input[at++];
        for (let bit = 0; bit < 8 && at < end && out < outEnd; bit += 1) {
          if (((flags >> bit) & 1) === 0) {
            output[out++] = input[at++];
            continue;
          }
          if (at + 1 >= end) {
            cut = true;
            break;
          }
          const distanceBits = Math.max(4, Math.ceil(Math.log2(out - start)));
          const token = input[at] + input[at + 1] * 256;
          const distance = (token >> (16 - distanceBits)) + 1;
          if (distance > out - start) return { result: -1 - at, output };
          at += 2;
          const length = Math.min((token & ((1 << (16 - distanceBits)) - 1)) + 3, outEnd - out);
          for (let i = 0; i < length; i += 1) output[out + i] = output[out + i - distance];
          out += length;
        }
      }
    }
    at = next;
    if (at + 2 <= input.length && out < outEnd && input[at] + input[at + 1] !== 0) {
      output.fill(0, out, outEnd);
      out = outEnd;
    }
  }
  output.fill(0, out);
  return { result: out, output };
}

/** A compressed chunk of literals and matches that lead back into it, as a writer would make it, with its head. */
const chunk = fc
  .array(fc.tuple(fc.boolean(), fc.nat(0xffff), fc.nat(0xffff)), { minLength: 1, maxLength: 700, size: 'max' })
  .map((tokens) => {
    const bytes: number[] = [];
    let produced = 0;
    let flagsAt = 0;
    for (const [i, [wantsMatch, first, second]] of tokens.entries()) {
      if (i % 8 === 0) flagsAt = bytes.push(0) - 1;
      if (!wantsMatch || produced === 0) {
        bytes.push(first & 0xff);
        produced += 1;
        continue;
      }
      const distanceBits = Math.max(4, Math.ceil(Math.log2(produced)));
      const distance = (first % Math.min(produced, 2 ** distanceBits)) + 1;
      // Mostly short, as in real data; sometimes up to the longest.
      const longest = 2 ** (16 - distanceBits) - 1;
      const length = second % 10 === 0 ? second % (longest + 1) : second % Math.min(longest + 1, 30);
      const token = (distance - 1) * 2 ** (16 - distanceBits) + length;
      bytes[flagsAt] |= 1 << (i % 8);
      bytes.push(token & 0xff, token >> 8);
      produced += length + 3;
      if (produced > 4000) break;
    }
    const head = 0xb000 | (bytes.length - 1);
    return [head & 0xff, head >> 8, ...bytes];
  });

describe('LZNT1', () => {
  const compare = (input: Uint8Array, size: number): void => {
    const plain = expandPlainly(input, size);
    // Neighbouring bytes must stay: the stream lies in the middle of larger arrays.
    const around = new Uint8Array(input.length + 40).fill(0xee);
    around.set(input, 17);
    const output = new Uint8Array(size + 40).fill(0xdd);
    const result = expandLznt1Into(around, 17, 17 + input.length, output, 23, 23 + size);
    expect(result).toBe(plain.result < 0 ? plain.result - 17 : plain.result);
    const expected = new Uint8Array(size + 40).fill(0xdd);
    expected.set(result < 0 ? output.subarray(23, 23 + size) : plain.output, 23);
    expect(Buffer.compare(output, expected)).toBe(0);
  };

  test('expands whatever a writer makes as token by token, to every size', () => {
    fc.assert(
      fc.property(fc.array(chunk, { minLength: 1, maxLength: 3 }), fc.nat(3 * 4096), (chunks, size) => {
        compare(Uint8Array.from(chunks.flat()), size);
        compare(Uint8Array.from(chunks.flat()), 3 * 4096);
      }),
      { numRuns: 300 },
    );
  });

  test('answers damage and a cut as token by token', () => {
    fc.assert(
      fc.property(chunk, fc.nat(), fc.nat(255), fc.nat(), (bytes, where, value, cut) => {
        const damaged = Uint8Array.from(bytes);
        damaged[2 + (where % (damaged.length - 2))] = value;
        compare(damaged, 4096);
        compare(damaged.subarray(0, cut % (damaged.length + 1)), 4096);
      }),
      { numRuns: 500 },
    );
  });
});
