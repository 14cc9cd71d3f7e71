import { expandLzxInto, expandXpressInto } from '@deadbox/ntfs/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomLzx } from '../../support/ntfs/lzx-random.js';
import { expandLzxPlainly, expandXpressPlainly } from '../../support/ntfs/plain-decoders.js';
import { numbers } from '../../support/ntfs/prefix-writer.js';
import { randomXpress } from '../../support/ntfs/xpress-random.js';

type Expand = (
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outFrom: number,
  outTo: number,
) => number;
type ExpandPlainly = (input: Uint8Array, size: number) => Uint8Array | undefined;

/** Gives one stream, in the middle of other bytes, to both decoders; returns whether it is a good one. */
function expectEqual(expand: Expand, expandPlainly: ExpandPlainly, stream: Uint8Array, size: number): boolean {
  const wanted = expandPlainly(stream, size);
  const input = new Uint8Array(stream.length + 20).fill(0xe8);
  input.set(stream, 7);
  const output = new Uint8Array(size + 20).fill(0x5a);
  const result = expand(input, 7, 7 + stream.length, output, 3, 3 + size);
  const whole = new Uint8Array(size + 20).fill(0x5a);
  if (wanted === undefined) {
    expect(result).toBeLessThan(-7);
    expect(result).toBeGreaterThanOrEqual(-1 - 7 - stream.length);
  } else {
    expect(result).toBe(size);
    whole.set(wanted, 3);
  }
  expect(Buffer.compare(output, whole)).toBe(0);
  return wanted !== undefined;
}

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe('XPRESS Huffman chunks expand as symbol by symbol', () => {
  const equal = (stream: Uint8Array, size: number): boolean =>
    expectEqual(expandXpressInto, expandXpressPlainly, stream, size);

  test('whatever a writer may write, whole, damaged or cut', () => {
    fc.assert(
      fc.property(seed, (from) => {
        const next = numbers(from);
        const size = 1 + next(next(5) === 0 ? 65_536 : 9000);
        const stream = randomXpress(next, size);
        expect(equal(stream, size)).toBe(true);
        equal(stream, Math.min(65_536, size + 1 + next(300)));
        equal(stream, next(size));
        equal(stream.subarray(0, stream.length - 1 - next(8)), size);
        for (let i = 0; i < 4; i += 1) {
          const damaged = stream.slice();
          damaged[next(next(2) === 0 ? 256 : damaged.length)] = next(256);
          equal(damaged, size);
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['a word', [255, 0x34, 0x12], 0x1234 + 4, true],
    ['two words after a word of 0', [255, 0, 0, 0x21, 0x43, 0, 0], 0x4321 + 4, true],
    // What follows would fill the rest, were the length less.
    ['more than there is', [255, 0, 0, 0, 0, 1, 0, ...new Array<number>(5000).fill(0)], 65_536, false],
    ['a word that is cut', [255, 0x34], 0x1234 + 4, false],
  ])('a length that follows as %s', (_, length, size, good) => {
    // Two codes of one bit: 0 is the literal 65, 1 a match at distance 1 whose length follows.
    const stream = new Uint8Array(256 + 4 + length.length);
    stream[65 >> 1] = 1 << 4;
    stream[(256 + 15) >> 1] = 1 << 4;
    stream.set([0x00, 0x40, 0x00, 0x00, ...length], 256);
    expect(equal(stream, size)).toBe(good);
    // The same match with nothing before it.
    stream.set([0x00, 0x80], 256);
    expect(equal(stream, size)).toBe(false);
  });
});

describe('LZX chunks expand as symbol by symbol', () => {
  const equal = (stream: Uint8Array, size: number): boolean =>
    expectEqual(expandLzxInto, expandLzxPlainly, stream, size);

  test('whatever a writer may write, whole, damaged or cut', () => {
    fc.assert(
      fc.property(seed, (from) => {
        const next = numbers(from);
        const writer = new RandomLzx(next);
        // A start from afar makes room for the longest offsets.
        if (next(3) === 0) writer.plain(Uint8Array.from({ length: 17_000 + next(6000) }, () => next(256)));
        let coded = 0;
        for (let blocks = 1 + next(5); blocks > 0; blocks -= 1) {
          if (next(4) === 0) writer.plain(Uint8Array.from({ length: 1 + next(30) }, () => next(256)));
          else {
            writer.coded(1 + next(next(3) === 0 ? 1700 : 100), next(2) === 0, {
              sameCodes: coded > 0 && next(8) === 0,
            });
            coded += 1;
          }
        }
        const { bytes, size } = writer.end();
        expect(equal(bytes, size)).toBe(true);
        equal(bytes, Math.min(32_768, size + 1 + next(300)));
        equal(bytes, next(size));
        equal(bytes.subarray(0, next(bytes.length)), size);
        equal(bytes.subarray(0, bytes.length - 1 - next(3)), size);
        const damaged = bytes.slice();
        damaged[next(damaged.length)] = next(256);
        equal(damaged, size);
      }),
      { numRuns: 60 },
    );
  });

  test('unless an uncompressed block has a recent offset below 1', () => {
    for (const offset of [1, 0, -1, -0x8000_0000]) {
      for (const which of [0, 1, 2]) {
        const writer = new RandomLzx(numbers(3));
        writer.plain(Uint8Array.of(1, 2, 3));
        const { bytes, size } = writer.end();
        new DataView(bytes.buffer).setInt32(4 + which * 4, offset, true);
        expect(equal(bytes, size)).toBe(offset === 1);
      }
    }
  });

  test('unless a run of code lengths has a run for its length', () => {
    for (const runInRun of [false, true]) {
      const writer = new RandomLzx(numbers(5));
      writer.coded(50, false);
      writer.coded(50, false, { sameCodes: true, runInRun });
      const { bytes, size } = writer.end();
      expect(equal(bytes, size)).toBe(!runInRun);
    }
  });

  test('with the targets of calls translated back, up to ten bytes before the end, and where they are in range', () => {
    const targets = [0, 1, 11_999_999, 12_000_000, 12_000_001, 0x7fff_ffff, -1, -2_000_000_000];
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 400 }), (from, size) => {
        const next = numbers(from);
        const content = new Uint8Array(size);
        const view = new DataView(content.buffer);
        for (let at = 0; at < size; at += 1 + next(12)) {
          content[at] = 0xe8;
          if (at + 5 <= size)
            view.setInt32(at + 1, next(2) === 0 ? (targets[next(targets.length)] ?? 0) : -at - 1 + next(3), true);
        }
        const writer = new RandomLzx(next);
        writer.plain(content);
        expect(equal(writer.end().bytes, size)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
