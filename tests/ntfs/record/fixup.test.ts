import { storedOffset } from '@deadbox/ntfs';
import { applyFixups, FIXUP_OK } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { viewOf } from '../../support/ntfs/volume-bytes.js';

describe('fixups', () => {
  test('have a stride of 512 bytes also in records of 4096 (4Kn disks)', () => {
    const record = new Uint8Array(4096);
    const view = viewOf(record);
    view.setUint16(4, 0x30, true);
    view.setUint16(6, 9, true);
    view.setUint16(0x30, 0xbeef, true);
    for (let i = 1; i <= 8; i += 1) {
      view.setUint16(0x30 + i * 2, i, true);
      view.setUint16(i * 512 - 2, 0xbeef, true);
    }
    expect(applyFixups(record, 0, 4096)).toBe(FIXUP_OK);
    expect(Array.from({ length: 8 }, (_, i) => view.getUint16((i + 1) * 512 - 2, true))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  test('map the last two bytes of a stride into the array', () => {
    expect([0x1fd, 0x1fe, 0x1ff, 0x200, 0x3fe].map((offset) => storedOffset(offset, 0x30))).toEqual([
      0x1fd, 0x32, 0x33, 0x200, 0x34,
    ]);
  });
});
