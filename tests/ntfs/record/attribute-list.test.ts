import type { Bytes } from '@deadbox/core';
import { parseAttributeList } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { viewOf } from '../../support/ntfs/volume-bytes.js';

describe('parseAttributeList', () => {
  const entry = (length: number, type = 0x80): Bytes => {
    const bytes = new Uint8Array(32);
    viewOf(bytes).setUint32(0, type, true);
    viewOf(bytes).setUint16(4, length, true);
    bytes[7] = 0x1a;
    return bytes;
  };
  test.each([0, 8, 25, 0xfff8])('an entry of length %i ends the list with the place', (length) => {
    const bytes = new Uint8Array([...entry(32), ...entry(length)]);
    expect(parseAttributeList(bytes)).toMatchObject({ entries: [{ type: 0x80 }], damagedAt: 32 });
  });

  test('a name past its entry is damage', () => {
    const bytes = entry(32);
    bytes[6] = 200;
    expect(parseAttributeList(bytes)).toEqual({ entries: [], damagedAt: 0 });
  });
});
