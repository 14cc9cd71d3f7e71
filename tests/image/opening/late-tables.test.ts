import { extentsOf, MemorySource, type Siblings } from '@deadbox/core';
import { openImage, type VirtualDisk } from '@deadbox/image';
import { expect, test } from 'vitest';
import { LateSource } from '../../support/image/late-source.js';
import { errorOf } from '../../support/image/memory-files.js';
import { writeVdi } from '../../support/image/vdi-writer.js';
import { writeVhd } from '../../support/image/vhd-writer.js';
import { writeVhdx } from '../../support/image/vhdx-writer.js';

const MIB = 1 << 20;
const A = 'AAAAAAAA-1111-2222-3333-444444444444';
const B = 'BBBBBBBB-1111-2222-3333-444444444444';
const own = new Uint8Array(MIB).fill(0x42);
const below = new Uint8Array(MIB).fill(0x41);
const first = (sector: number): boolean => sector === 0;
const files: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  'base.vhd': writeVhd({
    type: 'dynamic',
    size: 2 * MIB,
    blockSize: MIB,
    uuid: A,
    blocks: new Map([[0, { data: below }]]),
  }),
  'top.avhd': writeVhd({
    type: 'differencing',
    size: 2 * MIB,
    blockSize: MIB,
    uuid: B,
    blocks: new Map([[1, { data: own, has: first }]]),
    parent: { uuid: A, name: 'base.vhd' },
  }),
  'base.vhdx': writeVhdx({ size: 2 * MIB, blocks: [{ state: 6, data: below }, { state: 0 }], dataWriteGuid: A }),
  'top.avhdx': writeVhdx({
    size: 2 * MIB,
    blocks: [{ state: 0 }, { state: 7, data: own, has: first }],
    dataWriteGuid: B,
    parent: { parent_linkage: `{${A}}`, relative_path: 'base.vhdx' },
  }),
};
const late: Siblings = { open: (name) => Promise.resolve(files[name] && new LateSource(files[name])) };
const open = (name: string): Promise<VirtualDisk> =>
  openImage(new LateSource(files[name] ?? new Uint8Array(0)), { name, siblings: late });

test.each(['top.avhd', 'top.avhdx'])(
  'a read of %s over blocks with and without a bitmap waits for it where it must, and once for all who ask',
  async (name) => {
    const disk = await open(name);
    const over = disk.read(MIB - 1, 1024);
    const same = disk.read(MIB, 512);
    expect([(await over).subarray(0, 2), (await same).subarray(0, 1)]).toEqual([
      Uint8Array.of(0x41, 0x42),
      Uint8Array.of(0x42),
    ]);
    expect(await disk.read(MIB + 512, 2)).toEqual(Uint8Array.of(0, 0));
  },
);

test('a block map of more than one page is walked to its end', async () => {
  const blocks = 5000;
  const bytes = writeVdi({
    type: 1,
    size: blocks * MIB,
    blocks: Array.from({ length: blocks }, (_, index) => (index === blocks - 1 ? below : 'free')),
    uuid: A,
    modifyUuid: A,
  });
  const disk = await openImage(new MemorySource(bytes), { name: 'x.vdi' });
  const places: [number, string][] = [];
  for await (const batch of extentsOf(disk, 0, disk.size))
    for (const { offset, kind } of batch) places.push([offset, kind]);
  expect(places.at(-1)).toEqual([(blocks - 1) * MIB, 'data']);
  expect(new Set(places.slice(0, -1).map(([, kind]) => kind))).toEqual(new Set(['zero']));
});

test('a VDI of 2^60 bytes is beyond what is opened', async () => {
  const bytes = writeVdi({ type: 1, size: 2 ** 60 - 2 ** 28, blocks: ['free'], uuid: A, modifyUuid: A });
  // As many blocks of 2^28 bytes as the disk has.
  const view = new DataView(bytes.buffer);
  view.setUint32(0x178, 2 ** 28, true);
  view.setUint32(0x180, 2 ** 32 - 1, true);
  expect(await errorOf(openImage(new MemorySource(bytes), { name: 'x.vdi' }))).toMatchObject({ code: 'IMAGE_LIMIT' });
});
