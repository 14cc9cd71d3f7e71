import { CountingSource, MemorySource } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import { vmdkDescriptor, writeCowd, writeHostedSparse, writeSeSparse } from '../../support/image/vmdk-writer.js';
import { checkSourceContract, expectSame, generator } from '../../support/source-contract.js';

const random = generator(1995);
const noise = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, () => random() * 256);

/** A disk of `sectors` with `pieces` laid over zeros, or over `base`. */
function overlay(
  sectors: number,
  pieces: readonly (readonly [number, Uint8Array])[],
  base?: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const disk = new Uint8Array(sectors * 512);
  if (base !== undefined) disk.set(base.subarray(0, disk.length));
  for (const [offset, bytes] of pieces) disk.set(bytes, offset);
  return disk;
}

describe('flat extents', () => {
  test('lie one behind the other, with their offsets, holes and read-only ones', async () => {
    const [first, second] = [noise(8 * 512), noise(30 * 512)];
    const files = new MemoryFiles({
      'disk.vmdk': vmdkDescriptor({
        type: 'custom',
        extents: [
          { sectors: 8, type: 'FLAT', file: 'one.vmdk', start: 0 },
          { sectors: 5, type: 'ZERO' },
          { sectors: 20, type: 'VMFS', file: 'two.vmdk', start: 10 },
        ],
      }),
      'one.vmdk': first,
      'two.vmdk': second,
    });
    const disk = await files.image('disk.vmdk');
    expect(disk.variant).toBe('custom');
    await checkSourceContract(disk, {
      reference: overlay(33, [
        [0, first],
        [13 * 512, second.subarray(10 * 512)],
      ]),
    });
    await disk.close();
    expect(files.openCount).toBe(0);
  });

  test('of a descriptor with Windows line ends, other case and an older encoding', async () => {
    const text = new TextDecoder().decode(
      vmdkDescriptor({ type: 'vmfs', extents: [{ sectors: 4, type: 'vmfs', file: 'caf\u00e9-flat.vmdk' }] }),
    );
    const latin = Uint8Array.from(
      text.replace('version=1', 'version=1\nencoding="windows-1252"').replaceAll('\n', '\r\n'),
      (c) => c.charCodeAt(0),
    );
    const flat = noise(4 * 512);
    const disk = await new MemoryFiles({ 'x.vmdk': latin, 'caf\u00e9-flat.vmdk': flat }).image('x.vmdk');
    await checkSourceContract(disk, { reference: flat });
  });

  test('that are shorter than the descriptor says: an issue at once, a typed error at the gap', async () => {
    const files = new MemoryFiles({
      'disk.vmdk': vmdkDescriptor({ type: 'vmfs', extents: [{ sectors: 100, type: 'VMFS', file: 'disk-flat.vmdk' }] }),
      'disk-flat.vmdk': noise(60 * 512),
    });
    const disk = await files.image('disk.vmdk');
    expect(disk.issues).toMatchObject([{ code: 'image.truncated', severity: 'error' }]);
    expect((await disk.read(59 * 512, 512)).length).toBe(512);
    expect((await errorOf(Promise.resolve().then(() => disk.read(60 * 512, 512)))).code).toBe('IMAGE_TRUNCATED');
  });

  test('of a raw device map: read when the device was copied into the file, explained when it was not', async () => {
    const device = noise(64 * 512);
    const descriptor = vmdkDescriptor({
      type: 'vmfsRawDeviceMap',
      extents: [{ sectors: 64, type: 'VMFSRDM', file: 'disk-rdm.vmdk' }],
    });
    const disk = await new MemoryFiles({ 'disk.vmdk': descriptor, 'disk-rdm.vmdk': device }).image('disk.vmdk');
    await checkSourceContract(disk, { reference: device });
    const error = await errorOf(
      new MemoryFiles({ 'disk.vmdk': descriptor, 'disk-rdm.vmdk': device.subarray(0, 512) }).image('disk.vmdk'),
    );
    expect(error).toMatchObject({ code: 'IMAGE_TRUNCATED', message: expect.stringContaining('raw device') });
  });
});

