import { type ByteSource, MemorySource, MIB, type Siblings, transportFailed } from '@deadbox/core';
import { type OpenDiskOptions, openDisk } from '@deadbox/disk';
import { expect, test } from 'vitest';
import { errorOf, MemoryFiles } from '../support/image/memory-files.js';
import { writeVdi } from '../support/image/vdi-writer.js';

const PARENT = '11111111-2222-3333-4444-000000000001';
const MODIFIED = '11111111-2222-3333-4444-000000000002';

const SIZE = 3 * MIB;
const block = new Uint8Array(MIB).fill(0x41);
const base = writeVdi({
  type: 1,
  size: SIZE,
  blocks: [block, block, block],
  uuid: PARENT,
  modifyUuid: MODIFIED,
});
const child = writeVdi({
  type: 4,
  size: SIZE,
  blocks: ['free', 'free', 'free'],
  uuid: '11111111-2222-3333-4444-000000000003',
  modifyUuid: '11111111-2222-3333-4444-000000000004',
  parentUuid: PARENT,
  parentModifyUuid: MODIFIED,
});
const openChild = (options: OpenDiskOptions) => openDisk(new MemorySource(child), { name: 'child.vdi', ...options });

test('a parent is taken from those that the user names, with or without a folder of its own', async () => {
  for (const siblings of [undefined, new MemoryFiles({})]) {
    const parent = { name: 'elsewhere/base.vdi', source: new MemorySource(base), ...(siblings && { siblings }) };
    await using disk = await openChild({ parents: [parent] });
    expect(await disk.image.read(0, 4)).toEqual(Uint8Array.of(0x41, 0x41, 0x41, 0x41));
    expect(disk.image.parents).toMatchObject([{ format: 'vdi' }]);
  }
});

test('a file beside the image that is not there is a parent that is missing', async () => {
  const siblings: Siblings = {
    open: () => Promise.resolve(undefined),
    list: () => Promise.resolve(['base.vdi']),
  };
  expect(await errorOf(openChild({ siblings }))).toMatchObject({ code: 'IMAGE_PARENT_MISSING' });
});

test('what a file beside the image does not deliver is remembered, whoever survived it', async () => {
  let failing = false;
  const server: ByteSource = {
    size: base.length,
    read(offset, length) {
      if (failing) throw transportFailed('network', 'http://server/base.vdi', { offset, length }, 'HTTP 503');
      return base.slice(offset, offset + length);
    },
  };
  const siblings: Siblings = {
    open: (name) => Promise.resolve(name === 'base.vdi' ? server : undefined),
    list: () => Promise.resolve(['base.vdi']),
  };
  // Opening has read both ends of the file: what lies between is still to be read.
  await using disk = await openChild({ siblings, cache: { blockSize: 4096 } });
  expect(() => disk.throwIfSourceFailed()).not.toThrow();
  failing = true;
  await errorOf(Promise.resolve().then(() => disk.image.read(SIZE / 2, 4096)));
  expect(() => disk.throwIfSourceFailed()).toThrow(expect.objectContaining({ code: 'READ_FAILED' }));
});

test('the number of a disk in an archive counts from 1', async () => {
  for (const disk of [0, 1.5, Number.NaN, '1' as never])
    expect(await errorOf(openChild({ disk }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      data: { option: 'disk' },
      message: expect.stringContaining('a whole number from 1 on'),
    });
});
