import { expandLzx, expandXpress, expandXpressLz77Into } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { expandXpressPlainly } from '../../support/ntfs/plain-decoders.js';
import { bitsOf, numbers } from '../../support/ntfs/prefix-writer.js';
import { randomXpress } from '../../support/ntfs/xpress-random.js';

/** Bits in words, the highest first, as LZX has them. */
function words(bits: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 16) * 2);
  for (const [i, bit] of bits.entries()) bytes[(i >> 4) * 2 + (i % 16 < 8 ? 1 : 0)] |= bit << (7 - (i % 8));
  return bytes;
}

describe('a chunk', () => {
  test('larger than its window is refused before it is read', () => {
    expect(() => expandLzx(new Uint8Array(8), 32_769)).toThrow(
      expect.objectContaining({ code: 'NTFS_COMPRESSION_INVALID' }),
    );
    expect(() => expandXpress(new Uint8Array(8), 65_537)).toThrow(
      expect.objectContaining({ code: 'NTFS_COMPRESSION_INVALID' }),
    );
  });

  test('that is no valid one is refused', () => {
    expect(() => expandLzx(new Uint8Array(8), 100)).toThrow(
      expect.objectContaining({ code: 'NTFS_COMPRESSION_INVALID' }),
    );
    expect(() => expandXpress(new Uint8Array(255), 100)).toThrow(
      expect.objectContaining({ code: 'NTFS_COMPRESSION_INVALID' }),
    );
    expect(() => expandXpress(new Uint8Array(300), 100)).toThrow(
      expect.objectContaining({ code: 'NTFS_COMPRESSION_INVALID' }),
    );
  });
});

describe('LZX', () => {
  /** An uncompressed block: type 3, its size, recent offsets. */
  const uncompressed = (size: number, bytes: number): Uint8Array => {
    const head = words([...bitsOf(3, 3), 0, ...bitsOf(size, 16)]);
    const block = new Uint8Array(head.length + bytes);
    block.set(head);
    for (const at of [0, 4, 8]) if (head.length + at < block.length) block[head.length + at] = 1;
    return block;
  };

  /** A block whose main code has literal 0 and `other`, each of one bit; its code of match lengths is empty. */
  const block = (aligned: boolean, other: number | undefined, data: readonly number[], deep = false): Uint8Array => {
    const PRE = 20;
    /** The code for lengths: of one symbol, or two, with codes of one bit. */
    const pre = (...symbols: number[]): number[] =>
      Array.from({ length: PRE }, (_, i) => bitsOf(symbols.includes(i) ? 1 : 0, 4)).flat();
    /** So many lengths of 0, at least 20, in runs of 20 to 51 by symbol 18, whose code is `bit`. */
    const zeros = (count: number, bit: number): number[] => {
      const run = count > 70 ? 51 : count > 51 ? count - 20 : count;
      return [bit, ...bitsOf(run - 20, 5), ...(run < count ? zeros(count - run, bit) : [])];
    };
    /** As many lengths, under a code in which symbol 18 is one bit long, and symbol 16 fifteen, all of them 1. */
    const deepLiterals = (): number[] => {
      const codeLengths = Array.from({ length: PRE }, (_, i) =>
        i === 18 ? 1 : i === 16 || i === 15 ? 15 : i < 13 ? i + 2 : 0,
      );
      return [
        ...codeLengths.flatMap((length) => bitsOf(length, 4)),
        ...Array.from({ length: 15 }, () => 1),
        ...zeros(255, 0),
      ];
    };
    // Symbol 16 makes a length of 1 out of one of 0, modulo 17.
    const literals = deep ? deepLiterals() : [...pre(16, 18), 0, ...zeros(255, 1)];
    const at = (other ?? 0) - 256;
    const matches =
      other === undefined
        ? [...pre(18), ...zeros(240, 0)]
        : [...pre(16, 18), ...zeros(at, 1), 0, ...zeros(239 - at, 1)];
    const lengths = [...pre(18), ...zeros(249, 0)];
    const head = [...bitsOf(aligned ? 2 : 1, 3), 1, ...(aligned ? Array.from({ length: 24 }, () => 0) : [])];
    return words([...head, ...literals, ...matches, ...lengths, ...data, ...Array.from({ length: 64 }, () => 1)]);
  };

  test.each<[string, Uint8Array]>([
    ['a literal that no code stands for', block(false, undefined, [1])],
    ['a match whose length no code stands for', block(false, 256 + 8 * 3 + 7, [0, 1])],
    ['a match whose low bits no code stands for', block(true, 256 + 8 * 10, [0, 1])],
  ])('refuses %s', (_, chunk) => {
    expect(() => expandLzx(chunk, 32_768)).toThrow(expect.objectContaining({ code: 'NTFS_COMPRESSION_INVALID' }));
  });

  test.each([false, true])('takes a block whose lengths are told in short codes, or in the longest: %s', (deep) => {
    const literals = Array.from({ length: 32_768 }, () => 0);
    expect(expandLzx(block(false, undefined, literals, deep), 32_768)).toEqual(new Uint8Array(32_768));
  });

  test('refuses an uncompressed block that the chunk is too short for', () => {
    expect(expandLzx(uncompressed(4, 16), 4)).toHaveLength(4);
    // What is looked at is a window of 64 KiB: a block that would end behind it is refused at once.
    const long = new Uint8Array(1 << 16);
    const head = words([...bitsOf(3, 3), 1]);
    long.set(head);
    expect(() => expandLzx(long.subarray(0, 30), 32_768)).toThrow(
      expect.objectContaining({ code: 'NTFS_COMPRESSION_INVALID' }),
    );
  });
});

