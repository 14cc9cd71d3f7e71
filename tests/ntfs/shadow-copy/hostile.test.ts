import { type ByteSource, type Bytes, CountingSource, MemorySource } from '@deadbox/core';
import { ShadowCopies } from '@deadbox/ntfs';
import { expect, test } from 'vitest';
import { shadowCopyVolume } from '../../support/ntfs/shadow-volume.js';

/** The bytes of a volume of `size` bytes whose rest is zero and stored nowhere. */
function sparse(bytes: Bytes, size: number): ByteSource {
  return {
    size,
    read(offset, length) {
      const target = new Uint8Array(length);
      target.set(bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length)));
      return target;
    },
  };
}

test('a copy of a volume of a pebibyte costs what is stored of it: its bitmap, its blocks, its extents', async () => {
  const size = 2 ** 50;
  const bytes = shadowCopyVolume();
  new DataView(bytes.buffer).setBigUint64(0x4088, BigInt(size), true);
  const counting = new CountingSource(sparse(bytes, size));
  const copies = await ShadowCopies.open(counting);
  const source = (await copies?.source(1)) as ByteSource;
  expect(source.size).toBe(size);
  let extents = 0;
  let end = 0;
  for await (const batch of source.extents?.(0, size) ?? []) {
    for (const { offset, length } of batch) {
      expect(offset).toBe(end);
      end = offset + length;
      extents += 1;
    }
  }
  expect(end).toBe(size);
  expect(extents).toBeLessThan(20);
  expect(counting.bytes).toBeLessThan(bytes.length);
});

test('block lists that belong to two copies are read for one of them', async () => {
  const bytes = shadowCopyVolume();
  // A second copy, newer, whose store names the blocks of the first.
  bytes.copyWithin(0x4180, 0x4080, 0x4180);
  for (const at of [0x4180, 0x4200]) bytes.fill(0x5f, at + 0x10, at + 0x20);
  new DataView(bytes.buffer).setBigUint64(0x41b0, 0x01da_d993_0000_0000n, true);
  const copies = await ShadowCopies.open(new MemorySource(bytes));
  expect(copies?.copies.map(({ number, places }) => [number, places?.blockList])).toEqual([
    [1, 0x8000],
    [2, 0x8000],
  ]);
  await expect(copies?.source(1)).rejects.toMatchObject({ code: 'NTFS_SHADOW_COPY_INVALID' });
  const alone = await ShadowCopies.open(new MemorySource(bytes));
  await expect(alone?.source(2)).resolves.toMatchObject({ size: bytes.length });
});
