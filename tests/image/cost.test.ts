import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ByteSource, CountingSource, MemorySource, type Siblings } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openImage } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../support/corpus.js';
import { writeVdi } from '../support/image/vdi-writer.js';
import { writeVhd } from '../support/image/vhd-writer.js';
import { writeVhdx } from '../support/image/vhdx-writer.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

/** Issue 4: opening any image and reading one sector takes at most 12 reads, counted at the file. */
const MOST_READS = 12;

describe('opening an image and reading one sector', () => {
  const folder = temporaryFolder();
  const MIB = 1 << 20;
  const uuid = 'AAAAAAAA-1111-2222-3333-444444444444';
  const data = new Uint8Array(MIB).fill(1);
  const images = {
    'disk.raw': { bytes: new Uint8Array(4 * MIB), reads: 3 },
    'disk.vhd': {
      bytes: writeVhd({ type: 'dynamic', size: MIB, blockSize: MIB, uuid, blocks: new Map([[0, { data }]]) }),
      reads: 4,
    },
    'disk.vhdx': { bytes: writeVhdx({ size: MIB, blocks: [{ state: 6, data }], dataWriteGuid: uuid }), reads: 6 },
    'disk.vdi': { bytes: writeVdi({ type: 1, size: MIB, blocks: [data], uuid, modifyUuid: uuid }), reads: 3 },
  };
  for (const [name, { bytes, reads }] of Object.entries(images)) {
    test(`takes at most ${reads} reads for ${name}`, async () => {
      const counting = new CountingSource(new MemorySource(bytes));
      const disk = await openImage(counting, { name });
      expect((await disk.read(0, 512))[0]).toBe(bytes.length === 4 * MIB ? 0 : 1);
      expect(counting.reads).toBeLessThanOrEqual(reads);
      expect(counting.bytes).toBeLessThan(256 << 10);
    });
  }

  test('takes no read but that of the sector once the tables are known', async () => {
    const path = join(folder, 'disk.vhdx');
    writeFileSync(path, images['disk.vhdx'].bytes);
    const source = await openFile(path);
    const counting = new CountingSource(source);
    const disk = await openImage(counting);
    await disk.read(0, 512);
    const before = counting.reads;
    // A synchronous source is answered without a promise: a cache below must cost nothing.
    expect(disk.read(4096, 512)).toBeInstanceOf(Uint8Array);
    expect(counting.reads).toBe(before + 1);
    await source.close?.();
  });
});

describe('opening a chain of two and reading one sector', () => {
  const MIB = 1 << 20;
  const [base, top] = ['AAAAAAAA-1111-2222-3333-444444444444', 'BBBBBBBB-1111-2222-3333-444444444444'];
  const data = new Uint8Array(MIB).fill(1);
  const chains: Record<string, Record<string, Uint8Array<ArrayBuffer>>> = {
    vhd: {
      'base.vhd': writeVhd({
        type: 'dynamic',
        size: MIB,
        blockSize: MIB,
        uuid: base,
        blocks: new Map([[0, { data }]]),
      }),
      'top.avhd': writeVhd({
        type: 'differencing',
        size: MIB,
        blockSize: MIB,
        uuid: top,
        blocks: new Map([[0, { data, has: () => false }]]),
        parent: {
          uuid: base,
          name: 'base.vhd',
          locators: [
            { platform: 'W2ku', path: 'C:\\base.vhd' },
            { platform: 'W2ru', path: '.\\base.vhd' },
          ],
        },
      }),
    },
    vhdx: {
      'base.vhdx': writeVhdx({ size: MIB, blocks: [{ state: 6, data }], dataWriteGuid: base }),
      'top.avhdx': writeVhdx({
        size: MIB,
        blocks: [{ state: 0 }],
        dataWriteGuid: top,
        parent: { parent_linkage: `{${base}}`, relative_path: '.\\base.vhdx' },
      }),
    },
  };
  for (const [name, files] of Object.entries(chains)) {
    test(`takes at most ${MOST_READS} reads of all files for ${name}`, async () => {
      const counting = new Map(
        Object.entries(files).map(([file, bytes]) => [file, new CountingSource(new MemorySource(bytes))]),
      );
      const [child] = [...counting.keys()].filter((file) => file.startsWith('top'));
      const siblings = { open: (file: string) => Promise.resolve(counting.get(file)) };
      const disk = await openImage(counting.get(child) as CountingSource, { name: child, siblings });
      expect((await disk.read(0, 512))[0]).toBe(1);
      expect([...counting.values()].reduce((sum, { reads }) => sum + reads, 0)).toBeLessThanOrEqual(MOST_READS);
    });
  }
});

