import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planRepair, type RepairPlan } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { scanDisk } from '@deadbox/triage';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectRenamed, JUDGES, type RenamedFile } from '../support/repair/judges.js';
import { differingBytes, fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { canMount, describeWithTools, hasTool, run, temporaryFolder } from '../support/tools.js';

/*
 * The faulty file is renamed in every container that can be written in place. Whatever the container, the virtual disk
 * must afterwards be, as another program reads it, the same disk as the repaired raw one: that one is judged by ntfs-3g
 * and the Sleuth Kit, and it differs in exactly the planned bytes.
 */

const folder = temporaryFolder();
const FOLDER = '/Windows/System32/drivers/CrowdStrike';
const IMAGES = ['gpt-faulty', 'mbr-faulty'] as const;
type Image = (typeof IMAGES)[number];
let count = 0;

async function fix(image: Image, path: string, undo: string): Promise<RepairPlan> {
  const { windowsVolume, files } = testImage(image);
  const faulty = files.find((file) => file.class === 'faulty-window');
  return withDiskFile(path, async (disk) => {
    const request = { operation: 'neutralise-file', volume: windowsVolume, path: faulty?.path ?? '' } as const;
    const plan = await planRepair(disk, [request]);
    expect(plan.refusals).toEqual([]);
    await applyRepair(disk, plan, undo);
    return plan;
  });
}

/** The repaired raw disks, and their plans. */
const repaired = new Map<Image, { path: string; sha256: string; plan: RepairPlan }>();
beforeAll(async () => {
  for (const image of IMAGES) {
    const path = join(folder, `${image}.fixed.raw`);
    copyFileSync(testImagePath(image), path);
    const plan = await fix(image, path, `${path}.undo.json`);
    repaired.set(image, { path, sha256: fileSha256(path), plan });
  }
});

describe.each(IMAGES)('the raw disk %s', (image) => {
  const golden = testImage(image);
  const volume = golden.partitions[golden.windowsVolume - 1];

  test('differs in exactly the planned bytes', () => {
    const { path, plan } = repaired.get(image) ?? { path: '', plan: undefined };
    const planned = plan?.operations[0].edits.map((edit) => volume.offset + edit.offset);
    expect(differingBytes(testImagePath(image), path)).toEqual(planned?.toSorted((a, b) => a - b));
  });

  if (canMount)
    describeWithTools(JUDGES, 'as others see it,', () => {
      test('has the file under its new names only', () => {
        const { path, plan } = repaired.get(image) ?? { path: '', plan: undefined };
        const names = plan?.operations[0].data.names as unknown as RenamedFile['names'];
        const sha256 = golden.files.find((file) => file.class === 'faulty-window')?.sha256 ?? '';
        expectRenamed(path, volume, { folder: FOLDER, names, sha256 });
      });
    });
});

/** Makes an image of a raw disk in a folder; gives the file to open. */
type Maker = (raw: string, inside: string) => string;
const qemu =
  (driver: string, name: string, ...options: readonly string[]): Maker =>
  (raw, inside) => {
    const path = join(inside, name);
    const args = options.flatMap((option) => ['-o', option.replace('INSIDE', inside)]);
    run('qemu-img', ['convert', '-f', 'raw', '-O', driver, ...args, raw, path]);
    return path;
  };

const MAKERS: readonly (readonly [string, Image, Maker])[] = [
  ['split raw', 'gpt-faulty', splitRaw],
  ['VHD, dynamic', 'gpt-faulty', qemu('vpc', 'disk.vhd')],
  ['VHD, fixed', 'mbr-faulty', qemu('vpc', 'disk.vhd', 'subformat=fixed')],
  ['VHDX', 'gpt-faulty', qemu('vhdx', 'disk.vhdx')],
  ['VHDX, MBR', 'mbr-faulty', qemu('vhdx', 'disk.vhdx')],
  ['VHDX, fixed', 'gpt-faulty', qemu('vhdx', 'disk.vhdx', 'subformat=fixed')],
  ['QCOW2', 'gpt-faulty', qemu('qcow2', 'disk.qcow2')],
  ['QCOW2 of version 2', 'mbr-faulty', qemu('qcow2', 'disk.qcow2', 'compat=0.10')],
  ['QCOW2 with subclusters', 'gpt-faulty', qemu('qcow2', 'disk.qcow2', 'extended_l2=on,cluster_size=32k')],
  ['QCOW2 with a data file', 'gpt-faulty', qemu('qcow2', 'disk.qcow2', 'data_file=INSIDE/data.raw')],
  ['VMDK, sparse', 'gpt-faulty', qemu('vmdk', 'disk.vmdk')],
  ['VMDK, sparse in a file of its own', 'gpt-faulty', qemu('vmdk', 'disk.vmdk', 'subformat=twoGbMaxExtentSparse')],
  ['VMDK, flat', 'mbr-faulty', qemu('vmdk', 'disk.vmdk', 'subformat=monolithicFlat')],
  ['VMDK, flat in several extents', 'gpt-faulty', flatExtents],
  ['VDI', 'gpt-faulty', qemu('vdi', 'disk.vdi')],
  ['VDI, fixed', 'mbr-faulty', qemu('vdi', 'disk.vdi', 'static=on')],
  ['Parallels', 'gpt-faulty', qemu('parallels', 'disk.hds')],
];

/** Numbered parts of 10 MiB: the two places that change lie in different ones. */
function splitRaw(raw: string, inside: string): string {
  run('split', ['-b', '10M', '-d', '-a', '3', '--numeric-suffixes=1', raw, join(inside, 'disk.')]);
  return join(inside, 'disk.001');
}

/** A descriptor with extents of 10 MiB, the last one in the middle of a larger file. */
function flatExtents(raw: string, inside: string): string {
  const bytes = readFileSync(raw);
  const size = 10 << 20;
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const name = `disk-f${String(lines.length + 1).padStart(3, '0')}.vmdk`;
    const part = bytes.subarray(at, at + size);
    const lead = at + size >= bytes.length ? 8 : 0;
    writeFileSync(join(inside, name), Buffer.concat([Buffer.alloc(lead * 512, 0x5a), part]));
    lines.push(`RW ${part.length / 512} FLAT "${name}" ${lead}`);
  }
  const path = join(inside, 'disk.vmdk');
  writeFileSync(
    path,
    [
      '# Disk DescriptorFile',
      'version=1',
      'CID=0a1b2c3d',
      'parentCID=ffffffff',
      'createType="twoGbMaxExtentFlat"',
      ...lines,
      'ddb.adapterType = "lsilogic"',
      '',
    ].join('\n'),
  );
  return path;
}

