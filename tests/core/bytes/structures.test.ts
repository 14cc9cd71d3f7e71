import {
  BitFields,
  Cursor,
  formatGuid,
  isDeadboxError,
  NIL_GUID,
  parseGuid,
  untilNul,
  utf16Bytes,
  utf16Text,
} from '@deadbox/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('Cursor', () => {
  const bytes = Uint8Array.from([0xff, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x87, 0x88, 0x10]);
  const cursor = new Cursor(bytes, 'boot sector', 4096);

  test('reads every width in both byte orders', () => {
    expect([cursor.u8(0), cursor.i8(0), cursor.u16(1), cursor.u16Be(1)]).toEqual([0xff, -1, 0x0201, 0x0102]);
    expect([cursor.u32(1), cursor.u32Be(1), cursor.i32(4)]).toEqual([0x04030201, 0x01020304, 0x87060504 | 0]);
    expect([cursor.u64(0), cursor.u64Be(0)]).toEqual([0x87060504030201ffn, 0xff01020304050687n]);
  });

  test('reads 64 bits as a number exactly below 2^53', () => {
    const small = new Cursor(Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0]));
    expect(small.u64Number(0)).toBe(Number.MAX_SAFE_INTEGER);
    const big = new Cursor(Uint8Array.from([0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
    expect(big.u64NumberBe(0)).toBe(Number.MAX_SAFE_INTEGER);
    expect(new Cursor(new Uint8Array(8).fill(0xff)).u64Number(0)).toBe(2 ** 64);
  });

  test('names layer and absolute offset when a field lies outside', () => {
    const error = errorOf(() => cursor.u32(7));
    expect(isDeadboxError(error, 'CURSOR_OUT_OF_RANGE')).toBe(true);
    expect(error).toMatchObject({
      at: { layer: 'boot sector', offset: 4103 },
      data: { length: 4, structureLength: 10 },
    });
    expect((error as Error).message).toContain('boot sector');
  });

  test('refuses negative, endless and NaN offsets alike', () => {
    for (const offset of [-1, Number.NaN, Number.POSITIVE_INFINITY, 10, 2 ** 53])
      expect(isDeadboxError(errorOf(() => cursor.u8(offset)))).toBe(true);
    for (const length of [-1, Number.NaN, 11])
      expect(isDeadboxError(errorOf(() => cursor.slice(0, length)))).toBe(true);
  });

  test('keeps absolute positions in sub-cursors', () => {
    const sub = cursor.sub(2, 4);
    expect([sub.length, sub.u16(0), sub.at(1)]).toEqual([4, 0x0302, { layer: 'boot sector', offset: 4099 }]);
    expect(errorOf(() => sub.u32(1))).toMatchObject({ at: { offset: 4099 } });
  });

  test('looks at the view it was given, not at its whole buffer', () => {
    expect(new Cursor(bytes.subarray(3, 5)).u16(0)).toBe(0x0403);
    expect(isDeadboxError(errorOf(() => new Cursor(bytes.subarray(3, 5)).u32(0)))).toBe(true);
  });

  test('slices without copying', () => {
    expect(cursor.slice(2, 3).buffer).toBe(bytes.buffer);
  });
});

