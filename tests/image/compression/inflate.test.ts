import { deflateRawSync, deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inflate as inflatePlain } from '../../../packages/image/src/compression/inflate.js';
import { inflate as inflateInNode } from '../../../packages/image/src/compression/inflate.node.js';
import { expectSame, generator } from '../../support/source-contract.js';

const random = generator(7);
const words = Uint8Array.from({ length: 70_000 }, (_, i) => (i % 97) + (random() < 0.05 ? 100 : 0));

for (const [name, inflate] of [
  ['node:zlib', inflateInNode],
  ['plain JavaScript', inflatePlain],
] as const) {
  describe(`inflate with ${name}`, () => {
    for (const [wrapping, pack] of [
      ['raw', deflateRawSync],
      ['zlib', deflateSync],
    ] as const) {
      const packed = new Uint8Array(pack(words));

      test(`${wrapping}: unpacks a stream, whatever follows it`, () => {
        for (const padding of [0, 1, 500]) {
          const padded = new Uint8Array(packed.length + padding).fill(0x55);
          padded.set(packed);
          const target = new Uint8Array(words.length).fill(0xaa);
          expect(inflate(padded, target, wrapping)).toBe(words.length);
          expectSame(target, words, 'unpacked');
        }
      });

      test(`${wrapping}: says how much came out when the target is longer`, () => {
        const target = new Uint8Array(words.length + 1000);
        expect(inflate(packed, target, wrapping)).toBe(words.length);
        expectSame(target.subarray(0, words.length), words, 'unpacked');
      });

      test(`${wrapping}: refuses a stream that holds more than the target, without unpacking all of it`, () => {
        const bomb = new Uint8Array(pack(new Uint8Array(64 << 20)));
        const before = process.memoryUsage().arrayBuffers;
        expect(() => inflate(bomb, new Uint8Array(4096), wrapping)).toThrow();
        expect(() => inflate(packed, new Uint8Array(words.length - 1), wrapping)).toThrow();
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
      });

      test(`${wrapping}: refuses a stream that is cut off`, () => {
        for (const length of [0, 1, 2, packed.length >> 1, packed.length - (wrapping === 'zlib' ? 5 : 1)]) {
          expect(
            () => inflate(packed.subarray(0, length), new Uint8Array(words.length), wrapping),
            `${length} bytes`,
          ).toThrow();
        }
      });
    }

    test('zlib: refuses content that its checksum does not fit', () => {
      const packed = new Uint8Array(deflateSync(words, { level: 0 }));
      packed[1000] ^= 1;
      expect(() => inflate(packed, new Uint8Array(words.length), 'zlib')).toThrow();
    });
  });
}

test('a stream that needs a preset dictionary, or holds a byte where none is wanted, is refused', () => {
  // RFC 1950, section 2.2: FDICT is bit 5 of the second byte.
  const preset = Uint8Array.of(0x78, 0x20, 0, 0, 0, 1, 3, 0, 0, 0, 0, 1);
  for (const inflate of [inflatePlain, inflateInNode]) {
    expect(() => inflate(preset, new Uint8Array(8), 'zlib')).toThrow();
    expect(() => inflate(deflateRawSync(Uint8Array.of(1)), new Uint8Array(0), 'raw')).toThrow();
  }
});
