import { Cursor } from '@deadbox/core';
import { type DerValue, derChildren, derOid, derValue } from '@deadbox/windows/internals';
import { expect, test } from 'vitest';

const valueOf = (bytes: Uint8Array<ArrayBuffer>): [Cursor, DerValue] => {
  const cursor = new Cursor(bytes, 'catalog');
  return [cursor, derValue(cursor, 0, bytes.length)];
};

test.each([
  ['2a864886f70d010702', '1.2.840.113549.1.7.2'],
  ['883703', '2.999.3'],
  ['', ''],
  ['8fffffffff7f', ''],
  ['01'.repeat(40), ''],
])('the identifier %s is %s (ITU-T X.690, 8.19)', (hex, text) => {
  const content = Buffer.from(hex, 'hex');
  expect(derOid(...valueOf(Uint8Array.of(6, content.length, ...content)))).toBe(text);
});

test('a value of more values than any catalog has is refused', () => {
  const children = 300_000;
  const length = children * 2;
  const bytes = new Uint8Array(5 + length);
  bytes.set([0x30, 0x83, length >> 16, (length >> 8) & 255, length & 255]);
  const read = (): void => {
    for (const value of derChildren(...valueOf(bytes))) if (value.end > bytes.length) return;
  };
  expect(read).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID', at: { layer: 'catalog', offset: 0 } }));
});
