import { deflateRawSync } from 'node:zlib';
import { extentsOf, IssueLog, MemorySource } from '@deadbox/core';
import { openImage, type VirtualDisk } from '@deadbox/image';
import { type BlockMap, BlockMappedDisk } from '@deadbox/image/internals';
import { expect, test } from 'vitest';
import { LateSource } from '../../support/image/late-source.js';
import { MemoryFiles } from '../../support/image/memory-files.js';
import { QCOW1_DATA, writeQcow1 } from '../../support/image/qcow-writer.js';
import { writeVhd } from '../../support/image/vhd-writer.js';

const A = 'AAAAAAAA-1111-2222-3333-444444444444';
const B = 'BBBBBBBB-1111-2222-3333-444444444444';
const CLUSTER = 4096;
const noise = Uint8Array.from({ length: CLUSTER }, (_, i) => (i * i) >> 3);
const packed = deflateRawSync(noise);
const qcow = writeQcow1({
  entries: [(1n << 63n) | (BigInt(packed.length) << 51n) | BigInt(QCOW1_DATA)],
  // Two L1 entries: 512 clusters each, of which the second has no table.
  size: 1024 * CLUSTER,
  data: packed,
});
const mapped = (disk: VirtualDisk): BlockMappedDisk => {
  if (!(disk instanceof BlockMappedDisk)) throw new Error('no mapped disk');
  return disk;
};

test('two who ask for parts of one packed block at once get both', async () => {
  const disk = await openImage(new LateSource(qcow), { name: 'x.qcow' });
  const parts = await Promise.all([disk.read(0, 100), disk.read(4000, 96), disk.read(0, 10)]);
  expect(parts).toEqual([noise.slice(0, 100), noise.slice(4000, 4096), noise.slice(0, 10)]);
});

test('the tables that lead to a byte are told as far as there are any', async () => {
  const disk = mapped(await openImage(new MemorySource(qcow), { name: 'x.qcow' }));
  const kinds = async (at: number) => (await disk.tableEntries(at)).map(({ kind, offset }) => [kind, offset]);
  expect(await kinds(0)).toEqual([
    ['directory', 2048],
    ['table', 4096],
  ]);
  expect(await kinds(512 * CLUSTER)).toEqual([['directory', 2056]]);
  const raw = mapped(await openImage(new MemorySource(noise), { name: 'x.raw' }));
  expect(await raw.tableEntries(0)).toEqual([]);
});

test('no range has no extents, and a thousand of a parent come in batches', async () => {
  const size = 3000 * 512;
  const every = new Map(Array.from({ length: 1500 }, (_, index) => [index * 2, { data: noise.subarray(0, 512) }]));
  const shared = { size, uuid: A };
  const files = new MemoryFiles({
    'base.vhd': writeVhd({ ...shared, type: 'dynamic', blockSize: 512, blocks: every }),
    'top.vhd': writeVhd({
      ...shared,
      type: 'differencing',
      blockSize: size,
      uuid: B,
      blocks: new Map(),
      parent: { uuid: A, name: 'base.vhd' },
    }),
  });
  const disk = await files.image('top.vhd');
  const batches: number[] = [];
  for await (const batch of extentsOf(disk, 0, size)) batches.push(batch.length);
  expect([batches.length > 1, batches.reduce((sum, count) => sum + count, 0)]).toEqual([true, 3000]);
  for await (const batch of disk.extents(512, 512)) expect(batch).toEqual([]);
});

test('a map alone makes a disk', async () => {
  const map: BlockMap = { size: 512, locate: (from, to) => [{ kind: 'zero', length: to - from }] };
  const context = { name: 'made', issues: new IssueLog(), release: () => Promise.resolve() };
  const disk = new BlockMappedDisk(map, context as never, { format: 'made', variant: 'up' });
  expect([disk.details, await disk.read(0, 2)]).toEqual([{}, Uint8Array.of(0, 0)]);
});
