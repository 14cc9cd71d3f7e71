import { describe, expect, test } from 'vitest';
import { decodeEwfText, parseEwfHeaderText } from '../../../packages/image/src/ewf/header.js';

/** A header section (libewf's format document, 3.4): category, keys, values. */
const header = (keys: readonly string[], values: readonly string[]): string =>
  ['1', 'main', keys.join('\t'), values.join('\t'), ''].join('\r\n');

describe('the header section of an EWF', () => {
  test('tells the case by known keys, and both kinds of time', () => {
    const keys = ['c', 'n', 'a', 'e', 'm', 'u', 'xyz'];
    const values = ['2024-07', 'disk 1', '', 'A. Examiner', '2024 7 19 4 9 35', '1721362175', 'passed over'];
    expect(parseEwfHeaderText(header(keys, values))).toEqual({
      caseNumber: '2024-07',
      evidenceNumber: 'disk 1',
      examiner: 'A. Examiner',
      acquired: '2024-07-19T04:09:35',
      systemTime: '2024-07-19T04:09:35.000Z',
    });
  });

  test('keeps a time that is none as it stands, and has no keys but its own', () => {
    const keys = ['m', 'constructor', '__proto__', 'toString'];
    expect(parseEwfHeaderText(header(keys, ['yesterday', 'a', 'b', 'c']))).toEqual({ acquired: 'yesterday' });
  });

  test.each([
    ['without keys', '1\r\nmain'],
    ['without values', '1\r\nmain\r\nc\tn'],
    ['with fewer values than keys', '1\r\nmain\r\nc\tn\r\n'],
    ['of another category', '1\r\nsrce\r\nc\r\nvalue'],
  ])('%s says nothing', (_, text) => {
    expect(parseEwfHeaderText(text)).toEqual({});
  });

  test('is read in the byte order that its mark names, else as plain text', () => {
    const little = Uint8Array.of(0xff, 0xfe, 0x41, 0x00, 0xac, 0x20);
    const big = Uint8Array.of(0xfe, 0xff, 0x00, 0x41, 0x20, 0xac);
    expect([little, big, Uint8Array.of(0xfe, 0x41), Uint8Array.of(0x41)].map(decodeEwfText)).toEqual([
      'A€',
      'A€',
      '\ufffdA',
      'A',
    ]);
  });
});
