import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planRepair, type RepairRequest } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { differingBytes, fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

const folder = temporaryFolder();
let count = 0;

/** A copy of a bundled disk that `damage` changed. */
function damaged(image: string, damage: (bytes: Buffer) => void): string {
  const path = join(folder, `${(count += 1)}.img`);
  const bytes = readFileSync(testImagePath(image));
  damage(bytes);
  writeFileSync(path, bytes);
  return path;
}

/** Repairs a disk; what was asked for must not be refused. */
async function repair(path: string, request: RepairRequest): Promise<string> {
  const undo = `${path}.undo.json`;
  await withDiskFile(path, async (disk) => {
    const plan = await planRepair(disk, [request]);
    expect(plan.refusals).toEqual([]);
    await applyRepair(disk, plan, undo);
  });
  return undo;
}

const gpt = testImage('gpt-faulty');
const mbr = testImage('mbr-faulty');
const ntfs = gpt.partitions[gpt.windowsVolume - 1];

/**
 * Every structure that has a second copy on the disk: damaging the first and repairing it must give the original disk
 * again.
 */
const COPIES: readonly (readonly [string, string, RepairRequest, (bytes: Buffer) => void])[] = [
  ['the primary GPT header', 'gpt-faulty', { operation: 'restore-gpt' }, (bytes) => bytes.fill(0, 512, 1024)],
  [
    'the primary GPT entries',
    'gpt-faulty',
    { operation: 'restore-gpt' },
    (bytes) => bytes.fill(0xff, 1024, 1024 + 512),
  ],
  ['the backup GPT header', 'gpt-faulty', { operation: 'restore-gpt' }, (bytes) => bytes.fill(0, bytes.length - 512)],
  [
    'the whole backup GPT',
    'gpt-faulty',
    { operation: 'restore-gpt' },
    (bytes) => bytes.fill(0, bytes.length - 33 * 512),
  ],
  [
    'the NTFS boot sector',
    'gpt-faulty',
    { operation: 'restore-boot-sector', volume: gpt.windowsVolume },
    (bytes) => bytes.fill(0, ntfs.offset, ntfs.offset + 512),
  ],
  [
    'the backup of the NTFS boot sector',
    'gpt-faulty',
    { operation: 'restore-boot-sector', volume: gpt.windowsVolume },
    (bytes) => bytes.fill(0, ntfs.offset + ntfs.length - 512, ntfs.offset + ntfs.length),
  ],
];

describe('damage to', () => {
  test.each(COPIES)('%s of %s is written anew from the other copy', async (_, image, request, damage) => {
    const path = damaged(image, damage);
    const before = fileSha256(path);
    const undo = await repair(path, request);
    expect(differingBytes(testImagePath(image), path)).toEqual([]);
    undoRepair(readJournal(undo));
    expect(fileSha256(path)).toBe(before);
  });

  test('$MFTMirr is copied from $MFT', async () => {
    const start = ntfs.offset;
    const view = readFileSync(testImagePath('gpt-faulty'));
    const cluster = view.readUInt16LE(start + 11) * view[start + 13];
    const mirror = start + Number(view.readBigUInt64LE(start + 0x38)) * cluster;
    const path = damaged('gpt-faulty', (bytes) => bytes.fill(0x5a, mirror + 1024 + 100, mirror + 1024 + 120));
    await repair(path, { operation: 'restore-mft-mirror', volume: gpt.windowsVolume });
    expect(differingBytes(testImagePath('gpt-faulty'), path)).toEqual([]);
  });

  test('the active flag of an MBR partition is set again', async () => {
    const original = readFileSync(testImagePath('mbr-faulty'));
    const slot = [0, 1, 2, 3].find((each) => original[0x1be + 16 * each] === 0x80);
    const path = damaged('mbr-faulty', (bytes) =>
      bytes.fill(0, 0x1be + 16 * (slot ?? 0), 0x1be + 16 * (slot ?? 0) + 1),
    );
    await repair(path, { operation: 'set-active-partition', partition: (slot ?? 0) + 1 });
    expect(slot === undefined ? [0x1be] : []).toEqual(differingBytes(testImagePath('mbr-faulty'), path));
  });
});

describe('nothing is done', () => {
  test.each([
    ['restore-gpt', { operation: 'restore-gpt' }],
    ['restore-boot-sector', { operation: 'restore-boot-sector', volume: gpt.windowsVolume }],
    ['restore-mft-mirror', { operation: 'restore-mft-mirror', volume: gpt.windowsVolume }],
  ] as const)('where the copies agree: %s', async (_, request) => {
    await withDiskFile(testImagePath('gpt-faulty'), async (disk) => {
      const { operations, refusals } = await planRepair(disk, [request]);
      expect(operations).toEqual([]);
      expect(refusals.map(({ id }) => id)).toEqual(['nothing-to-repair']);
    });
  });
});

describe('a changed identity', () => {
  test.each([
    ['gpt-faulty', gpt.diskId, '5EED0000-0000-4000-8000-0000000000FF'],
    ['mbr-faulty', mbr.diskId, '0BADF00D'],
  ])('of %s is changed and changed back to the same disk', async (image, own, other) => {
    const path = join(folder, `identity-${image}.img`);
    copyFileSync(testImagePath(image), path);
    await repair(path, { operation: 'restore-disk-identity', identity: other, witnesses: 2 });
    await withDiskFile(path, async (disk) => expect(disk.table.diskId).toBe(other.toUpperCase()));
    const again = `${path}.again`;
    copyFileSync(path, again);
    await repair(again, { operation: 'restore-disk-identity', identity: own, witnesses: 3 });
    expect(fileSha256(again)).toBe(testImage(image).sha256);
  });

  test('needs two witnesses, and an identity that no other disk of the run has', async () => {
    await withDiskFile(testImagePath('mbr-faulty'), async (disk) => {
      const { refusals } = await planRepair(disk, [
        { operation: 'restore-disk-identity', identity: '0BADF00D', witnesses: 1 },
        { operation: 'restore-disk-identity', identity: '0BADF00D', witnesses: 2, inUse: ['0badf00d'] },
      ]);
      expect(refusals.map(({ id }) => id)).toEqual(['identity-unproven', 'identity-in-use']);
    });
  });
});

describeWithTools(['sgdisk'], 'sgdisk', () => {
  test('finds no problem in a table that was written anew, nor in one with another identity', async () => {
    const path = damaged('gpt-faulty', (bytes) => bytes.fill(0, 512, 34 * 512));
    await repair(path, { operation: 'restore-gpt' });
    expect(run('sgdisk', ['--verify', path])).toMatch(/No problems found/);
    const other = `${path}.other`;
    copyFileSync(path, other);
    const identity = '5EED0000-0000-4000-8000-0000000000FF';
    await repair(other, { operation: 'restore-disk-identity', identity, witnesses: 2 });
    expect(run('sgdisk', ['--verify', other])).toMatch(/No problems found/);
    expect(run('sgdisk', ['--print', other])).toMatch(new RegExp(identity));
  });
});
