import { type ByteSource, MemorySource, type Siblings } from '@deadbox/core';
import { openImage, type VirtualDisk } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { writeEwf } from '../../support/image/ewf-writer.js';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import { writeVdi } from '../../support/image/vdi-writer.js';
import { vhdFooter, writeVhd } from '../../support/image/vhd-writer.js';
import { writeVhdx } from '../../support/image/vhdx-writer.js';
import { type ExtentLine, vmdkDescriptor } from '../../support/image/vmdk-writer.js';

type Bytes = Uint8Array<ArrayBuffer>;

const A = 'AAAAAAAA-1111-2222-3333-444444444444';
const B = 'BBBBBBBB-1111-2222-3333-444444444444';
const C = 'CCCCCCCC-1111-2222-3333-444444444444';
const MIB = 1 << 20;
const sector = new Uint8Array(512).fill(7);
const flat = (...files: string[]): Bytes =>
  vmdkDescriptor({
    type: 'custom',
    extents: files.map((file): ExtentLine => ({ sectors: 1, type: 'FLAT', file, start: 0 })),
  });
const vdi = (uuid: string, parent?: string): Bytes =>
  writeVdi({
    type: parent === undefined ? 1 : 4,
    size: MIB,
    blocks: ['free'],
    uuid,
    modifyUuid: uuid,
    ...(parent === undefined ? {} : { parentUuid: parent, parentModifyUuid: parent }),
  });
/** A folder of which every name leads to one sector. */
const endless: Siblings = { open: () => Promise.resolve(new MemorySource(sector)) };

describe('a file of which no name is known', () => {
  test('is called an image', async () => {
    const bytes = new Uint8Array(1024);
    const nameless: ByteSource = { size: 1024, read: (offset, length) => bytes.slice(offset, offset + length) };
    expect((await openImage(nameless)).format).toBe('raw');
    expect(await errorOf(openImage({ ...nameless, size: 0 }))).toMatchObject({ at: { layer: 'image' } });
    expect(await errorOf(openImage(nameless, { name: '/', formats: [] }))).toMatchObject({
      code: 'IMAGE_UNKNOWN_FORMAT',
      message: 'image is none of the formats given',
    });
  });
});

describe('a part of an image', () => {
  test('that is recorded as no file is refused, whatever the user gives', async () => {
    const parents = [{ name: '/', source: new MemorySource(sector) }];
    for (const recorded of ['..', '/'])
      expect(
        await errorOf(openImage(new MemorySource(flat(recorded)), { name: 'a.vmdk', siblings: endless, parents })),
      ).toMatchObject({
        code: 'IMAGE_PATH_REFUSED',
        data: { recorded, lookedFor: '' },
      });
    expect(await errorOf(openImage(new MemorySource(flat('a-flat.vmdk')), { name: 'a.vmdk', parents }))).toMatchObject({
      code: 'IMAGE_FILE_MISSING',
    });
  });

  test('whose accented name is not found as it is written is missing where the folder cannot be listed', async () => {
    const siblings: Siblings = { open: () => Promise.resolve(undefined) };
    expect(await errorOf(openImage(new MemorySource(flat('für.vmdk')), { name: 'a.vmdk', siblings }))).toMatchObject({
      code: 'IMAGE_FILE_MISSING',
    });
  });

  test('is one of at most 4096', async () => {
    const names = Array.from({ length: 4097 }, (_, index) => `${index}.vmdk`);
    expect(
      await errorOf(openImage(new MemorySource(flat(...names)), { name: 'a.vmdk', siblings: endless })),
    ).toMatchObject({
      code: 'IMAGE_LIMIT',
    });
  });
});

test('an image of more segments than are opened is refused', async () => {
  // Segments are numbered up to ZZZ, 14,971 of them.
  const first = writeEwf([{ type: 'next' }]);
  expect(await errorOf(openImage(new MemorySource(first), { name: 'case.E01', siblings: endless }))).toMatchObject({
    code: 'IMAGE_LIMIT',
    message: expect.stringContaining('more than 4096 files'),
  });
});

describe('an image in numbered parts', () => {
  const open = (name: string, siblings: Siblings): Promise<VirtualDisk> =>
    openImage(new MemorySource(sector), { name, siblings });

  test('has at most 4096 of them, and ends where its letters do', async () => {
    expect(await errorOf(open('disk.00000', endless))).toMatchObject({ code: 'IMAGE_LIMIT' });
    expect((await open('disk.aa', endless)).size).toBe(26 * 26 * 512);
  });

  test('is none where the parts before it are missing', async () => {
    const files = (...names: string[]) => new MemoryFiles(Object.fromEntries(names.map((name) => [name, sector])));
    expect((await open('disk.005', files('disk.006'))).size).toBe(512);
    // The part before it is there, the first is not: a lone pair.
    expect((await open('disk.005', files('disk.004'))).size).toBe(512);
    expect(await errorOf(open('disk.005', files('disk.004', 'disk.001')))).toMatchObject({
      code: 'IMAGE_UNSUPPORTED',
      data: { first: 'disk.001' },
    });
  });
});

