import { isDeadboxError } from '@deadbox/core';
import { expandLznt1, expandLznt1Into } from '@deadbox/ntfs/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeLznt1 } from '../../support/ntfs/lznt1-encoder.js';
import { noise, prose } from '../../support/ntfs/sample-data.js';

/** Bytes with long and short repetitions, as compressors meet them. */
const compressible = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 900 })).map(([part, times]) => {
        const out = new Uint8Array(part.length * times);
        for (let i = 0; i < times; i += 1) out.set(part, i * part.length);
        return out;
      }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])).subarray(0, 12_000));

describe('LZNT1', () => {
  test('expands the stream that ntfs-3g writes for 64 KiB of the letter A', () => {
    const chunk = [0x03, 0xb0, 0x02, 0x41, 0xfc, 0x0f];
    const stream = Uint8Array.from(Array.from({ length: 16 }, () => chunk).flat());
    expect(expandLznt1(stream, 65_536)).toEqual(new Uint8Array(65_536).fill(0x41));
  });

  test('returns what was compressed', () => {
    fc.assert(
      fc.property(compressible, (data) => {
        expect(expandLznt1(encodeLznt1(data), data.length)).toEqual(data);
      }),
      { numRuns: 150 },
    );
  });

  test('returns text of many chunks, and bytes that do not compress', () => {
    for (const data of [prose(70_000), noise(9000)]) expect(expandLznt1(encodeLznt1(data), data.length)).toEqual(data);
  });

  test('fills with zeros what the stream does not reach', () => {
    const data = prose(5000);
    expect(expandLznt1(encodeLznt1(data), 9000).subarray(5000)).toEqual(new Uint8Array(4000));
    expect(expandLznt1(new Uint8Array(4096), 100)).toEqual(new Uint8Array(100));
    expect(expandLznt1(new Uint8Array(0), 3)).toEqual(new Uint8Array(3));
  });

  test('pads a short chunk in the middle to 4096 bytes', () => {
    const stream = Uint8Array.from([0x01, 0x30, 0x61, 0x62, 0x00, 0x30, 0x63]);
    const data = expandLznt1(stream, 4100);
    expect([...data.subarray(0, 3), data[4096]]).toEqual([0x61, 0x62, 0, 0x63]);
  });

  test('keeps what was expanded before a stream was cut off', () => {
    const data = prose(4096);
    const stream = encodeLznt1(data);
    const half = expandLznt1(stream.subarray(0, stream.length >> 1), 4096);
    let same = 0;
    while (half[same] === data[same]) same += 1;
    expect(same).toBeGreaterThan(1000);
    expect(half.subarray(same).every((value) => value === 0)).toBe(true);
  });

  test.each([
    ['a match at the first byte of a chunk', [0x02, 0xb0, 0x01, 0x00, 0x00], 3],
    ['a match from before the chunk', [0x03, 0xb0, 0x02, 0x41, 0x00, 0x20], 4],
    ['a chunk head without its signature', [0x03, 0xa0, 0x02, 0x41, 0x00, 0x10], 0],
  ])('refuses %s and says where', (_, bytes, offset) => {
    try {
      expandLznt1(Uint8Array.from(bytes), 4096);
      expect.unreachable();
    } catch (error) {
      expect(isDeadboxError(error, 'NTFS_COMPRESSION_INVALID') && error.at?.offset).toBe(offset);
    }
  });

  test('never leaves its part of the output, whatever the input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 9000 }), (body, size) => {
        const stream = Uint8Array.from([0xff, 0xbf, ...body]);
        const output = new Uint8Array(size + 64).fill(0x5a);
        const result = expandLznt1Into(stream, 0, stream.length, output, 32, 32 + size);
        expect(result).toBeLessThanOrEqual(size);
        expect(output.subarray(0, 32).every((value) => value === 0x5a)).toBe(true);
        expect(output.subarray(32 + size).every((value) => value === 0x5a)).toBe(true);
      }),
    );
  });
});
