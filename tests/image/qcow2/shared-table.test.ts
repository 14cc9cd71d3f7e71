import { isDeadboxError, MemorySource } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { expect, test } from 'vitest';
import { ATTACKS } from '../../support/attack/attacks.js';

test('a second-level table that every entry of the first level names is read under one of them', async () => {
  const bytes = ATTACKS.find(({ file }) => file === 'tables.qcow2')?.bytes() ?? new Uint8Array(0);
  const disk = await openImage(new MemorySource(bytes), { name: 'tables.qcow2' });
  expect(disk.size).toBe(2 ** 48);
  let seen = 0;
  const walk = async (): Promise<void> => {
    for await (const batch of disk.extents(0, disk.size)) seen += batch.length;
  };
  const error: unknown = await walk().catch((reason: unknown) => reason);
  expect(isDeadboxError(error, 'IMAGE_DAMAGED')).toBe(true);
  expect(seen).toBeLessThan(10_000);
  expect((await disk.read(0, 4096)).length).toBe(4096);
});
