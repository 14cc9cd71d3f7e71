import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Disk } from '@deadbox/disk';
import { planRepair, type RepairPlan, type RepairRequest } from '@deadbox/repair';
import { applyRepair, writeOverlay } from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { checkOverlayBase, checkVhdEnd } from '../../packages/repair/src/storage/overlay-base.js';
import { vhdFooter } from '../support/image/vhd-writer.js';
import { withDiskFile } from '../support/repair/repaired-disk.js';
import { temporaryFolder } from '../support/tools.js';

/*
 * A change goes into the files of the newest link alone, whatever its parents are made of; and an overlay lies over
 * nothing that QEMU reads as another disk.
 */

const MIB = 1 << 20;
const CLUSTER = 1 << 16;
const folder = temporaryFolder();

/** An empty QCOW2 of version 2 (QEMU docs/interop/qcow2) over a backing file of this format. */
function emptyChild(backing: string, format: string): Buffer {
  const file = Buffer.alloc(4 * CLUSTER);
  file.write('QFI\xfb', 'latin1');
  file.writeUInt32BE(2, 4);
  file.writeBigUInt64BE(256n, 8);
  file.writeUInt32BE(backing.length, 16);
  file.writeUInt32BE(16, 20);
  file.writeBigUInt64BE(BigInt(MIB), 24);
  file.writeUInt32BE(1, 36);
  file.writeBigUInt64BE(BigInt(3 * CLUSTER), 40);
  file.writeBigUInt64BE(BigInt(CLUSTER), 48);
  file.writeUInt32BE(1, 56);
  file.writeUInt32BE(0xe279_2aca, 72);
  file.writeUInt32BE(format.length, 76);
  file.write(format, 80);
  file.write(backing, 256);
  file.writeBigUInt64BE(BigInt(2 * CLUSTER), CLUSTER);
  for (let i = 0; i < 4; i += 1) file.writeUInt16BE(1, 2 * CLUSTER + 2 * i);
  return file;
}

const extents = (...names: readonly string[]): string =>
  [
    '# Disk DescriptorFile',
    'version=1',
    'CID=12345678',
    'parentCID=ffffffff',
    'createType="twoGbMaxExtentFlat"',
    ...names.map((name) => `RW ${MIB / 512 / names.length} FLAT "${name}" 0`),
    '',
  ].join('\n');

const plan: RepairPlan = {
  operations: [
    {
      id: 'set-hidden-sectors',
      volume: null,
      edits: [{ volume: null, offset: 600, before: '00', after: '01', what: 'boot-sector' }],
      data: {},
    },
  ],
  refusals: [],
};

function written(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(dirname(path), file), content);
  return path;
}

const half = new Uint8Array(MIB / 2);

describe('a change that would go into a parent is refused, and no file of it changes', () => {
  test.each([
    ['flat extents', 'vmdk', 'base.vmdk', { 'base.vmdk': extents('a.vmdk', 'b.vmdk'), 'a.vmdk': half, 'b.vmdk': half }],
    ['numbered parts', 'raw', 'base.001', { 'base.001': half, 'base.002': half }],
    ['one file', 'raw', 'base.raw', { 'base.raw': new Uint8Array(MIB) }],
  ])('a parent of %s', async (kind, format, backing, files) => {
    const path = written(`${kind}/child.qcow2`, { ...files, 'child.qcow2': emptyChild(backing, format) });
    const undo = join(dirname(path), 'undo.json');
    await withDiskFile(path, async (disk) => {
      expect(disk.image.ownFiles).toEqual([path]);
      await expect(applyRepair(disk, plan, undo)).rejects.toMatchObject({ code: 'REPAIR_NOT_STORED' });
    });
    expect(existsSync(undo)).toBe(false);
    for (const [file, content] of Object.entries(files))
      expect(readFileSync(join(dirname(path), file)).equals(Buffer.from(content))).toBe(true);
  });

  test('the parts of the image itself are its own, and are written', async () => {
    const files = { 'disk.vmdk': extents('a.vmdk', 'b.vmdk'), 'a.vmdk': half, 'b.vmdk': half };
    const path = written('own/disk.vmdk', files);
    await withDiskFile(path, async (disk) => {
      const applied = await applyRepair(disk, plan, join(dirname(path), 'undo.json'));
      expect(applied.files).toEqual([path, join(dirname(path), 'a.vmdk')]);
    });
    expect(readFileSync(join(dirname(path), 'a.vmdk'))[600]).toBe(1);
  });
});

describe('a volume that is kept on several disks', () => {
  test.each(['mirrored', 'raid5'])('%s is not changed on one of them', async (layout) => {
    const volumes = [{ number: 1, partition: { dynamic: { layout } } }];
    const request: RepairRequest = { operation: 'restore-mft-mirror', volume: 1 };
    const { operations, refusals } = await planRepair({ volumes } as unknown as Disk, [request], { overlay: true });
    expect(operations).toEqual([]);
    expect(refusals).toMatchObject([{ id: 'redundant-volume', data: { layout } }]);
  });
});

describe('no overlay lies over an image that QEMU reads as another disk', () => {
  const over = (image: object) => (): void =>
    checkOverlayBase({
      name: 'disk',
      image: { details: {}, parents: [], ownFiles: ['disk'], ...image },
    } as unknown as Disk);

  test('which says so before a file is made', async () => {
    const path = written('split/disk.001', { 'disk.001': half, 'disk.002': half });
    const overlay = join(dirname(path), 'over.qcow2');
    await withDiskFile(path, async (disk) => {
      await expect(writeOverlay(disk, plan, overlay)).rejects.toThrow(/one of 2 parts/);
    });
    expect(existsSync(overlay)).toBe(false);
  });

  test('an archive, a bundle, and a child whose parents it does not follow', () => {
    expect(over({ format: 'vmdk', details: { archive: {} } })).toThrow(/unpack it first/);
    expect(over({ format: 'parallels', details: { bundle: {} } })).toThrow(/bundle/);
    for (const format of ['vhd', 'vhdx', 'vdi', 'parallels'])
      expect(over({ format, parents: [{ name: 'base' }] })).toThrow(/parents/);
  });

  test('but over one file, recorded extents, and parents that it follows', () => {
    for (const format of ['raw', 'vhd', 'vhdx', 'vdi']) expect(over({ format })).not.toThrow();
    expect(over({ format: 'vmdk', ownFiles: ['disk', 'a', 'b'], parents: [{ name: 'base' }] })).not.toThrow();
  });

  test('a VHD that it would end with the last whole cylinder', () => {
    const sector = vhdFooter(2, 64 * MIB, '5EED0000-0000-4000-8000-000000000001', undefined);
    // 520 cylinders, 4 heads, 17 sectors a track.
    const counted = 520 * 4 * 17 * 512;
    const madeBy = (creator: string): Uint8Array<ArrayBuffer> => {
      const footer = sector.slice();
      footer.set(new TextEncoder().encode(creator), 28);
      return footer;
    };
    for (const creator of ['win ', 'd2v ']) expect(() => checkVhdEnd(madeBy(creator), counted + 512)).not.toThrow();
    expect(() => checkVhdEnd(madeBy('vbox'), counted)).not.toThrow();
    expect(() => checkVhdEnd(madeBy('vbox'), counted + 512)).toThrow(`${counted} of the ${counted + 512} bytes`);
  });
});
