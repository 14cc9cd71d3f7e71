import { fileTimeFromUnixMs, fileTimeOf, formatFileTime, parseFileTime, unixMsOfFileTime } from '@deadbox/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('FILETIME', () => {
  test('has the values that MS-DTYP and Microsoft documents give', () => {
    expect(formatFileTime(116_444_736_000_000_000n)).toBe('1970-01-01T00:00:00.0000000Z');
    expect(formatFileTime(1n)).toBe('1601-01-01T00:00:00.0000001Z');
    // 2024-07-19 04:09:00 UTC is Unix 1721362140.
    expect(parseFileTime('2024-07-19T04:09:00Z')).toBe((1_721_362_140n + 11_644_473_600n) * 10_000_000n);
  });

  test('keeps all seven decimals around the borders that decide a verdict', () => {
    for (const text of [
      '2024-07-19T04:08:59.9999999Z',
      '2024-07-19T04:09:00.0000000Z',
      '2024-07-19T05:26:59.9999999Z',
      '2024-07-19T05:27:00.0000000Z',
    ]) {
      expect(formatFileTime(parseFileTime(text) as bigint)).toBe(text);
    }
  });

  test('is unset at zero and garbage above the signed range', () => {
    expect([formatFileTime(0n), formatFileTime(-1n), formatFileTime(0x8000_0000_0000_0000n)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(formatFileTime(0x7fff_ffff_ffff_ffffn)).toBe('+030828-09-14T02:48:05.4775807Z');
  });

  test('before 1970 counts fractions forward', () => {
    expect(formatFileTime(116_444_736_000_000_000n - 1n)).toBe('1969-12-31T23:59:59.9999999Z');
    expect(parseFileTime('1601-01-01T00:00:00.0000001Z')).toBe(1n);
  });

  test('takes a zone offset and fewer decimals', () => {
    const utc = parseFileTime('2024-07-19T04:09:35.5Z');
    expect(parseFileTime('2024-07-19T13:09:35.50+09:00')).toBe(utc);
    expect(parseFileTime('2024-07-18T23:39:35.5000000-04:30')).toBe(utc);
  });

  test('refuses text without zone, with eight decimals or with a day that does not exist', () => {
    for (const text of [
      '2024-07-19T04:09:35',
      '2024-07-19',
      '2024-07-19T04:09:35.12345678Z',
      '2024-13-01T00:00:00Z',
      '2024-02-30T00:00:00Z',
      '+275760-09-13T00:00Z',
      'Fri, 19 Jul 2024 04:09:35Z',
      '',
      'x',
    ]) {
      expect([text, parseFileTime(text)]).toEqual([text, undefined]);
    }
  });

  test('joins its two halves as unsigned numbers', () => {
    expect(fileTimeOf(0xffff_ffff, 0x01da_d98f)).toBe(0x01da_d98f_ffff_ffffn);
    expect(fileTimeOf(-1, -1)).toBe(0xffff_ffff_ffff_ffffn);
  });

  test('agrees with Date on every millisecond', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1601-01-02T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true }),
        (date) => {
          const time = fileTimeFromUnixMs(date.getTime());
          expect(formatFileTime(time)).toBe(date.toISOString().replace('Z', '0000Z'));
          expect(unixMsOfFileTime(time)).toBe(date.getTime());
        },
      ),
    );
  });

  test('rounds down to milliseconds, before 1970 too', () => {
    expect(unixMsOfFileTime(116_444_736_000_000_000n + 19_999n)).toBe(1);
    expect(unixMsOfFileTime(116_444_736_000_000_000n - 1n)).toBe(-1);
  });
});
