import { MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { planRepair } from '@deadbox/repair';
import { expect, test } from 'vitest';
import { LOADER } from '../support/bcd-writer.js';
import { smallDisk } from '../support/disk-writer/small-disk.js';

/** Places of the `nk` records of that name, on the disk. */
function keysCalled(disk: Uint8Array, name: string): number[] {
  const found: number[] = [];
  const bytes = Buffer.from(disk.buffer);
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1))
    if (bytes.toString('latin1', at - 76, at - 74) === 'nk') found.push(at - 76);
  return found;
}

test('a boot entry that claims four thousand million elements is not changed', async () => {
  const bytes = smallDisk('mbr');
  const view = new DataView(bytes.buffer);
  const keys = keysCalled(bytes, 'Elements');
  expect(keys.length).toBeGreaterThan(2);
  for (const at of keys) view.setUint32(at + 20, 0xffff_ffff, true);
  await using disk = await openDisk(new MemorySource(bytes));
  const request = { operation: 'remove-boot-element', volume: 1, path: '/Boot/BCD', element: '25000080' } as const;
  const plan = await planRepair(disk, [{ ...request, object: LOADER }]);
  expect(plan.operations).toEqual([]);
  expect(plan.refusals).toHaveLength(1);
});
