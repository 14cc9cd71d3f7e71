import * as zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unpackZstd as unpackPlain } from '../../../packages/image/src/compression/zstd.js';
import { unpackZstd as unpackInNode } from '../../../packages/image/src/compression/zstd.node.js';
import { endOfZstdFrame, readZstdFrame } from '../../../packages/image/src/compression/zstd-frame.js';

// RFC 8878, section 3.1.1: magic, frame header descriptor, window or content size, blocks.
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const SINGLE = 0x20;
const RAW = 0;
const RLE = 1;
const COMPRESSED = 2;

/** A block: last or not, type and size in 24 bits, then its bytes. */
const block = (type: number, bytes: readonly number[], size = bytes.length, last = true): number[] => {
  const header = (last ? 1 : 0) | (type << 1) | (size << 3);
  return [header & 0xff, (header >> 8) & 0xff, header >> 16, ...bytes];
};
/** A frame of one segment whose content has `size` bytes (below 256), of these blocks. */
const frame = (size: number, ...blocks: number[][]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([...MAGIC, SINGLE, size, ...blocks.flat()]);
/** Literals of a compressed block, stored raw (type 0, size below 32). */
const literals = (bytes: readonly number[]): number[] => [bytes.length << 3, ...bytes];

const both = (packed: Uint8Array<ArrayBuffer>, length: number): Uint8Array[] =>
  [unpackPlain, unpackInNode].map((unpack) => {
    const target = new Uint8Array(length);
    return target.subarray(0, unpack(packed, target));
  });
const refused = (packed: Uint8Array<ArrayBuffer>, length: number, message: RegExp): void => {
  for (const unpack of [unpackPlain, unpackInNode])
    expect(() => unpack(packed, new Uint8Array(length))).toThrow(message);
};

describe('a Zstandard frame', () => {
  test.each<[string, Uint8Array<ArrayBuffer>, number[]]>([
    ['of a stored block', frame(3, block(RAW, [1, 2, 3])), [1, 2, 3]],
    ['of a repeated byte', frame(5, block(RLE, [7], 5)), [7, 7, 7, 7, 7]],
    ['of several blocks', frame(5, block(RAW, [1, 2], 2, false), block(RLE, [7], 3)), [1, 2, 7, 7, 7]],
    ['of literals alone', frame(2, block(COMPRESSED, [...literals([8, 9]), 0])), [8, 9]],
    ['with the dictionary 0', Uint8Array.from([...MAGIC, SINGLE | 1, 0, 1, ...block(RAW, [5])]), [5]],
    [
      'with a content size of eight bytes',
      Uint8Array.from([...MAGIC, SINGLE | 0xc0, 1, 0, 0, 0, 0, 0, 0, 0, ...block(RAW, [5])]),
      [5],
    ],
    ['of no byte', frame(0, block(RAW, [])), []],
  ])('%s is unpacked', (_, packed, expected) => {
    for (const bytes of both(packed, expected.length)) expect([...bytes]).toEqual(expected);
  });

  test.each<[string, Uint8Array<ArrayBuffer>, RegExp]>([
    ['without its sequences', frame(3, block(COMPRESSED, literals([1, 2, 3]))), /sequences are cut off/],
    [
      'whose four streams have no literals',
      frame(5, block(COMPRESSED, [0x56, 0, 2, 0x80, 0x10, 0, 0, 0, 0, 0, 0, 0])),
      /literals are cut off/,
    ],
    [
      'that needs a dictionary',
      Uint8Array.from([...MAGIC, SINGLE | 1, 9, 3, ...block(RAW, [5, 6, 7])]),
      /needs a dictionary/,
    ],
    ['of more than is wanted', frame(9, block(RLE, [7], 9)), /zstd frame of 9 bytes, expected 4/],
    ['without its blocks', frame(3), /cut off/],
    ['whose block is cut off', frame(3, block(RAW, [1, 2], 3)), /cut off/],
    ['whose blocks hold more than it says', frame(3, block(RLE, [7], 200)), /more than its target/],
    [
      'whose literals hold more than it says',
      frame(3, block(COMPRESSED, [...literals([1, 2, 3, 4, 5]), 0])),
      /more than its target/,
    ],
    ['whose Huffman tree ends behind it', frame(3, block(COMPRESSED, [0x32, 0x80, 0, 0x7f, 1, 0])), /cut off/],
    ['whose list of weights ends behind it', frame(3, block(COMPRESSED, [0x32, 0x80, 0, 0xff, 1, 0])), /cut off/],
    [
      'whose weights are all zero',
      frame(3, block(COMPRESSED, [0x32, 0xc0, 0, 0x80, 0x00, 1])),
      /Huffman tree is empty/,
    ],
    [
      'that repeats tables that it never had',
      frame(9, block(COMPRESSED, [...literals([1, 2]), 1, 0xfc, 1])),
      /no block before it had/,
    ],
    ['whose tables are cut off', frame(9, block(COMPRESSED, [...literals([1, 2]), 1, 0x54])), /tables are cut off/],
    [
      'whose table description is cut off',
      frame(9, block(COMPRESSED, [...literals([1, 2]), 1, 0x80, 0])),
      /table description is cut off/,
    ],
    [
      'whose table names a symbol that does not exist',
      frame(9, block(COMPRESSED, [...literals([1, 2]), 1, 0x54, 99, 0, 0, 1])),
      /symbol 99 does not exist/,
    ],
    [
      'whose sequences have no end mark',
      frame(9, block(COMPRESSED, [...literals([1, 2]), 1, 0x54, 0, 0, 0, 0])),
      /without an end mark/,
    ],
    [
      'whose sequences have no bits',
      frame(9, block(COMPRESSED, [...literals([1, 2]), 1, 0x54, 0, 0, 0])),
      /without an end mark/,
    ],
    [
      'whose sequences are shorter than their states',
      frame(9, block(COMPRESSED, [...literals([1, 2]), 1, 0, 1])),
      /sequences are cut off/,
    ],
    [
      'whose sequences need more bits than there are',
      frame(9, block(COMPRESSED, [...literals([1, 2]), 1, 0x54, 0, 8, 0, 1])),
      /sequences are cut off/,
    ],
    [
      'whose next states need more bits than there are',
      frame(40, block(COMPRESSED, [...literals([1, 2]), 2, 0x14, 0, 0, 0x40])),
      /cut off|before the frame|left over/,
    ],
    [
      'whose sequences leave bits over',
      frame(40, block(COMPRESSED, [...literals([1, 2, 3, 4]), 1, 0x54, 3, 2, 0, 0x3f, 1])),
      /left over/,
    ],
    [
      'with an offset of 2^32',
      frame(9, block(COMPRESSED, [...literals([1, 2]), 1, 0x54, 0, 31, 0, 0, 1])),
      /offset code|does not exist/,
    ],
  ])('%s is refused', (_, packed, message) => {
    refused(
      packed,
      packed[5] === 9 && message.source.includes('expected 4') ? 4 : Math.max(packed[5] ?? 0, 3),
      message,
    );
  });
});

describe('the end of a Zstandard frame', () => {
  const content = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) >> 5);
  const end = (packed: Uint8Array<ArrayBuffer>): number | undefined => endOfZstdFrame(packed, readZstdFrame(packed));

  test('lies behind its last block, and its checksum', () => {
    for (const [packed, length] of [
      [frame(3, block(RAW, [1, 2, 3])), 12],
      [frame(5, block(RAW, [1, 2], 2, false), block(RLE, [7], 3)), 15],
      [Uint8Array.from([...MAGIC, SINGLE | 4, 1, ...block(RAW, [5]), 9, 9, 9, 9]), 14],
    ] as const) {
      const longer = Uint8Array.from([...packed, 0xaa, 0xaa]);
      expect([end(packed), end(longer), packed.length]).toEqual([length, length, length]);
      expect(end(packed.slice(0, -1))).toBeUndefined();
    }
  });

  test('is where the system’s own zstd ends, if it has one', () => {
    const { zstdCompressSync } = zlib as unknown as { zstdCompressSync?: (bytes: Uint8Array) => Uint8Array };
    if (zstdCompressSync === undefined) return;
    const packed = new Uint8Array(zstdCompressSync(content));
    expect(end(packed)).toBe(packed.length);
    for (const bytes of both(Uint8Array.from([...packed, 1, 2, 3]), content.length)) expect(bytes).toEqual(content);
  });
});
