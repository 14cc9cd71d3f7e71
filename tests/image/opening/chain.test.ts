import { MemorySource } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import { writeVdi } from '../../support/image/vdi-writer.js';
import { writeVhd } from '../../support/image/vhd-writer.js';
import { writeVhdx } from '../../support/image/vhdx-writer.js';
import { expectSame } from '../../support/source-contract.js';

const MIB = 1 << 20;
const uuid = (number: number): string =>
  `${number.toString(16).padStart(8, '0').toUpperCase()}-0000-4000-8000-000000000000`;

function base(id: number, fill = id): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(512).fill(fill);
  return writeVhd({ type: 'dynamic', size: 1024, blockSize: 512, uuid: uuid(id), blocks: new Map([[0, { data }]]) });
}

function child(id: number, parent: number, name: string, path = `.\\${name}`): Uint8Array<ArrayBuffer> {
  return writeVhd({
    type: 'differencing',
    size: 1024,
    blockSize: 512,
    uuid: uuid(id),
    blocks: new Map(),
    parent: { uuid: uuid(parent), name, locators: [{ platform: 'W2ru', path }] },
  });
}

describe('a parent that is not there', () => {
  test('is named with its file, its id and where it was looked for', async () => {
    const files = new MemoryFiles({ 'top.avhd': child(2, 1, 'base.vhd', 'C:\\VMs\\base.vhd') });
    const error = await errorOf(files.image('top.avhd'));
    expect(error.code).toBe('IMAGE_PARENT_MISSING');
    expect(error.data).toMatchObject({ parent: 'C:\\VMs\\base.vhd', parentId: uuid(1), lookedFor: ['base.vhd'] });
    expect(error.message).toContain('base.vhd');
    expect(error.message).toContain(uuid(1));
    expect(files.openCount).toBe(0);
  });

  test('is supplied by option, wherever it lies', async () => {
    const files = new MemoryFiles({ 'top.avhd': child(2, 1, 'base.vhd') });
    const disk = await files.image('top.avhd', {
      parents: [{ source: new MemorySource(base(1)), name: '/elsewhere/renamed.vhd' }],
    });
    expect(disk.parents).toMatchObject([{ name: '/elsewhere/renamed.vhd', id: uuid(1), foundBy: 'option' }]);
    expectSame(await disk.read(0, 512), new Uint8Array(512).fill(1), 'first sector');
  });

  test('is told apart by id among several given in any order', async () => {
    const files = new MemoryFiles({ 'top.avhd': child(3, 2, 'middle.avhd') });
    const given = (bytes: Uint8Array<ArrayBuffer>, name: string): { source: MemorySource; name: string } => ({
      source: new MemorySource(bytes),
      name,
    });
    const parents = [given(base(1), 'a.bin'), given(base(9), 'b.bin'), given(child(2, 1, 'base.vhd'), 'c.bin')];
    for (const order of [parents, [...parents].reverse()]) {
      const disk = await files.image('top.avhd', { parents: order });
      expect(disk.parents.map(({ name }) => name)).toEqual(['c.bin', 'a.bin']);
      await disk.close();
    }
  });

  test('stays missing when only another disk is given, and that is said', async () => {
    const files = new MemoryFiles({ 'top.avhd': child(2, 1, 'base.vhd') });
    const error = await errorOf(
      files.image('top.avhd', { parents: [{ source: new MemorySource(base(9)), name: 'other.vhd' }] }),
    );
    expect(error.code).toBe('IMAGE_PARENT_MISSING');
    expect(error.message).toContain('other.vhd is another disk');
  });

  test('is named for the link that lacks it', async () => {
    const files = new MemoryFiles({ 'top.avhd': child(3, 2, 'middle.avhd'), 'middle.avhd': child(2, 1, 'base.vhd') });
    const error = await errorOf(files.image('top.avhd'));
    expect(error.code).toBe('IMAGE_PARENT_MISSING');
    expect(error.data).toMatchObject({ parent: '.\\base.vhd', parentId: uuid(1) });
    expect(files.openCount).toBe(0);
  });
});

describe('a path that an image records', () => {
  for (const path of ['..\\..\\secret\\base.vhd', '/etc/base.vhd', 'C:\\base.vhd', '\\\\server\\share\\base.vhd']) {
    test(`is looked up only beside the image: ${path}`, async () => {
      const files = new MemoryFiles({ 'top.avhd': child(2, 1, '', path), 'base.vhd': base(1) });
      const disk = await files.image('top.avhd');
      expect(files.asked).toEqual(['base.vhd']);
      await disk.close();
      expect(files.openCount).toBe(0);
    });
  }
  for (const path of ['..', '.', '..\\..', 'C:\\', '/']) {
    test(`names no file: ${path}`, async () => {
      const files = new MemoryFiles({ 'top.avhd': child(2, 1, '', path) });
      expect((await errorOf(files.image('top.avhd'))).code).toBe('IMAGE_PARENT_MISSING');
      expect(files.asked).toEqual([]);
    });
  }
});

