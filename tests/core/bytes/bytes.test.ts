import { asciiText, concatBytes, equalBytes, hasAscii, isZero, toHex } from '@deadbox/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('bytes', () => {
  test('become hexadecimal text as Buffer writes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
      }),
    );
  });

  test('are equal when all are', () => {
    expect(equalBytes(Uint8Array.from([1, 2]), Uint8Array.from([1, 2]))).toBe(true);
    expect(equalBytes(Uint8Array.from([1, 2]), Uint8Array.from([1, 3]))).toBe(false);
    expect(equalBytes(Uint8Array.from([1, 2]), Uint8Array.from([1]))).toBe(false);
  });

  test('are zero only when every one is, at any alignment', () => {
    for (let start = 0; start < 8; start += 1) {
      for (const length of [0, 1, 3, 63, 64, 65, 130]) {
        const whole = new Uint8Array(200).fill(1);
        const view = whole.subarray(start, start + length).fill(0);
        expect(isZero(view)).toBe(true);
        for (let at = 0; at < length; at += 1) {
          view[at] = 128;
          expect(isZero(view)).toBe(false);
          view[at] = 0;
        }
      }
    }
  });

  test('are joined in order', () => {
    expect([...concatBytes([Uint8Array.from([1]), new Uint8Array(0), Uint8Array.from([2, 3])])]).toEqual([1, 2, 3]);
    expect(concatBytes([]).length).toBe(0);
  });

  test('show only printable ASCII', () => {
    expect(asciiText(Uint8Array.from([0x4e, 0x54, 0x1b, 0x7f, 0xe9, 0x20]))).toBe('NT... ');
    expect(asciiText(Uint8Array.from([0x41, 0x42]), 1, 50)).toBe('B');
  });

  test('are compared with ASCII inside their bounds', () => {
    const bytes = new TextEncoder().encode('xNTFS    ');
    expect([
      hasAscii(bytes, 1, 'NTFS    '),
      hasAscii(bytes, 0, 'NTFS'),
      hasAscii(bytes, 2, 'TFS     x'),
      hasAscii(bytes, -1, 'x'),
    ]).toEqual([true, false, false, false]);
  });
});