describe('the longest input', () => {
  // 18 bytes for each byte of content: the head, three recent offsets, the byte, and one to make it even.
  const block = new Uint8Array(18);
  block.set(words([...bitsOf(3, 3), 0, ...bitsOf(1, 16)]));
  for (const at of [4, 8, 12, 16]) block[at] = 1;
  const blocks = Math.ceil(65_536 / block.length);
  const chunk = new Uint8Array(blocks * block.length);
  for (let at = 0; at < chunk.length; at += block.length) chunk.set(block, at);

  test('of LZX is looked at up to 64 KiB: an uncompressed block that goes on behind it is refused', () => {
    expect(expandLzx(chunk, blocks - 1)).toEqual(new Uint8Array(blocks - 1).fill(1));
    expect(() => expandLzx(chunk, blocks)).toThrow(expect.objectContaining({ code: 'NTFS_COMPRESSION_INVALID' }));
  });
});

test('a chunk of XPRESS Huffman is what it expands to symbol by symbol', () => {
  const stream = randomXpress(numbers(1), 5000);
  expect(expandXpress(stream, 5000)).toEqual(expandXpressPlainly(stream, 5000));
});

test.each<[string, readonly number[], number]>([
  ['a byte', [0x05], 1 + 15 + 5 + 3],
  ['a word', [0xff, 0xe8, 0x03], 1 + 1000 + 3],
  ['two words', [0xff, 0x00, 0x00, 0xe8, 0x03, 0x00, 0x00], 1 + 1000 + 3],
])('a chunk of XPRESS Huffman that ends in the length of a match, %s, is refused', (_, length, size) => {
  // Two codes of one bit: the letter a, and a match of distance 1 whose length follows (MS-XCA 2.2.4).
  const chunk = new Uint8Array(256 + 4 + length.length);
  chunk[97 >> 1] = 0x10;
  chunk[(256 + 15) >> 1] = 0x10;
  chunk.set([0x00, 0x40, 0x00, 0x00, ...length], 256);
  // What follows it in memory is what the one before had there.
  expect(expandXpress(chunk, size)).toEqual(new Uint8Array(size).fill(0x61));
  for (let cut = 260; cut < chunk.length; cut += 1)
    expect(() => expandXpress(chunk.subarray(0, cut), size)).toThrow(
      expect.objectContaining({ code: 'NTFS_COMPRESSION_INVALID' }),
    );
});

describe('plain LZ77', () => {
  const expand = (bytes: readonly number[], size: number): number => {
    const input = Uint8Array.from(bytes);
    return expandXpressLz77Into(input, 0, input.length, new Uint8Array(size), 0, size);
  };

  test('refuses a length in its longest form that the short form could say', () => {
    // A literal, then a match of distance 1 whose length is told in two bytes: 23, and 21, which fits in a half byte.
    const head = [0xff, 0xff, 0xff, 0x7f, 0x61, 0x07, 0x00, 0x0f, 0xff];
    expect(expand([...head, 23, 0], 27)).toBe(27);
    expect(expand([...head, 21, 0], 25)).toBeLessThan(0);
  });
});
