import { parseStandardInformation } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { viewOf } from '../../support/ntfs/volume-bytes.js';

describe('parseStandardInformation', () => {
  test('reads the long form and the short one', () => {
    const value = new Uint8Array(72);
    const view = viewOf(value);
    view.setBigUint64(8, 133_657_853_750_000_001n, true);
    view.setUint32(0x28, 1, true);
    view.setUint32(0x34, 0x104, true);
    view.setBigUint64(0x40, 0xffff_ffff_ffffn, true);
    expect(parseStandardInformation(value)).toMatchObject({
      modified: 133_657_853_750_000_001n,
      caseSensitive: true,
      securityId: 0x104,
      usn: 0xffff_ffff_ffffn,
    });
    expect(parseStandardInformation(value.slice(0, 48))).not.toHaveProperty('securityId');
    expect(parseStandardInformation(value.slice(0, 47))).toBeUndefined();
  });
});