function hashes(inside: string): Record<string, string> {
  return Object.fromEntries(readdirSync(inside).map((name) => [name, fileSha256(join(inside, name))]));
}

function virtualDisk(path: string, inside: string): string {
  const raw = `${inside}.raw`;
  if (path.endsWith('.001')) run('sh', ['-c', 'cat "$1"/disk.0* > "$2"', 'sh', inside, raw]);
  else run('qemu-img', ['convert', '-O', 'raw', path, raw]);
  // Some containers round the size up.
  run('truncate', ['-s', String(testImage('gpt-faulty').size), raw]);
  return raw;
}

describeWithTools(['qemu-img', 'split'], 'in a container', () => {
  test.each(MAKERS)('%s: the disk is the repaired one, and undo restores every file', async (_, image, make) => {
    const inside = join(folder, String((count += 1)));
    mkdirSync(inside);
    const path = make(testImagePath(image), inside);
    const before = hashes(inside);
    const undo = `${inside}.undo.json`;
    const plan = await fix(image, path, undo);
    expect(plan.operations[0].edits).toEqual(repaired.get(image)?.plan.operations[0].edits);
    expect(hashes(inside)).not.toEqual(before);
    const raw = virtualDisk(path, inside);
    run('truncate', ['-s', String(testImage(image).size), raw]);
    expect(fileSha256(raw)).toBe(repaired.get(image)?.sha256);
    await withDiskFile(path, async (disk) => expect((await scanDisk(disk)).verdict).toBe('cleared'));
    undoRepair(readJournal(undo));
    expect(hashes(inside)).toEqual(before);
    rmSync(inside, { recursive: true });
    rmSync(raw);
  });

  test('of a kind that is not written in place it says so, and offers the overlay', async () => {
    const inside = join(folder, 'refused');
    mkdirSync(inside);
    for (const [driver, name] of [
      ['qcow', 'disk.qcow'],
      ['vmdk', 'disk.vmdk', 'subformat=streamOptimized'],
    ]) {
      const path = qemu(
        driver,
        name,
        ...(driver === 'vmdk' ? ['subformat=streamOptimized'] : []),
      )(testImagePath('gpt-faulty'), inside);
      const before = fileSha256(path);
      const faulty = testImage('gpt-faulty').files.find((file) => file.class === 'faulty-window');
      await withDiskFile(path, async (disk) => {
        const { refusals } = await planRepair(disk, [
          { operation: 'neutralise-file', volume: 3, path: faulty?.path ?? '' },
        ]);
        expect(refusals.map(({ id }) => id)).toEqual(['not-stored']);
        expect(refusals[0].data.reason).toMatch(/not written in place/);
      });
      expect(fileSha256(path)).toBe(before);
    }
  });
});