describe('sparse extents', () => {
  test('hosted: grains, zero grains, holes, and a last grain that ends with the disk', async () => {
    const grains = new Map([2, 0, 6].map((grain) => [grain, noise(16 * 512)]));
    const file = writeHostedSparse({ capacity: 100, grains, zeroGrains: [3] });
    const disk = await openImage(new MemorySource(file), { name: 'd.vmdk' });
    const reference = overlay(100, [
      [0, grains.get(0) as Uint8Array],
      [2 * 8192, grains.get(2) as Uint8Array],
      [6 * 8192, (grains.get(6) as Uint8Array).subarray(0, 4 * 512)],
    ]);
    await checkSourceContract(disk, { reference });
    expect(disk.issues.map(({ code }) => code)).toEqual(['image.extent-without-descriptor']);
  });

  test('stream-optimised with the directory named by the footer only', async () => {
    const grains = new Map([5, 1].map((grain) => [grain, new Uint8Array(16 * 512).fill(grain)]));
    const descriptor = vmdkDescriptor({
      type: 'streamOptimized',
      extents: [{ sectors: 128, type: 'SPARSE', file: 'other-name.vmdk' }],
    });
    const file = writeHostedSparse({ capacity: 128, grains, descriptor, stream: true });
    const disk = await openImage(new MemorySource(file), { name: 'renamed.vmdk' });
    expect(disk.variant).toBe('streamOptimized');
    const [one, five] = [1, 5].map((grain) => grains.get(grain) as Uint8Array) as [Uint8Array, Uint8Array];
    await checkSourceContract(disk, {
      reference: overlay(128, [
        [8192, one],
        [5 * 8192, five],
      ]),
    });
    const cut = await errorOf(openImage(new MemorySource(file.slice(0, file.length - 700)), { name: 'cut.vmdk' }));
    expect(cut).toMatchObject({ code: 'IMAGE_TRUNCATED', message: expect.stringContaining('footer') });
  });

  test('a grain whose marker belongs to another place is damage, not data', async () => {
    const grains = new Map([[1, new Uint8Array(16 * 512).fill(1)]]);
    const file = writeHostedSparse({ capacity: 64, grains, stream: true });
    file[8 * 512] = 48;
    const disk = await openImage(new MemorySource(file), { name: 'd.vmdk' });
    expect((await errorOf(Promise.resolve().then(() => disk.read(8192, 512)))).code).toBe('IMAGE_DAMAGED');
  });

  test('with an unusable grain directory uses the redundant one, and says so', async () => {
    const grains = new Map([[0, noise(16 * 512)]]);
    const file = writeHostedSparse({ capacity: 64, grains });
    new DataView(file.buffer).setBigUint64(56, 1n << 40n, true);
    const disk = await openImage(new MemorySource(file), { name: 'd.vmdk' });
    await checkSourceContract(disk, { reference: overlay(64, [[0, grains.get(0) as Uint8Array]]) });
    expect(disk.issues.map(({ code }) => code)).toContain('image.backup-structure-used');
  });

  test('split over a hundred files: only the files that are read are looked into', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `disk-s${String(i + 1).padStart(3, '0')}.vmdk`);
    const piece = (i: number): Uint8Array<ArrayBuffer> =>
      writeHostedSparse({ capacity: 64, grains: new Map([[1, new Uint8Array(8192).fill(i)]]) });
    const descriptor = vmdkDescriptor({
      type: 'twoGbMaxExtentSparse',
      extents: names.map((file) => ({ sectors: 64, type: 'SPARSE', file })),
    });
    const files = new MemoryFiles({
      'disk.vmdk': descriptor,
      ...Object.fromEntries(names.map((name, i) => [name, piece(i)])),
    });
    let reads = 0;
    const counted = {
      open: async (name: string) => {
        const source = await files.open(name);
        if (source === undefined) return undefined;
        const read = source.read.bind(source);
        source.read = (...args) => {
          reads += 1;
          return read(...args);
        };
        return source;
      },
    };
    const disk = await openImage(new CountingSource(new MemorySource(descriptor)), {
      name: 'disk.vmdk',
      siblings: counted,
    });
    expectSame(await disk.read(77 * 32_768 + 8192, 512), new Uint8Array(512).fill(77), 'sector in the 78th extent');
    expect(reads).toBeLessThanOrEqual(8);
    await checkSourceContract(disk);
  });
});