describeWithCorpus('opening a corpus container and reading one sector', () => {
  for (const entry of corpusManifest().filter(({ kind }) => kind === 'containers')) {
    test(`${entry.id}: at most ${MOST_READS} reads`, async () => {
      expect(await readsOfOneSector(corpusFile(entry))).toBeLessThanOrEqual(MOST_READS);
    });
  }
});

describeWithTools(['qemu-img'], 'opening what qemu-img wrote and reading one sector in the middle', () => {
  const folder = temporaryFolder();
  const formats: [string, ...string[]][] = [
    ['vpc', '-o', 'subformat=dynamic'],
    ['vhdx', '-o', 'subformat=dynamic'],
    ['vdi'],
    ['vmdk', '-o', 'subformat=monolithicSparse'],
    ['vmdk', '-o', 'subformat=monolithicFlat'],
    ['vmdk', '-o', 'subformat=twoGbMaxExtentSparse'],
    ['vmdk', '-o', 'subformat=streamOptimized'],
    ['qcow'],
    ['qcow2', '-c'],
    ['qcow2', '-o', 'extended_l2=on,cluster_size=2M'],
    ['parallels'],
  ];
  for (const [driver, ...options] of formats) {
    test(`${[driver, ...options].join(' ')}: at most ${MOST_READS} reads of all its files`, async () => {
      const path = join(
        folder,
        `${[driver, ...options].join('-').replaceAll(/[^\w]/g, '_')}.${driver === 'vpc' ? 'vhd' : driver}`,
      );
      run('qemu-img', ['convert', '-f', 'raw', '-O', driver, ...options, testImagePath('gpt-faulty'), path]);
      expect(await readsOfOneSector(path, 40 << 20)).toBeLessThanOrEqual(MOST_READS);
    });
  }

  test(`a QCOW2 chain of three: at most ${MOST_READS} reads of all its files`, async () => {
    const path = (name: string): string => join(folder, name);
    run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', testImagePath('gpt-faulty'), path('base.qcow2')]);
    run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', path('middle.qcow2')]);
    run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', 'middle.qcow2', '-F', 'qcow2', path('top.qcow2')]);
    expect(await readsOfOneSector(path('top.qcow2'), 40 << 20)).toBeLessThanOrEqual(MOST_READS);
  });
});

/** Reads of the image and of every file beside it until one sector is there. */
async function readsOfOneSector(path: string, offset = 0): Promise<number> {
  const counters: CountingSource[] = [];
  const counted = (source: ByteSource): CountingSource => {
    const counting = new CountingSource(source);
    counters.push(counting);
    return counting;
  };
  const source = await openFile(path);
  const beside = fileSiblings(path);
  const siblings: Siblings = {
    ...beside,
    open: async (name) => {
      const sibling = await beside.open(name);
      return sibling === undefined ? undefined : counted(sibling);
    },
  };
  const disk = await openImage(counted(source), { name: path, siblings });
  expect((await disk.read(offset, 512)).length).toBe(512);
  await disk.close();
  await source.close?.();
  return counters.reduce((sum, { reads }) => sum + reads, 0);
}
