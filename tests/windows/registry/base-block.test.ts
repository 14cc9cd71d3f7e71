import { MemorySource } from '@deadbox/core';
import { Hive } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { keysFromPaths, writeHive } from '../../support/hive-writer.js';

/** A hive whose 127 double words give that sum: the name of the file, in the middle of them, may be anything. */
function withSum(sum: number, stored: number): Uint8Array<ArrayBuffer> {
  const bytes = writeHive(keysFromPaths({ Key: { a: 1 } }));
  const view = new DataView(bytes.buffer);
  let now = 0;
  for (let at = 0; at < 508; at += 4) now ^= view.getUint32(at, true);
  view.setUint32(0x40, view.getUint32(0x40, true) ^ now ^ sum, true);
  view.setUint32(508, stored, true);
  return bytes;
}

describe('the checksum of a base block (msuhanov/regf, "Base block", note 2)', () => {
  test.each([
    ['0', 0, 1],
    ['-1', 0xffff_ffff, 0xffff_fffe],
    ['1', 1, 1],
  ])('of double words whose sum is %s is what Windows stores', async (_, sum, stored) => {
    expect((await Hive.open(new MemorySource(withSum(sum, stored)))).state.dirty).toBe(false);
  });

  test.each([0, 0xffff_ffff])('is never %i', async (sum) => {
    const hive = await Hive.open(new MemorySource(withSum(sum, sum)));
    expect(hive.state).toMatchObject({ dirty: true, reasons: ['checksum'] });
  });
});

test('a hive of a later version than is known is read, and says so', async () => {
  const hive = await Hive.open(new MemorySource(writeHive(keysFromPaths({ Key: { a: 1 } }), { minorVersion: 7 })));
  expect(await (await hive.key('Key'))?.number('a')).toBe(1);
  expect(hive.issues.issues).toMatchObject([{ code: 'hive.version', data: { major: 1, minor: 7 } }]);
});
