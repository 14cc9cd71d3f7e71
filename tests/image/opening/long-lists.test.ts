import { findChildren } from '@deadbox/image';
import { expect, test } from 'vitest';
import { parseManifest } from '../../../packages/image/src/ova/manifest.js';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import { vmdkDescriptor } from '../../support/image/vmdk-writer.js';

test('a VMDK descriptor longer than what is read of it is refused, as it may name more extents; padding is not counted', async () => {
  const text = vmdkDescriptor({ type: 'custom', extents: [{ sectors: 8, type: 'ZERO' }] });
  const longer = (filling: number): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array((1 << 20) + 1024).fill(filling);
    bytes.set(text);
    return bytes;
  };
  const open = (bytes: Uint8Array<ArrayBuffer>) => new MemoryFiles({ 'disk.vmdk': bytes }).image('disk.vmdk');
  expect(await errorOf(open(longer(0x0a)))).toMatchObject({ code: 'IMAGE_LIMIT' });
  expect((await open(longer(0))).size).toBe(8 * 512);
});

test.each([
  [64, 0],
  [65, 1],
])('of %i descriptions of machines beside an image %i are told as not asked', async (count, passedOver) => {
  const machines = Array.from({ length: count }, (_, i) => [`m${i}.vbox`, new Uint8Array(4)]);
  const siblings = new MemoryFiles(Object.fromEntries(machines));
  const disk = { identity: undefined } as never;
  expect(await findChildren(disk, { name: 'srv.vdi', siblings })).toMatchObject({ children: [], passedOver });
});

test('a manifest with more files than an archive may have is refused, not checked in part', () => {
  const lines = (count: number) => `SHA1(a)= ${'0'.repeat(40)}\n`.repeat(count);
  expect(parseManifest(lines(4096))).toHaveLength(4096);
  expect(() => parseManifest(lines(4097))).toThrow(expect.objectContaining({ code: 'IMAGE_LIMIT' }));
});