describe('GUID', () => {
  // UEFI 2.10 section 5.3.3: the EFI system partition type as it stands in an entry.
  const text = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
  const stored = [0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b];

  test('is stored mixed-endian', () => {
    expect(formatGuid(Uint8Array.from(stored))).toBe(text);
    expect([...parseGuid(text)]).toEqual(stored);
    expect(new Cursor(Uint8Array.from([0, ...stored])).guid(1)).toBe(text);
  });

  test('is read in any case, with or without braces and dashes', () => {
    for (const form of [`{${text}}`, text.toLowerCase(), text.replaceAll('-', '')])
      expect([...parseGuid(form)]).toEqual(stored);
  });

  test('of zeros is the nil GUID', () => {
    expect(formatGuid(new Uint8Array(16))).toBe(NIL_GUID);
  });

  test('refuses other text', () => {
    for (const form of ['', 'C12A7328', `${text}0`, text.replace('C', 'G'), `{${text}`]) {
      expect(
        isDeadboxError(
          errorOf(() => parseGuid(form)),
          'INVALID_ARGUMENT',
        ),
      ).toBe(true);
    }
  });

  test('survives the round trip', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(parseGuid(formatGuid(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe('UTF-16', () => {
  test('keeps unpaired surrogates, which TextDecoder would replace', () => {
    const text = 'a\uD800b\uDC00\uDFFF\uD83D\uDE00';
    expect(utf16Text(utf16Bytes(text))).toBe(text);
    expect(new TextDecoder('utf-16le').decode(utf16Bytes(text))).not.toBe(text);
  });

  test('round-trips any code units', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 }), (units) => {
        const text = String.fromCharCode(...units);
        expect(utf16Text(utf16Bytes(text))).toBe(text);
      }),
    );
  });

  test('is little-endian, and drops a last odd byte', () => {
    expect([...utf16Bytes('ß報')]).toEqual([0xdf, 0x00, 0x31, 0x58]);
    expect(utf16Text(Uint8Array.from([0x41, 0, 0x42]))).toBe('A');
    expect(utf16Text(new Uint8Array(0))).toBe('');
  });

  test('handles text longer than one argument list', () => {
    const text = 'xy\uD800z'.repeat(50_001);
    expect(utf16Text(utf16Bytes(text)) === text).toBe(true);
  });

  test('ends at NUL when asked', () => {
    expect([untilNul('abc\0def'), untilNul('abc'), untilNul('\0')]).toEqual(['abc', 'abc', '']);
  });
});

describe('BitFields', () => {
  /** Bits LSB first by arithmetic on a bigint: an independent oracle. */
  const oracle = (bytes: Uint8Array, offset: number, count: number): number => {
    let value = 0n;
    for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i]);
    return Number((value >> BigInt(offset)) & ((1n << BigInt(count)) - 1n));
  };

  test('reads any 1 to 32 bits at any offset', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 12 }),
        fc.nat(95),
        fc.integer({ min: 1, max: 32 }),
        (bytes, offset, count) => {
          fc.pre(offset + count <= bytes.length * 8);
          expect(new BitFields(bytes).bits(offset, count)).toBe(oracle(bytes, offset, count));
          // A Buffer lies somewhere in a pool; of its memory, only its own bytes count.
          expect(new BitFields(Buffer.from(bytes)).bits(offset, count)).toBe(oracle(bytes, offset, count));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('reads unaligned 25 to 32 bits rightly, where bit-buffer alone does not', () => {
    const bytes = Uint8Array.from([0x9c, 0x3a, 0xf1, 0x55, 0xe7]);
    for (let count = 25; count <= 32; count += 1) {
      for (let offset = 0; offset + count <= 40; offset += 1)
        expect(new BitFields(bytes).bits(offset, count)).toBe(oracle(bytes, offset, count));
    }
  });

  test('respects the offset of a view in its buffer', () => {
    const whole = Uint8Array.from([0xff, 0xff, 0x05, 0x00]);
    expect(new BitFields(whole.subarray(2)).bits(0, 16)).toBe(5);
  });

  test('tells single flags', () => {
    const fields = new BitFields(Uint8Array.from([0b1000_0001, 0b10]));
    expect([0, 1, 7, 8, 9].map((bit) => fields.flag(bit))).toEqual([true, false, true, false, true]);
  });

  test('refuses what is not a field inside the bytes', () => {
    const fields = new BitFields(new Uint8Array(4));
    for (const [offset, count] of [
      [-1, 1],
      [0, 0],
      [0, 33],
      [1, 32],
      [32, 1],
      [Number.NaN, 1],
      [0, Number.NaN],
      [0.5, 1],
      [0, 1.5],
    ] as const) {
      expect(
        isDeadboxError(
          errorOf(() => fields.bits(offset, count)),
          'CURSOR_OUT_OF_RANGE',
        ),
      ).toBe(true);
    }
    expect(isDeadboxError(errorOf(() => new BitFields(new Uint8Array(0)).flag(0)))).toBe(true);
  });
});
