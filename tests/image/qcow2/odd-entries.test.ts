import { deflateRawSync } from 'node:zlib';
import { MemorySource } from '@deadbox/core';
import { type OpenImageOptions, openImage, type VirtualDisk, verifyImage } from '@deadbox/image';
import { QCOW2_HEADER } from '@deadbox/image/internals';
import { describe, expect, test } from 'vitest';
import { SparseMemory } from '../../support/healthy/sparse-memory.js';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import { QCOW2_CLUSTERS, type Qcow2Recipe, qcow2Snapshot, writeQcow2 } from '../../support/image/qcow-writer.js';

const CLUSTER = 4096;
const COPIED = 1n << 63n;
const COMPRESSED = 1n << 62n;
const DATA = QCOW2_CLUSTERS.data * CLUSTER;
const L2 = QCOW2_CLUSTERS.l2 * CLUSTER;
/** Feature bits, header extension types (QEMU docs/interop/qcow2). */
const FEATURE = { dirty: 1n, dataFile: 4n, extendedL2: 16n };
const EXTENSION = { featureNames: 0x6803_f857, encryption: 0x0537_be77, dataFile: 0x4441_5441, bitmaps: 0x2385_2875 };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const open = (recipe: Qcow2Recipe, options?: OpenImageOptions): Promise<VirtualDisk> =>
  openImage(new MemorySource(writeQcow2(recipe)), { name: 'x.qcow2', ...options });
/** What reading the first clusters of the disk ends with. */
const reading = (recipe: Qcow2Recipe) =>
  errorOf(open(recipe).then(async (disk) => await disk.read(0, 2 ** (recipe.clusterBits ?? 12))));

describe('an entry of an L2 table', () => {
  const wide = { clusterBits: 14, features: FEATURE.extendedL2, size: 1 << 16 };
  const widePlace = QCOW2_CLUSTERS.l2 << 14;

  test.each<[string, string, number, Qcow2Recipe]>([
    ['of an unaligned cluster', 'IMAGE_DAMAGED', L2, { entries: [COPIED | BigInt(DATA + 512)] }],
    ['of a compressed cluster behind the end', 'IMAGE_TRUNCATED', L2, { entries: [COMPRESSED | (1n << 40n)] }],
    [
      'whose subclusters are allocated and zero at once',
      'IMAGE_DAMAGED',
      widePlace,
      { ...wide, entries: [COPIED | BigInt(QCOW2_CLUSTERS.data << 14), (1n << 32n) | 1n] },
    ],
    ['whose subclusters have no cluster', 'IMAGE_DAMAGED', widePlace, { ...wide, entries: [0n, 1n] }],
  ])('%s is refused where it stands', async (_, code, offset, recipe) => {
    expect(await reading(recipe)).toMatchObject({ code, at: { layer: 'x.qcow2', offset } });
  });

  test.each([
    ['of too few bytes', deflateRawSync(new Uint8Array(CLUSTER - 1))],
    ['of too many bytes', deflateRawSync(new Uint8Array(CLUSTER + 1))],
    ['of no deflate stream', new Uint8Array(512).fill(0xff)],
  ])('of a compressed cluster %s is damage at the cluster', async (_, data) => {
    expect(await reading({ entries: [COMPRESSED | BigInt(DATA)], data })).toMatchObject({
      code: 'IMAGE_DAMAGED',
      at: { layer: 'x.qcow2', offset: DATA },
    });
  });

  test('of a compressed cluster is ruled out where the data lies in a file of its own', async () => {
    const extensions = [[EXTENSION.dataFile, text('data.raw')]] as const;
    const recipe = { features: FEATURE.dataFile, extensions, entries: [COMPRESSED | BigInt(DATA)] };
    const files = new MemoryFiles({ 'x.qcow2': writeQcow2(recipe), 'data.raw': new Uint8Array(1 << 16) });
    await using disk = await files.image('x.qcow2');
    expect(await errorOf((async () => disk.read(0, 512))())).toMatchObject({
      code: 'IMAGE_DAMAGED',
      at: { offset: L2 },
    });
  });
});

