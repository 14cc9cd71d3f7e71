import { extentsOf, MemorySource, readInto, type Siblings } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { LateSource } from '../../support/image/late-source.js';
import { errorOf } from '../../support/image/memory-files.js';
import { writeVdi } from '../../support/image/vdi-writer.js';
import { writeVhd } from '../../support/image/vhd-writer.js';
import { writeVhdx } from '../../support/image/vhdx-writer.js';
import { checkSourceContract, expectSame, generator } from '../../support/source-contract.js';

const MIB = 1 << 20;
const A = 'AAAAAAAA-1111-2222-3333-444444444444';
const B = 'BBBBBBBB-1111-2222-3333-444444444444';

function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = generator(seed);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

const odd = (sector: number): boolean => sector % 2 === 1;
const data = noise(MIB, 1);
// Blocks of 512 bytes: more table entries than one page of the table holds.
const smallBlocks = new Map(
  Array.from({ length: 3000 }, (_, index) => [index * 2 + 1, { data: noise(512, index + 5) }]),
);
const files: Record<string, Uint8Array<ArrayBuffer>> = {
  'small-blocks.vhd': writeVhd({ type: 'dynamic', size: 3 * MIB + 512, blockSize: 512, uuid: A, blocks: smallBlocks }),
  'base.vhd': writeVhd({ type: 'dynamic', size: 2 * MIB, blockSize: MIB, uuid: A, blocks: new Map([[0, { data }]]) }),
  'top.avhd': writeVhd({
    type: 'differencing',
    size: 2 * MIB,
    blockSize: MIB,
    uuid: B,
    blocks: new Map([
      [0, { data: noise(MIB, 2), has: odd }],
      [1, { data: noise(MIB, 3), has: odd }],
    ]),
    parent: { uuid: A, name: 'base.vhd' },
  }),
  'base.vhdx': writeVhdx({
    size: 4 * MIB,
    blocks: [0, 1, 2, 3].map((seed) => ({ state: 6 as const, data: noise(MIB, 60 + seed) })),
    dataWriteGuid: A,
  }),
  'top.avhdx': writeVhdx({
    size: 4 * MIB,
    dataWriteGuid: B,
    blocks: [
      { state: 7, data, has: odd },
      { state: 0 },
      { state: 2 },
      { state: 7, data: noise(MIB, 4), has: (sector) => sector < 9 },
    ],
    parent: { parent_linkage: `{${A}}`, relative_path: 'base.vhdx' },
  }),
  'x.vdi': writeVdi({ type: 1, size: 3 * MIB, blocks: ['free', data, noise(MIB, 9)], uuid: A, modifyUuid: A }),
  'x.raw': noise(MIB + 7, 3),
};

const late: Siblings = {
  open: (name) => Promise.resolve(files[name] === undefined ? undefined : new LateSource(files[name])),
};
const prompt: Siblings = {
  open: (name) => Promise.resolve(files[name] === undefined ? undefined : new MemorySource(files[name])),
};

describe('a source that answers late', () => {
  for (const [name, bytes] of Object.entries(files)) {
    test(`makes no difference to ${name}`, async () => {
      const disk = await openImage(new LateSource(bytes), { name, siblings: late });
      const reference = await openImage(new MemorySource(bytes), { name, siblings: prompt });
      await checkSourceContract(disk, { reference, rounds: 8, longest: 700_000 });
      await disk.close();
    });
  }

  test('is asked for all runs of a read at once', async () => {
    const source = new LateSource(files['small-blocks.vhd']);
    const disk = await openImage(source, { name: 'small-blocks.vhd' });
    await disk.read(0, 512);
    const reading = disk.read(0, 8192);
    await Promise.resolve();
    expect(source.pending).toBe(8);
    await reading;
  });

  test('that fails once leaves no read behind that could still write into the buffer', async () => {
    const source = new LateSource(files['small-blocks.vhd']);
    const disk = await openImage(source, { name: 'small-blocks.vhd' });
    let first: number | undefined;
    for await (const batch of extentsOf(disk, 0, 4096)) for (const { origin } of batch) first ??= origin?.offset;
    source.failing.add(first as number);
    const target = new Uint8Array(8192);
    const error = await errorOf(Promise.resolve(readInto(disk, 0, target)));
    expect(error.message).toContain('no answer');
    expect(source.pending).toBe(0);
    source.failing.clear();
    await readInto(disk, 0, target);
    expectSame(target, await disk.read(0, 8192), 'after the failure');
  });

  test('reads of one table page share one read', async () => {
    const source = new LateSource(files['x.vdi']);
    const disk = await openImage(source, { name: 'x.vdi' });
    const readings = [0, 1, 2].map(async (block) => disk.read(block * MIB, 512));
    await Promise.resolve();
    // One for the page; nothing else is known yet.
    expect(source.pending).toBe(1);
    await Promise.all(readings);
  });
});