describe('a parent that is another one than when the child was made', () => {
  test('is an error for a VHD of the same name with another id', async () => {
    const files = new MemoryFiles({ 'top.avhd': child(2, 1, 'base.vhd'), 'base.vhd': base(7) });
    const error = await errorOf(files.image('top.avhd'));
    expect(error.code).toBe('IMAGE_PARENT_CHANGED');
    expect(error.data).toMatchObject({ candidate: 'base.vhd', expected: uuid(1), found: uuid(7) });
    expect(files.openCount).toBe(0);
  });

  test('is an error for a VHDX that was written since', async () => {
    const block = { state: 0 } as const;
    const parent = { parent_linkage: `{${uuid(1)}}`, relative_path: '.\\base.vhdx' };
    const files = new MemoryFiles({
      'base.vhdx': writeVhdx({ size: MIB, blocks: [block], dataWriteGuid: uuid(5) }),
      'top.avhdx': writeVhdx({ size: MIB, blocks: [block], dataWriteGuid: uuid(2), parent }),
      'healed.avhdx': writeVhdx({
        size: MIB,
        blocks: [block],
        dataWriteGuid: uuid(2),
        parent: { ...parent, parent_linkage2: `{${uuid(5)}}` },
      }),
    });
    const error = await errorOf(files.image('top.avhdx'));
    expect(error.code).toBe('IMAGE_PARENT_CHANGED');
    expect(error.message).toMatch(/changed or replaced/);
    await (await files.image('healed.avhdx')).close();
    expect(files.openCount).toBe(0);
  });

  test('is an error for a VDI that was written since', async () => {
    const files = new MemoryFiles({
      'base.vdi': writeVdi({ type: 1, size: MIB, blocks: ['free'], uuid: uuid(1), modifyUuid: uuid(6) }),
      'broken.vdi': new Uint8Array(600),
      'top.vdi': writeVdi({
        type: 4,
        size: MIB,
        blocks: ['free'],
        uuid: uuid(2),
        modifyUuid: uuid(2),
        parentUuid: uuid(1),
        parentModifyUuid: uuid(5),
      }),
    });
    const error = await errorOf(files.image('top.vdi'));
    expect(error.code).toBe('IMAGE_PARENT_CHANGED');
    expect(error.data).toMatchObject({ kind: 'changed', candidate: 'base.vdi' });
  });
});

describe('a chain without end', () => {
  test('is refused when an image is its own parent', async () => {
    const files = new MemoryFiles({ 'loop.vhd': child(1, 1, 'loop.vhd') });
    expect((await errorOf(files.image('loop.vhd'))).code).toBe('IMAGE_CHAIN_CYCLE');
  });

  test('is refused over several links, in any case of the names', async () => {
    const files = new MemoryFiles({
      'a.vhd': child(1, 2, 'b.vhd'),
      'b.vhd': child(2, 3, 'c.vhd'),
      'c.vhd': child(3, 1, 'A.VHD'),
      'A.VHD': child(1, 2, 'b.vhd'),
    });
    expect((await errorOf(files.image('a.vhd'))).code).toBe('IMAGE_CHAIN_CYCLE');
    expect(files.openCount).toBe(0);
  });

  test('is refused at 256 links', async () => {
    const links = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`${i}.vhd`, child(i, i + 1, `${i + 1}.vhd`)]),
    );
    const files = new MemoryFiles({ ...links, '300.vhd': base(300, 1) });
    expect((await errorOf(files.image('0.vhd'))).code).toBe('IMAGE_CHAIN_TOO_DEEP');
    expect(files.openCount).toBe(0);
    const disk = await files.image('60.vhd');
    expect(disk.parents).toHaveLength(240);
    expectSame(await disk.read(0, 512), new Uint8Array(512).fill(1), 'the sector of the last ancestor');
    await disk.close();
    expect(files.openCount).toBe(0);
  });
});

describe('closing', () => {
  test('closes what was opened, leaves what was given, and ends reading', async () => {
    const files = new MemoryFiles({ 'top.avhd': child(2, 1, 'base.vhd'), 'base.vhd': base(1) });
    const source = new MemorySource(child(2, 1, 'base.vhd'), { name: 'top.avhd' });
    const disk = await openImage(source, { siblings: files });
    expect(files.openCount).toBe(1);
    await disk.close();
    await disk.close();
    expect(files.openCount).toBe(0);
    expect(source.read(0, 8)).toHaveLength(8);
    expect(() => disk.read(0, 512)).toThrow(expect.objectContaining({ code: 'SOURCE_CLOSED' }));
  });

  test('leaves given parents open', async () => {
    const given = new MemorySource(base(1));
    const files = new MemoryFiles({ 'top.avhd': child(2, 1, 'base.vhd') });
    await (await files.image('top.avhd', { parents: [{ source: given, name: 'base.vhd' }] })).close();
    expect(given.read(0, 8)).toHaveLength(8);
  });
});