describe('the header of a QCOW2', () => {
  test('names unknown features by the table that the image carries, else by their bit', async () => {
    // One entry of the table: incompatible, bit 40, name; and one of a compatible feature, which is no name of it.
    const table = new Uint8Array(96);
    table.set([0, 40, ...text('time travel')]);
    table.set([1, 41, ...text('harmless')], 48);
    const recipe = { features: (1n << 40n) | (1n << 41n), extensions: [[EXTENSION.featureNames, table] as const] };
    expect(await errorOf(open(recipe))).toMatchObject({
      code: 'IMAGE_UNSUPPORTED',
      data: { features: ['time travel', 'bit 41'] },
    });
  });

  test('may end inside an extension, or have extensions that nobody needs', async () => {
    const torn = writeQcow2({ extensions: [[EXTENSION.bitmaps, new Uint8Array(24)]] });
    expect((await openImage(new MemorySource(torn))).format).toBe('qcow2');
    new DataView(torn.buffer).setUint32(112 + 4, 0xffff_ff00);
    expect((await openImage(new MemorySource(torn))).format).toBe('qcow2');
  });

  test('whose extensions are longer than the first read is read on', async () => {
    const extensions = [
      [EXTENSION.bitmaps, new Uint8Array(20_000)],
      [EXTENSION.dataFile, text('data.raw')],
    ] as const;
    const recipe = { clusterBits: 16, features: FEATURE.dataFile, extensions };
    expect(await errorOf(open(recipe))).toMatchObject({ code: 'IMAGE_FILE_MISSING', data: { recorded: 'data.raw' } });
  });

  test.each<[string, string, number, Qcow2Recipe, (view: DataView) => void]>([
    [
      'with a backing file name of 1024 bytes',
      'IMAGE_DAMAGED',
      QCOW2_HEADER.fields.backingSize.offset,
      { backing: 'base.raw' },
      (view) => view.setUint32(16, 1024),
    ],
    [
      'with a backing file name behind the end',
      'IMAGE_TRUNCATED',
      QCOW2_HEADER.fields.backingOffset.offset,
      { backing: 'base.raw' },
      (view) => view.setUint32(8, 1),
    ],
  ])('%s is refused where it says so', async (_, code, offset, recipe, change) => {
    const bytes = writeQcow2(recipe);
    change(new DataView(bytes.buffer));
    expect(await errorOf(openImage(new MemorySource(bytes), { name: 'x.qcow2' }))).toMatchObject({
      code,
      at: { offset },
    });
  });

  test('of 60 bytes is truncated', async () => {
    const bytes = writeQcow2({ version: 2 }).slice(0, 60);
    expect(await errorOf(openImage(new MemorySource(bytes)))).toMatchObject({ code: 'IMAGE_TRUNCATED' });
  });

  test('of a disk without a byte is one', async () => {
    expect((await open({ size: 0 })).size).toBe(0);
  });

  test('that puts the data into a part of a file is refused', async () => {
    const json = 'json:{"driver":"raw","offset":512,"file":{"driver":"file","filename":"data.raw"}}';
    const recipe = { features: FEATURE.dataFile, extensions: [[EXTENSION.dataFile, text(json)] as const] };
    expect(await errorOf(open(recipe))).toMatchObject({ code: 'IMAGE_UNSUPPORTED' });
  });

  test('of an encrypted disk tells the cipher of a LUKS header, and only of one', async () => {
    const header = new Uint8Array(512);
    header.set(text('LUKS'));
    header.set(text('aes'), 8);
    header.set(text('xts-plain64'), 40);
    const pointer = new Uint8Array(16);
    new DataView(pointer.buffer).setBigUint64(0, BigInt(DATA));
    const extensions = [[EXTENSION.encryption, pointer] as const];
    const encrypted = { crypt: 2, extensions, data: header };
    expect((await open(encrypted)).encryption).toMatchObject({ product: 'QCOW2 LUKS', method: 'aes-xts-plain64' });
    const other = await open({ ...encrypted, data: new Uint8Array(512) });
    const bare = await open({ crypt: 2 });
    for (const { encryption } of [other, bare])
      expect(encryption).toEqual({ product: 'QCOW2 LUKS', offset: QCOW2_HEADER.fields.cryptMethod.offset });
  });
});

describe('the snapshots of a QCOW2', () => {
  const first = qcow2Snapshot({ id: '1', name: 'before' });

  test('are opened by name; the size of one that records none is that of the disk', async () => {
    const disk = await open({ snapshots: { count: 1, table: first } }, { snapshot: 'before' });
    expect(disk.size).toBe(64 * 1024);
  });

  test('that are not there are named with those that are', async () => {
    for (const [recipe, known] of [
      [{}, 'it has none'],
      [{ snapshots: { count: 1, table: first } }, 'it has 1 "before"'],
    ] as const)
      expect(await errorOf(open(recipe, { snapshot: 'after' }))).toMatchObject({
        code: 'IMAGE_SNAPSHOT_NOT_FOUND',
        message: expect.stringContaining(known),
      });
  });

  test.each<[string, string, Qcow2Recipe['snapshots']]>([
    ['of 65,537', 'IMAGE_LIMIT', { count: 65_537, table: first }],
    [
      'with 4096 bytes of extra data',
      'IMAGE_DAMAGED',
      { count: 1, table: qcow2Snapshot({ id: '1', name: 'x', extra: 4096 }) },
    ],
    ['that ends behind the file', 'IMAGE_TRUNCATED', { count: 60_000, table: first }],
  ])('in a table %s do not keep the current state from being read', async (_, code, snapshots) => {
    const disk = await open({ snapshots });
    expect(disk.issues).toMatchObject([
      { code: 'image.header-damaged', severity: 'warning', data: { structure: 'snapshot table' } },
    ]);
    expect(await errorOf(open({ snapshots }, { snapshot: 'before' }))).toMatchObject({ code });
  });

  test('in a table behind the end of the file are none', async () => {
    const bytes = writeQcow2({ snapshots: { count: 1, table: first } });
    new DataView(bytes.buffer).setBigUint64(64, 1n << 40n);
    const { issues } = await openImage(new MemorySource(bytes), { name: 'x.qcow2' });
    expect(issues).toMatchObject([{ code: 'image.header-damaged', data: { structure: 'snapshot table' } }]);
  });

  test('that a server fails to deliver are no damage', async () => {
    const bytes = writeQcow2({ clusterBits: 16, snapshots: { count: 1, table: first } });
    const server = {
      size: bytes.length,
      read(offset: number, length: number) {
        if (offset >= QCOW2_CLUSTERS.snapshots << 16 && offset < QCOW2_CLUSTERS.data << 16) throw new Error('HTTP 503');
        return bytes.slice(offset, offset + length);
      },
    };
    expect((await errorOf(openImage(server))).message).toContain('HTTP 503');
  });

  test('of more than a disk may have are refused', async () => {
    const table = qcow2Snapshot({ id: '1', name: 'large', extra: 16 });
    new DataView(table.buffer).setBigUint64(48, 1n << 60n);
    expect(await errorOf(open({ snapshots: { count: 1, table } }, { snapshot: 'large' }))).toMatchObject({
      code: 'IMAGE_LIMIT',
    });
  });
});

