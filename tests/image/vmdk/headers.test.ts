import { MemorySource } from '@deadbox/core';
import { openImage, type VirtualDisk } from '@deadbox/image';
import { VMDK_COWD_HEADER, VMDK_SE_SPARSE_HEADER, VMDK_SPARSE_HEADER } from '@deadbox/image/internals';
import { describe, expect, test } from 'vitest';
import { looksLikeVmdkDescriptor } from '../../../packages/image/src/vmdk/signature.js';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import {
  type ExtentLine,
  vmdkDescriptor,
  writeCowd,
  writeHostedSparse,
  writeSeSparse,
} from '../../support/image/vmdk-writer.js';

type Bytes = Uint8Array<ArrayBuffer>;
type Change = (view: DataView) => void;

const GRAIN = 16;
const SECTORS = 4 * GRAIN;
const grain = (value: number): Bytes => new Uint8Array(GRAIN * 512).fill(value);
const changed = (bytes: Bytes, change: Change): Bytes => {
  const copy = bytes.slice();
  change(new DataView(copy.buffer));
  return copy;
};
const hosted = (more: Partial<Parameters<typeof writeHostedSparse>[0]> = {}): Bytes =>
  writeHostedSparse({ capacity: SECTORS, grains: new Map([[1, grain(7)]]), ...more });
const open = (bytes: Bytes, name = 'disk.vmdk'): Promise<VirtualDisk> => openImage(new MemorySource(bytes), { name });
const reading = (disk: Promise<VirtualDisk>) => errorOf(disk.then(async (opened) => await opened.read(0, opened.size)));
/** The extent behind a descriptor of one line. */
const behind = (type: string, bytes: Bytes, line: Partial<ExtentLine> = {}) => {
  const extents = [{ sectors: SECTORS, type, file: 'disk-s.vmdk', ...line }];
  const files = new MemoryFiles({ 'disk.vmdk': vmdkDescriptor({ type: 'custom', extents }), 'disk-s.vmdk': bytes });
  return files.image('disk.vmdk');
};
const embedded = (extents: readonly ExtentLine[], createType = 'monolithicSparse'): Bytes =>
  vmdkDescriptor({ type: createType, extents });

describe('the header of a hosted sparse extent', () => {
  const AT = VMDK_SPARSE_HEADER.fields;

  test.each<[string, string, number, Change]>([
    ['of version 4', 'IMAGE_UNSUPPORTED', AT.version.offset, (view) => view.setUint32(4, 4, true)],
    [
      'with the compression 2',
      'IMAGE_UNSUPPORTED',
      AT.compressAlgorithm.offset,
      (view) => {
        view.setUint32(8, 0x1_0001, true);
        view.setUint16(77, 2, true);
      },
    ],
    ['of 2^60 sectors', 'IMAGE_LIMIT', AT.capacity.offset, (view) => view.setBigUint64(12, 1n << 60n, true)],
    ['with grains of 24 sectors', 'IMAGE_DAMAGED', AT.grainSize.offset, (view) => view.setBigUint64(20, 24n, true)],
    [
      'with grains of 2^30 sectors',
      'IMAGE_DAMAGED',
      AT.grainSize.offset,
      (view) => view.setBigUint64(20, 1n << 30n, true),
    ],
    ['with grain tables of no entry', 'IMAGE_DAMAGED', AT.tableEntries.offset, (view) => view.setUint32(44, 0, true)],
    [
      'with grain tables of 8193 entries',
      'IMAGE_DAMAGED',
      AT.tableEntries.offset,
      (view) => view.setUint32(44, 8193, true),
    ],
    ['without a capacity', 'IMAGE_DAMAGED', AT.capacity.offset, (view) => view.setBigUint64(12, 0n, true)],
  ])('%s is refused where it says so', async (_, code, offset, change) => {
    expect(await errorOf(open(changed(hosted(), change)))).toMatchObject({ code, at: { layer: 'disk.vmdk', offset } });
  });

  test('of an extent that was not closed is told', async () => {
    const disk = await open(changed(hosted(), (view) => view.setUint8(72, 1)));
    expect(disk.issues.map(({ code }) => code)).toContain('image.marked-dirty');
    expect(await disk.read(GRAIN * 512, 4)).toEqual(new Uint8Array(4).fill(7));
  });

  test('whose descriptor lies behind the end is truncated; an empty one is none', async () => {
    const behindEnd = changed(hosted(), (view) => {
      view.setBigUint64(28, 1n << 20n, true);
      view.setBigUint64(36, 1n, true);
    });
    expect(await errorOf(open(behindEnd))).toMatchObject({ code: 'IMAGE_TRUNCATED', at: { offset: 512 * 2 ** 20 } });
    const empty = await open(hosted({ descriptor: new Uint8Array(512) }));
    expect(empty.issues.map(({ code }) => code)).toEqual(['image.extent-without-descriptor']);
  });

  test('that carries only a descriptor leads to the extents', async () => {
    const descriptor = embedded([{ sectors: SECTORS, type: 'FLAT', file: 'disk-f001.vmdk', start: 0 }], 'custom');
    const bytes = changed(hosted({ descriptor }), (view) => view.setBigUint64(12, 0n, true));
    const files = new MemoryFiles({ 'disk.vmdk': bytes, 'disk-f001.vmdk': new Uint8Array(SECTORS * 512).fill(5) });
    const disk = await files.image('disk.vmdk');
    expect([disk.size, await disk.read(0, 2)]).toEqual([SECTORS * 512, Uint8Array.of(5, 5)]);
  });

  test('in front of one of several extents is an extent itself', async () => {
    const lines = [
      { sectors: SECTORS, type: 'SPARSE', file: 'disk.vmdk' },
      { sectors: SECTORS, type: 'ZERO' },
    ];
    const disk = await open(hosted({ descriptor: embedded(lines) }));
    expect([disk.size, await disk.read(GRAIN * 512, 2)]).toEqual([2 * SECTORS * 512, Uint8Array.of(7, 7)]);
  });

  test('of a stream that is too short for its footer is truncated', async () => {
    const stream = hosted({ stream: true });
    expect(await errorOf(open(stream.slice(0, 700)))).toMatchObject({ code: 'IMAGE_TRUNCATED' });
    expect(await errorOf(open(stream.slice(0, 512)))).toMatchObject({ code: 'IMAGE_TRUNCATED' });
  });

  test('with compressed grains of 32 MiB is beyond what is unpacked', async () => {
    const bytes = changed(hosted({ stream: true }), (view) => view.setBigUint64(20, 2n ** 16n, true));
    const both = changed(bytes, (view) => view.setBigUint64(bytes.length - 1024 + 20, 2n ** 16n, true));
    expect(await errorOf(open(both))).toMatchObject({ code: 'IMAGE_LIMIT' });
  });

  test('of a stream whose grain unpacks to too few bytes is damage at the grain', async () => {
    const bytes = hosted({ stream: true, grains: new Map([[0, new Uint8Array(100).fill(9)]]) });
    expect(await reading(open(bytes))).toMatchObject({ code: 'IMAGE_DAMAGED', data: { grain: 0 } });
  });
});