// Synthetic: no sample of these could be had, and no free tool writes them; the builders follow the sources named
// beside them.
describe('snapshot extents of ESXi (synthetic)', () => {
  const base = noise(9000 * 512);
  const baseFiles = {
    'vm.vmdk': vmdkDescriptor({
      type: 'vmfs',
      cid: '11111111',
      extents: [{ sectors: 9000, type: 'VMFS', file: 'vm-flat.vmdk' }],
    }),
    'vm-flat.vmdk': base,
  };

  test('vmfsSparse (COWD) over its base, with more than one grain table', async () => {
    const grains = new Map([3, 4095, 4096, 8999].map((grain) => [grain, noise(512)]));
    const files = new MemoryFiles({
      ...baseFiles,
      'vm-000001.vmdk': vmdkDescriptor({
        type: 'vmfsSparse',
        parentCid: '11111111',
        hint: 'vm.vmdk',
        extents: [{ sectors: 9000, type: 'VMFSSPARSE', file: 'vm-000001-delta.vmdk' }],
      }),
      'vm-000001-delta.vmdk': writeCowd(9000, 1, grains),
    });
    const disk = await files.image('vm-000001.vmdk');
    expect(disk.parents).toMatchObject([{ name: 'vm.vmdk', id: '11111111', variant: 'vmfs' }]);
    await checkSourceContract(disk, {
      reference: overlay(
        9000,
        [...grains].map(([grain, data]) => [grain * 512, data]),
        base,
      ),
    });
    await disk.close();
    expect(files.openCount).toBe(0);
  });

  test('seSparse over its base: data, zeroed and unmapped grains', async () => {
    const grains = new Map([0, 7, 1000].map((grain) => [grain, noise(4096)]));
    const files = new MemoryFiles({
      ...baseFiles,
      'vm-000001.vmdk': vmdkDescriptor({
        type: 'seSparse',
        parentCid: '11111111',
        hint: '/vmfs/volumes/5f/vm/vm.vmdk',
        extents: [{ sectors: 9000, type: 'SESPARSE', file: 'vm-000001-sesparse.vmdk' }],
      }),
      'vm-000001-sesparse.vmdk': writeSeSparse(
        9000,
        grains,
        new Map([
          [2, 'zero'],
          [9, 'unmapped'],
        ]),
      ),
    });
    const disk = await files.image('vm-000001.vmdk');
    const zeros = new Uint8Array(4096);
    const pieces: [number, Uint8Array][] = [
      ...[...grains].map(([grain, data]): [number, Uint8Array] => [grain * 4096, data]),
      [2 * 4096, zeros],
      [9 * 4096, zeros],
    ];
    await checkSourceContract(disk, { reference: overlay(9000, pieces, base) });
  });

  test('seSparse whose journal waits for replay is refused, since its tables are stale', async () => {
    const descriptor = vmdkDescriptor({
      type: 'seSparse',
      extents: [{ sectors: 64, type: 'SESPARSE', file: 's.vmdk' }],
    });
    const error = await errorOf(
      new MemoryFiles({ 'd.vmdk': descriptor, 's.vmdk': writeSeSparse(64, new Map(), new Map(), true) }).image(
        'd.vmdk',
      ),
    );
    expect(error).toMatchObject({ code: 'IMAGE_UNSUPPORTED', message: expect.stringContaining('journal') });
  });

  test('a delta file opened in place of its descriptor says which file to open', async () => {
    for (const file of [writeCowd(64, 1, new Map()), writeSeSparse(64, new Map())]) {
      const error = await errorOf(openImage(new MemorySource(file), { name: '/vm/web-000001-delta.vmdk' }));
      expect(error).toMatchObject({ code: 'IMAGE_UNSUPPORTED', message: expect.stringContaining('"web-000001.vmdk"') });
    }
  });
});

describe('hostile descriptors', () => {
  test('of a megabyte of empty lines, of blanks or of extents are refused at once', async () => {
    const head = '# Disk DescriptorFile\n';
    for (const filling of ['\n', ' ', '\n ', 'a=', '"', 'RW 1 ZERO\n']) {
      const text = head + filling.repeat(Math.floor((1 << 20) / filling.length));
      const error = await errorOf(openImage(new MemorySource(new TextEncoder().encode(text)), { name: 'd.vmdk' }));
      expect(error.code, filling).toMatch(/^IMAGE_(DAMAGED|LIMIT)$/);
    }
  });

  test('that claim more than a petabyte, or extents of 2^60 sectors, are refused', async () => {
    for (const sectors of [2 ** 42, 9_007_199_254_740_990]) {
      const text = vmdkDescriptor({ type: 'custom', extents: [{ sectors, type: 'ZERO' }] });
      expect((await errorOf(openImage(new MemorySource(text), { name: 'd.vmdk' }))).code).toMatch(
        /^IMAGE_(DAMAGED|LIMIT)$/,
      );
    }
  });
});