describeWithTools(['qemu-img'], 'a container says that its disk was written', () => {
  test('VMDK: a new content identifier, by which QEMU tells that a child was made before', async () => {
    const inside = join(folder, 'cid');
    mkdirSync(inside);
    for (const [name, make] of [
      ['sparse', qemu('vmdk', 'sparse.vmdk')],
      ['flat', qemu('vmdk', 'flat.vmdk', 'subformat=monolithicFlat')],
    ] as const) {
      const path = make(testImagePath('gpt-faulty'), inside);
      const child = join(inside, `${name}-child.vmdk`);
      run('qemu-img', ['create', '-q', '-f', 'vmdk', '-b', path, '-F', 'vmdk', child]);
      const cid = (): number =>
        JSON.parse(run('qemu-img', ['info', '--output=json', path]))['format-specific'].data.cid;
      const before = cid();
      run('qemu-io', ['-f', 'vmdk', '-c', 'read 0 512', child]);
      const undo = join(inside, `${name}.undo.json`);
      await fix('gpt-faulty', path, undo);
      expect(cid()).not.toBe(before);
      expect(cid()).not.toBe(0xffff_ffff);
      // QEMU gives no data of a child whose parent has another identifier.
      expect(() => run('qemu-io', ['-f', 'vmdk', '-c', 'read -P 0 1048576 512', child])).toThrow(/ended with/);
      undoRepair(readJournal(undo));
      expect(cid()).toBe(before);
    }
  });

  test('VDI: a new modification UUID, and no other byte of the header', async () => {
    const inside = join(folder, 'vdi');
    mkdirSync(inside);
    const path = qemu('vdi', 'disk.vdi')(testImagePath('gpt-faulty'), inside);
    const before = readFileSync(path).subarray(0, 512);
    await fix('gpt-faulty', path, join(inside, 'undo.json'));
    const after = readFileSync(path).subarray(0, 512);
    expect(after.subarray(0x198, 0x1a8).equals(before.subarray(0x198, 0x1a8))).toBe(false);
    after.set(before.subarray(0x198, 0x1a8), 0x198);
    expect(after.equals(before)).toBe(true);
  });

  test('QCOW2: bitmaps of a backup program are no longer taken for complete', async () => {
    const inside = join(folder, 'bitmap');
    mkdirSync(inside);
    const path = qemu('qcow2', 'disk.qcow2')(testImagePath('gpt-faulty'), inside);
    run('qemu-img', ['bitmap', '--add', path, 'backup0']);
    const bitmaps = (): unknown =>
      JSON.parse(run('qemu-img', ['info', '--output=json', path]))['format-specific'].data.bitmaps;
    expect(bitmaps()).toMatchObject([{ name: 'backup0' }]);
    const before = fileSha256(path);
    const undo = join(inside, 'undo.json');
    await fix('gpt-faulty', path, undo);
    expect(bitmaps()).toBeUndefined();
    undoRepair(readJournal(undo));
    expect(fileSha256(path)).toBe(before);
    expect(bitmaps()).toMatchObject([{ name: 'backup0' }]);
  });
});

const isRoot = process.getuid?.() === 0;
if (isRoot && hasTool('losetup'))
  test('a block device is written itself, and put back', async () => {
    const path = join(folder, 'behind-loop.raw');
    copyFileSync(testImagePath('gpt-faulty'), path);
    const loop = run('losetup', ['--find', '--show', path]).trim();
    try {
      const undo = join(folder, 'loop.undo.json');
      await fix('gpt-faulty', loop, undo);
      run('sync', [loop]);
      expect(fileSha256(path)).toBe(repaired.get('gpt-faulty')?.sha256);
      undoRepair(readJournal(undo));
      run('sync', [loop]);
      expect(fileSha256(path)).toBe(testImage('gpt-faulty').sha256);
    } finally {
      run('losetup', ['--detach', loop]);
    }
  });