describe('the check of the clusters', () => {
  const kinds = async (recipe: Qcow2Recipe, change?: (view: DataView) => void) => {
    const bytes = writeQcow2(recipe);
    change?.(new DataView(bytes.buffer));
    await using disk = await openImage(new MemorySource(bytes), { name: 'x.qcow2' });
    const { verdict } = await verifyImage(disk);
    const told = disk.issues.filter(({ severity }) => severity !== 'note').map(({ code, data }) => data.kind ?? code);
    return { verdict, told: [...new Set(told)] };
  };

  test('ends at once where the header claims counts of 2^63 bits, and says so', async () => {
    for (const refcountOrder of [7, 63, 0xffff_ffff])
      expect(await kinds({ refcountOrder })).toEqual({ verdict: 'wrong', told: ['image.header-damaged'] });
  });

  test('counts what snapshots use, too', async () => {
    // The snapshot's L1 table is that of the current state, which is counted once.
    const snapshots = { count: 1, table: qcow2Snapshot({ id: '1', name: 'same' }) };
    expect((await kinds({ snapshots })).told).toEqual(['count']);
  });

  test('leaves the counts of an image alone that says that they lag behind', async () => {
    const change = (view: DataView): void => view.setUint16(QCOW2_CLUSTERS.refcountBlock * CLUSTER, 0);
    expect((await kinds({ features: FEATURE.dirty }, change)).told).toEqual([]);
    expect((await kinds({}, change)).told).toEqual(['count']);
  });

  test('takes clusters for free that no block of counts speaks of', async () => {
    expect(await kinds({}, (view) => view.setBigUint64(QCOW2_CLUSTERS.refcountTable * CLUSTER, 0n))).toEqual({
      verdict: 'wrong',
      told: ['count'],
    });
  });

  test('finds a compressed cluster that says that it has one user, and subclusters that contradict it', async () => {
    const data = deflateRawSync(new Uint8Array(CLUSTER));
    expect((await kinds({ entries: [COPIED | COMPRESSED | BigInt(DATA)], data })).told).toEqual(['only-user']);
    const wide = { clusterBits: 14, features: FEATURE.extendedL2, size: 1 << 16 };
    const place = BigInt(QCOW2_CLUSTERS.data << 14);
    const packed = deflateRawSync(new Uint8Array(1 << 14));
    expect((await kinds({ ...wide, entries: [COMPRESSED | place, 1n], data: packed })).told).toEqual(['subclusters']);
    expect((await kinds({ ...wide, entries: [COPIED | place, (1n << 32n) | 1n] })).told).toContain('subclusters');
  });

  test('takes what a short table of counts, or a block of them that is cut off, does not say for free', async () => {
    expect((await kinds({}, (view) => view.setUint32(56, 0))).told).toEqual(['count']);
    const end = QCOW2_CLUSTERS.refcountBlock * CLUSTER + 5;
    await using disk = await openImage(new MemorySource(writeQcow2({}).slice(0, end)), { name: 'x.qcow2' });
    await disk.checkStructures?.();
    expect(disk.issues.map(({ data }) => data.kind)).toContain('count');
  });

  test('is not done on a file of more clusters than are counted', async () => {
    const file = new SparseMemory(2 ** 35);
    file.write(0, writeQcow2({ clusterBits: 9, size: 4096 }));
    await using disk = await openImage(file, { name: 'x.qcow2' });
    expect(await disk.checkStructures?.()).toBe(false);
  });

  test('is not done on an image whose tables lie behind its end', async () => {
    for (const change of [
      (view: DataView): void => view.setBigUint64(48, 1n << 40n),
      (view: DataView): void => view.setBigUint64(QCOW2_CLUSTERS.refcountTable * CLUSTER, 1n << 40n),
    ])
      expect((await kinds({}, change)).told).not.toEqual([]);
  });
});