describe('names and chains that an image records', () => {
  const extent = (file: string): Uint8Array<ArrayBuffer> =>
    vmdkDescriptor({ type: 'monolithicFlat', extents: [{ sectors: 1, type: 'FLAT', file, start: 0 }] });

  for (const file of [
    '../../etc/passwd',
    '/etc/passwd',
    'C:\\Windows\\win.ini',
    '..\\secret.vmdk',
    '\\\\.\\PhysicalDrive0',
  ]) {
    test(`refuses the extent ${file}`, async () => {
      const files = new MemoryFiles({ 'd.vmdk': extent(file) });
      expect((await errorOf(files.image('d.vmdk'))).code).toBe('IMAGE_PATH_REFUSED');
      expect(files.asked.every((name) => !/[\\/]/.test(name))).toBe(true);
    });
  }

  test('takes an extent with a recorded folder when the file lies beside the image', async () => {
    const flat = noise(512);
    const disk = await new MemoryFiles({
      'd.vmdk': extent('/vmfs/volumes/old/d-flat.vmdk'),
      'd-flat.vmdk': flat,
    }).image('d.vmdk');
    expectSame(await disk.read(0, 512), flat, 'first sector');
  });

  test('takes an extent that is given, wherever it lies, and leaves it open', async () => {
    const flat = new MemorySource(noise(512));
    const files = new MemoryFiles({ 'd.vmdk': extent('/dev/mapper/lun-7') });
    const disk = await files.image('d.vmdk', { parents: [{ source: flat, name: '/mnt/rescue/LUN-7' }] });
    expectSame(await disk.read(0, 512), flat.read(0, 512), 'first sector');
    await disk.close();
    expect(flat.read(0, 1).length).toBe(1);
  });

  test('an extent that is missing is named', async () => {
    expect(await errorOf(new MemoryFiles({ 'd.vmdk': extent('d-flat.vmdk') }).image('d.vmdk'))).toMatchObject({
      code: 'IMAGE_FILE_MISSING',
      message: expect.stringContaining('d-flat.vmdk'),
    });
  });

  const child = (parentCid: string, hint: string, cid = '22222222'): Uint8Array<ArrayBuffer> =>
    vmdkDescriptor({
      type: 'monolithicFlat',
      cid,
      parentCid,
      hint,
      extents: [{ sectors: 1, type: 'FLAT', file: 'x.bin', start: 0 }],
    });

  test('a missing parent is named with its file and content id', async () => {
    const error = await errorOf(
      new MemoryFiles({ 'top.vmdk': child('1234abcd', 'C:\\VM\\base.vmdk'), 'x.bin': noise(512) }).image('top.vmdk'),
    );
    expect(error).toMatchObject({
      code: 'IMAGE_PARENT_MISSING',
      data: { parentId: '1234abcd', lookedFor: ['base.vmdk'] },
    });
  });

  test('a parent that was written after the child is refused, naming both content ids', async () => {
    const files = new MemoryFiles({
      'top.vmdk': child('1234abcd', 'base.vmdk'),
      'base.vmdk': extent('x.bin'),
      'x.bin': noise(512),
    });
    expect(await errorOf(files.image('top.vmdk'))).toMatchObject({
      code: 'IMAGE_PARENT_CHANGED',
      message: expect.stringMatching(/1234abcd[^]*aaaaaaaa|aaaaaaaa[^]*1234abcd/),
    });
  });

  test('a chain that returns to its start is refused', async () => {
    const files = new MemoryFiles({
      'a.vmdk': child('bbbbbbbb', 'b.vmdk', 'aaaaaaaa'),
      'b.vmdk': child('aaaaaaaa', 'a.vmdk', 'bbbbbbbb'),
      'x.bin': noise(512),
    });
    expect((await errorOf(files.image('a.vmdk'))).code).toBe('IMAGE_CHAIN_CYCLE');
    expect(files.openCount).toBe(0);
  });

  for (const [key, line] of [
    ['encryptionkeys', 'encryptionKeys="vmware:key/fqid/one/server/key-001"'],
    ['ddb.iofilters', 'ddb.iofilters = "vmwarevmcrypt"'],
  ]) {
    test(`encryption is recognised by ${key}, and the content refused by name`, async () => {
      const extents = [{ sectors: 4, type: 'VMFS', file: 'e-flat.vmdk' }];
      const files = new MemoryFiles({
        'e.vmdk': vmdkDescriptor({ type: 'vmfs', extents, more: [line] }),
        'e-flat.vmdk': noise(2048),
      });
      const disk = await files.image('e.vmdk');
      expect(disk.encryption?.product).toBe('VMware VM encryption');
      expect(disk.size).toBe(2048);
      expect(await errorOf(Promise.resolve().then(() => disk.read(0, 512)))).toMatchObject({
        code: 'IMAGE_ENCRYPTED',
        message: expect.stringContaining('VMware VM encryption'),
      });
    });
  }
});