describe('the parent of an image', () => {
  const child = vdi(B, A);
  const open = (options: Parameters<typeof openImage>[1], bytes = child): Promise<VirtualDisk> =>
    openImage(new MemorySource(bytes), { name: 'child.vdi', ...options });
  const given = (name: string, bytes: Bytes) => ({ name, source: new MemorySource(bytes) });

  test('is missing where nothing beside the image can be reached', async () => {
    expect(await errorOf(open({}))).toMatchObject({
      code: 'IMAGE_PARENT_MISSING',
      message: expect.stringContaining('the files beside the image cannot be reached'),
    });
  });

  test('is not the image itself under another spelling', async () => {
    const siblings: Siblings = {
      open: (name) => Promise.resolve(new MemorySource(name === 'base.vdi' ? vdi(A) : child)),
      list: () => Promise.resolve(['CHILD.VDI', 'base.vdi']),
    };
    expect((await open({ siblings })).parents).toMatchObject([{ name: 'base.vdi' }]);
  });

  test('is none of the files given that are other disks, and each of them is named', async () => {
    const parents = [given('one.vdi', vdi(C)), given('two.vdi', vdi(C)), given('/', vdi(C))];
    expect((await errorOf(open({ parents }))).message).toContain('; one.vdi, two.vdi, / are other disks');
  });

  test('that is given and cannot be opened says why, whatever it is called', async () => {
    const vhdx = writeVhdx({
      size: MIB,
      blocks: [{ state: 0 }],
      dataWriteGuid: B,
      parent: { parent_linkage: `{${A}}`, relative_path: 'base.vhdx' },
    });
    const torn = writeVhd({ type: 'dynamic', size: MIB, blockSize: MIB, uuid: A, blocks: new Map() });
    torn.fill(0, 512, 600);
    const parents = [given('torn.vhd', torn)];
    expect(await errorOf(openImage(new MemorySource(vhdx), { name: 'child.vhdx', parents }))).toMatchObject({
      code: 'IMAGE_DAMAGED',
      at: { layer: 'torn.vhd' },
    });
  });

  test('without an identifier is another disk to a child that records one', async () => {
    const vhdx = writeVhdx({
      size: MIB,
      blocks: [{ state: 0 }],
      dataWriteGuid: B,
      parent: { parent_linkage: `{${A}}`, relative_path: 'base.raw' },
    });
    const files = new MemoryFiles({ 'child.vhdx': vhdx, 'base.raw': new Uint8Array(MIB) });
    expect(await errorOf(files.image('child.vhdx'))).toMatchObject({
      code: 'IMAGE_PARENT_CHANGED',
      data: { found: 'no identifier' },
    });
  });

  test('is looked for among 4096 images at most', async () => {
    const asked = new Set<number>();
    const parents = Array.from({ length: 4100 }, (_, index) => ({
      name: `${index}.vdi`,
      source: {
        get size(): number {
          asked.add(index);
          return 0;
        },
        read: () => new Uint8Array(0),
      },
    }));
    expect(await errorOf(open({ parents }))).toMatchObject({ code: 'IMAGE_PARENT_MISSING' });
    // The image itself is one of them.
    expect(asked.size).toBe(4095);
  });
});

test('a path that lies at the end of a long VHD is read with the end', async () => {
  const bytes = writeVhd({
    type: 'differencing',
    size: MIB,
    blockSize: MIB,
    uuid: B,
    blocks: new Map(),
    parent: { uuid: A, name: '', locators: [{ platform: 'W2ru', path: '.\\base.vhd' }] },
  });
  const long = new Uint8Array(40_000);
  long.set(bytes.subarray(0, -512));
  const path = long.length - 512 - 256;
  long.set(bytes.subarray(2048, 2048 + 64), path);
  long.set(bytes.subarray(-512), long.length - 512);
  new DataView(long.buffer).setBigUint64(512 + 576 + 16, BigInt(path));
  const base = new Uint8Array(MIB + 512);
  base.set(vhdFooter(2, MIB, A, undefined), MIB);
  expect((await new MemoryFiles({ 'child.vhd': long, 'base.vhd': base }).image('child.vhd')).parents).toHaveLength(1);
});