test('a stream whose header says that its grains have no markers cannot be unpacked where they have', async () => {
  const bytes = hosted({ stream: true });
  for (const at of [8, bytes.length - 1024 + 8]) new DataView(bytes.buffer).setUint32(at, 0x1_0001, true);
  expect(await reading(open(bytes))).toMatchObject({ code: 'IMAGE_DAMAGED' });
});

describe('an extent of ESXi', () => {
  const cowd = (): Bytes => writeCowd(SECTORS, GRAIN, new Map([[1, grain(7)]]));
  const sesparse = (): Bytes => writeSeSparse(SECTORS, new Map([[1, new Uint8Array(4096).fill(7)]]));
  const COWD = VMDK_COWD_HEADER.fields;
  const SE = VMDK_SE_SPARSE_HEADER.fields;

  test.each<[string, string, Bytes, string, number, Change]>([
    [
      'COWD of version 2',
      'VMFSSPARSE',
      cowd(),
      'IMAGE_UNSUPPORTED',
      COWD.version.offset,
      (v) => v.setUint32(4, 2, true),
    ],
    [
      'COWD without grains',
      'VMFSSPARSE',
      cowd(),
      'IMAGE_DAMAGED',
      COWD.grainSize.offset,
      (v) => v.setUint32(16, 0, true),
    ],
    [
      'COWD without a directory',
      'VMFSSPARSE',
      cowd(),
      'IMAGE_DAMAGED',
      COWD.directoryEntries.offset,
      (v) => v.setUint32(24, 0, true),
    ],
    [
      'seSparse of version 3',
      'SESPARSE',
      sesparse(),
      'IMAGE_UNSUPPORTED',
      SE.version.offset,
      (v) => v.setUint32(8, 3, true),
    ],
    [
      'seSparse with grains of 16 sectors',
      'SESPARSE',
      sesparse(),
      'IMAGE_UNSUPPORTED',
      SE.grainSize.offset,
      (v) => v.setUint32(24, 16, true),
    ],
    [
      'seSparse of 2^50 sectors',
      'SESPARSE',
      sesparse(),
      'IMAGE_LIMIT',
      SE.capacity.offset,
      (v) => v.setUint32(20, 2 ** 18, true),
    ],
    [
      'seSparse without its volatile header',
      'SESPARSE',
      sesparse(),
      'IMAGE_DAMAGED',
      512,
      (v) => v.setUint32(512, 0, true),
    ],
  ])('%s is refused where it says so', async (_, type, bytes, code, offset, change) => {
    expect(await errorOf(behind(type, changed(bytes, change)))).toMatchObject({
      code,
      at: { layer: 'disk-s.vmdk', offset },
    });
  });

  test('whose volatile header lies behind the end of the file is truncated', async () => {
    const bytes = changed(sesparse(), (view) => view.setBigUint64(80, 1n << 30n, true));
    expect(await errorOf(behind('SESPARSE', bytes))).toMatchObject({ code: 'IMAGE_TRUNCATED' });
  });

  test('that is given alone is led to its descriptor, by name where the name tells', async () => {
    expect((await errorOf(open(cowd(), 'server-delta.vmdk'))).message).toContain('"server.vmdk"');
    expect((await errorOf(open(sesparse(), 'copy.vmdk'))).message).toContain('the small .vmdk text file that names it');
  });

  test.each<[string, bigint, string | undefined]>([
    ['that means nothing', 5n, 'IMAGE_DAMAGED'],
    ['of a kind that nobody knows', 9n << 60n, 'IMAGE_DAMAGED'],
    ['of nothing', 0n, undefined],
  ])('seSparse has a grain %s', async (_, entry, code) => {
    // Header, volatile header, and the directory of one sector at sector 4: the first table follows at sector 5.
    const disk = behind(
      'SESPARSE',
      changed(sesparse(), (view) => view.setBigUint64(5 * 512 + 8, entry, true)),
    );
    if (code === undefined) expect(await (await disk).read(4096, 2)).toEqual(new Uint8Array(2));
    else expect(await reading(disk)).toMatchObject({ code, at: { layer: 'disk-s.vmdk', offset: 5 * 512 + 8 } });
  });

  test.each<[string, bigint, string | undefined]>([
    ['without a table', 0n, undefined],
    ['that means nothing', 7n << 60n, 'IMAGE_DAMAGED'],
  ])('seSparse has a directory entry %s', async (_, entry, code) => {
    const disk = behind(
      'SESPARSE',
      changed(sesparse(), (view) => view.setBigUint64(4 * 512, entry, true)),
    );
    if (code === undefined) expect(await (await disk).read(4096, 2)).toEqual(new Uint8Array(2));
    else expect(await reading(disk)).toMatchObject({ code });
  });
});

