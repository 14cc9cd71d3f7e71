import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unpackZstd as unpackPlain } from '../../../packages/image/src/compression/zstd.js';
import { unpackZstd as unpackInNode } from '../../../packages/image/src/compression/zstd.node.js';
import { expectSame, generator } from '../../support/source-contract.js';
import { describeWithTools, runBytes } from '../../support/tools.js';

const random = generator(8878);

const DECODERS = { 'plain JavaScript': unpackPlain, 'node:zlib, where it has zstd': unpackInNode };

/** Content of many kinds, so that every kind of block, table and offset comes. */
const CONTENT: Readonly<Record<string, (length: number) => Uint8Array>> = {
  zeros: (length) => new Uint8Array(length),
  noise: (length) => Uint8Array.from({ length }, () => random() * 256),
  'few symbols': (length) => Uint8Array.from({ length }, () => 65 + Math.floor(random() ** 3 * 9)),
  'skewed bytes': (length) => Uint8Array.from({ length }, () => random() ** 6 * 256),
  'words with numbers': (length) => {
    let text = '';
    while (text.length < length)
      text += `2024-07-19T04:09:${Math.floor(random() * 60)} driver=${Math.floor(random() * 1e6)} user=svc-${Math.floor(random() * 50)}\n`;
    return new TextEncoder().encode(text.slice(0, length));
  },
  'repeated with changes': (length) => {
    const bytes = new Uint8Array(length);
    const unit = Uint8Array.from({ length: 777 }, () => random() * 256);
    for (let at = 0; at < length; at += 777) bytes.set(unit.subarray(0, Math.min(777, length - at)), at);
    for (let i = 0; i < length / 300; i += 1) bytes[Math.floor(random() * length)] = random() * 256;
    return bytes;
  },
  'zeros with islands': (length) => {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < 20; i += 1) bytes.fill(random() * 256, random() * length, random() * length);
    return bytes;
  },
};

/** CRC-32 of the bytes that came out, or the message of the error. */
function outcomeOf(unpackZstd: typeof unpackPlain, packed: Uint8Array<ArrayBuffer>): number | string {
  const target = new Uint8Array(65_536);
  try {
    return crc32(target.subarray(0, unpackZstd(packed, target)));
  } catch (error) {
    return (error as Error).message;
  }
}

describeWithTools(['zstd'], 'frames that zstd writes', () => {
  for (const [name, make] of Object.entries(CONTENT)) {
    test(`${name}: every level and length`, () => {
      for (const length of [0, 5, 1000, 65_536, 300_001]) {
        const content = make(length);
        for (const level of ['-1', '-3 --no-check', '-19', '--fast=5 --no-content-size']) {
          const packed = runBytes('zstd', ['-q', '-c', '--single-thread', ...level.split(' ')], { input: content });
          const padded = new Uint8Array(packed.length + 700).fill(0x28);
          padded.set(packed);
          // Another frame behind the first is padding, too.
          padded.set(packed.subarray(0, 700), packed.length);
          for (const [decoder, unpackZstd] of Object.entries(DECODERS)) {
            const what = `${length} bytes, ${level}, ${decoder}`;
            const target = new Uint8Array(length);
            expect(unpackZstd(padded, target), what).toBe(length);
            expectSame(target, content, what);
            expect(unpackZstd(new Uint8Array(packed), new Uint8Array(length + 9)), `${what}, longer target`).toBe(
              length,
            );
          }
        }
      }
    });
  }

  test('a frame that holds more than the target is refused', () => {
    const packed = new Uint8Array(
      runBytes('zstd', ['-q', '-c', '--no-content-size'], { input: new Uint8Array(1 << 20) }),
    );
    for (const unpackZstd of Object.values(DECODERS))
      expect(() => unpackZstd(packed, new Uint8Array(65_536))).toThrow('more than its target');
  });

  test('damaged and cut frames end in an error or in bytes, soon, the same from both decoders', () => {
    const content = CONTENT['words with numbers'](60_000);
    const packed = new Uint8Array(runBytes('zstd', ['-q', '-c', '-9'], { input: content }));
    const outcomes = { errors: 0, bytes: 0 };
    for (let round = 0; round < 1500; round += 1) {
      const broken = packed.slice(0, random() < 0.2 ? Math.floor(random() * packed.length) : packed.length);
      for (let i = 0; i < 3; i += 1) broken[Math.floor(random() ** 3 * broken.length)] = random() * 256;
      const plain = outcomeOf(unpackPlain, broken);
      expect(outcomeOf(unpackInNode, broken)).toEqual(plain);
      if (typeof plain === 'number') outcomes.bytes += 1;
      else {
        outcomes.errors += 1;
        expect(plain, 'not an error of the engine').toMatch(/zstd|Field of/);
      }
    }
    expect(outcomes.errors).toBeGreaterThan(100);
  });
});

describe('hostile frames', () => {
  test('sequences that claim gigabytes stop at the target', () => {
    // 60,000 matches of the longest kind from single-symbol tables, after one literal: four gigabytes in 120 KB.
    const count = 60_000;
    const literals = [0x01 | (1 << 3), 0x41];
    const sequences = [
      0xff,
      (count - 0x7f00) & 0xff,
      (count - 0x7f00) >> 8,
      0b0101_0100,
      0,
      0,
      52,
      ...new Array<number>(count * 2).fill(0xff),
    ];
    const body = [...literals, ...sequences];
    const header = (body.length << 3) | (2 << 1) | 1;
    const frame = Uint8Array.from([
      0x28,
      0xb5,
      0x2f,
      0xfd,
      0x00,
      0x38,
      header & 0xff,
      (header >> 8) & 0xff,
      header >> 16,
      ...body,
    ]);
    for (const unpackZstd of Object.values(DECODERS))
      expect(() => unpackZstd(frame, new Uint8Array(65_536))).toThrow('more than its target');
  });

  test('a header that asks for a window of 3.75 TiB takes no memory and changes nothing', () => {
    // One block that repeats a byte 1,000 times, without a size of the content; window: exponent 31, mantissa 7.
    const block = (1000 << 3) | (1 << 1) | 1;
    const frame = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, block & 0xff, block >> 8, 0, 0x41]);
    for (const unpackZstd of Object.values(DECODERS)) {
      const target = new Uint8Array(4096);
      const before = process.memoryUsage().rss;
      expect(unpackZstd(frame, target)).toBe(1000);
      expect(process.memoryUsage().rss - before).toBeLessThan(16 << 20);
      expectSame(target, new Uint8Array(4096).fill(0x41, 0, 1000), 'unpacked');
    }
  });
});