describe('a descriptor', () => {
  test('names extents of known types, in files that are as long as it says', async () => {
    expect(await errorOf(behind('QUANTUM', grain(1)))).toMatchObject({ code: 'IMAGE_UNSUPPORTED' });
    const disk = await behind('SPARSE', hosted(), { sectors: SECTORS + 8 });
    expect(disk.issues).toMatchObject([
      { code: 'image.size-mismatch', data: { descriptor: (SECTORS + 8) * 512, header: SECTORS * 512 } },
    ]);
    expect(await disk.read(SECTORS * 512, 8 * 512)).toEqual(new Uint8Array(8 * 512));
    expect(await errorOf(behind('SPARSE', hosted().slice(0, 100)))).toMatchObject({ at: { layer: 'disk-s.vmdk' } });
  });

  test('without extents is damaged', async () => {
    expect(await errorOf(open(vmdkDescriptor({ type: 'custom', extents: [] })))).toMatchObject({
      code: 'IMAGE_DAMAGED',
    });
  });

  test('may leave out its version, have a content id that is none, and no parent', async () => {
    const lines = ['# Disk DescriptorFile', 'CID=what', 'parentCID=00000000', 'RW 64 ZERO', ''];
    const disk = await open(new TextEncoder().encode(lines.join('\n')));
    expect([disk.size, disk.variant, disk.parents, disk.identity?.state]).toEqual([64 * 512, 'unknown', [], undefined]);
  });

  test('of a child without a file name of its parent needs the parent given', async () => {
    const bytes = vmdkDescriptor({ type: 'custom', extents: [{ sectors: 64, type: 'ZERO' }], parentCid: '12345678' });
    expect(await errorOf(open(bytes))).toMatchObject({ code: 'IMAGE_PARENT_MISSING', data: { parentId: '12345678' } });
  });

  test('in a code page of Windows names a parent of that name', async () => {
    const extents = [{ sectors: 64, type: 'ZERO' }];
    const child = vmdkDescriptor({ type: 'custom', extents, parentCid: 'aaaaaaaa', hint: 'f\u00fcr.vmdk' });
    const latin1 = Buffer.from(new TextDecoder().decode(child), 'latin1');
    const base = vmdkDescriptor({ type: 'custom', extents, cid: 'aaaaaaaa' });
    const files = new MemoryFiles({ 'child.vmdk': new Uint8Array(latin1), 'f\u00fcr.vmdk': base });
    expect((await files.image('child.vmdk')).parents).toMatchObject([{ format: 'vmdk' }]);
  });

  test('is told by its first line, else by three of its keys, up to a NUL', () => {
    expect(
      [
        '# Disk DescriptorFile\0\xff\xff',
        'version=1\nCID=1\ncreateType="custom"',
        '\0# Disk DescriptorFile',
        'version=1\nCID=1',
        'version=1\ncreateType="custom"',
        'CID=1\ncreateType="custom"',
      ].map(looksLikeVmdkDescriptor),
    ).toEqual([true, true, false, false, false, false]);
  });
});
