import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planRepair, type RefusalId, type RepairRequest } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { changeVolume } from '../support/repair/mounted.js';
import { differingBytes, fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { SMALL_DISK, writeSmallDisk } from '../support/repair/small-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

/*
 * Structures of a disk and of NTFS are damaged by hand; repaired, the disk must be the undamaged one again, byte for
 * byte.
 */

const folder = temporaryFolder();
let count = 0;
const gpt = testImage('gpt-faulty');
const ntfs = gpt.partitions[gpt.windowsVolume - 1];
type EntryRequest = Extract<RepairRequest, { readonly operation: 'set-partition-entry' }>;
const BASIC_DATA = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';

function damaged(source: string, damage: (bytes: Buffer) => void): string {
  const path = join(folder, `${(count += 1)}.img`);
  const bytes = readFileSync(source);
  damage(bytes);
  writeFileSync(path, bytes);
  return path;
}

/**
 * Repairs a copy of the disk; then it must be `sound`, and after undoing the damaged one again. Gives how many bytes
 * changed.
 */
async function repairs(path: string, request: RepairRequest, sound: string): Promise<number> {
  const before = `${path}.before`;
  const undo = `${path}.undo.json`;
  copyFileSync(path, before);
  await withDiskFile(path, async (disk) => {
    const plan = await planRepair(disk, [request]);
    expect(plan.refusals).toEqual([]);
    await applyRepair(disk, plan, undo);
  });
  const changed = differingBytes(before, path);
  expect(differingBytes(sound, path)).toEqual([]);
  undoRepair(readJournal(undo));
  expect(fileSha256(path)).toBe(fileSha256(before));
  return changed.length;
}

async function refusalOf(path: string, request: RepairRequest): Promise<RefusalId | undefined> {
  const { operations, refusals } = await withDiskFile(path, (disk) => planRepair(disk, [request]));
  expect(operations).toEqual([]);
  return refusals[0]?.id;
}

const small = { gpt: join(folder, 'small-gpt.raw'), mbr: join(folder, 'small-mbr.raw') };
writeSmallDisk(small.gpt, 'gpt');
writeSmallDisk(small.mbr, 'mbr');

describe('the signature 55 AA', () => {
  test.each([
    ['of an MBR', testImagePath('mbr-faulty')],
    ['of the protective MBR of a GPT', testImagePath('gpt-faulty')],
  ])('%s is put back', async (_, sound) => {
    const path = damaged(sound, (bytes) => bytes.fill(0, 0x1fe, 0x200));
    expect(await repairs(path, { operation: 'restore-boot-signature' }, sound)).toBe(2);
  });

  test('is not put where the rest of the sector is no partition table of this disk', async () => {
    const ask = (damage: (bytes: Buffer) => void): Promise<RefusalId | undefined> =>
      refusalOf(damaged(small.mbr, damage), { operation: 'restore-boot-signature' });
    expect(await ask(() => undefined)).toBe('nothing-to-repair');
    expect(await ask((bytes) => bytes.fill(0, 0, 0x200))).toBe('table-damaged');
    // An entry of which nothing is on the disk.
    expect(
      await ask((bytes) => {
        bytes.fill(0, 0x1fe, 0x200);
        bytes.writeUInt32LE(0x7fff_ffff, 0x1be + 8);
      }),
    ).toBe('table-damaged');
    // The boot sector of a volume that fills the disk.
    expect(
      await ask((bytes) => {
        bytes.copy(bytes, 0, SMALL_DISK.offsets[0], SMALL_DISK.offsets[0] + 0x1fe);
        bytes.fill(0, 0x1fe, 0x200);
      }),
    ).toBe('table-damaged');
  });
});

describe('the number of hidden sectors', () => {
  const offset = SMALL_DISK.offsets[1];
  const backup = offset + SMALL_DISK.length - 512;
  const request = { operation: 'set-hidden-sectors', volume: 2 } as const;

  test('of an NTFS volume is set in the boot sector and in its backup', async () => {
    const path = damaged(small.mbr, (bytes) => {
      for (const at of [offset, backup]) bytes.writeUInt32LE(63, at + 0x1c);
    });
    expect(await repairs(path, request, small.mbr)).toBe(6);
  });

  test('of the EFI system partition, which is FAT, too', async () => {
    const efi = gpt.partitions[0];
    const sound = damaged(testImagePath('gpt-faulty'), (bytes) => {
      const places = [0, bytes.readUInt16LE(efi.offset + 0x32) * 512].map((at) => efi.offset + at);
      const isFat32 = bytes.toString('latin1', efi.offset + 0x52, efi.offset + 0x57) === 'FAT32';
      for (const at of isFat32 ? places : [efi.offset]) bytes.writeUInt32LE(efi.offset / 512, at + 0x1c);
    });
    const path = damaged(sound, (bytes) => {
      const backupSector = bytes.readUInt16LE(efi.offset + 0x32);
      const isFat32 = bytes.toString('latin1', efi.offset + 0x52, efi.offset + 0x57) === 'FAT32';
      for (const at of isFat32 ? [0, backupSector * 512] : [0]) bytes.writeUInt32LE(7, efi.offset + at + 0x1c);
    });
    await repairs(path, { operation: 'set-hidden-sectors', volume: efi.number }, sound);
  });

  test('is left alone where it is right, and where there is no such volume', async () => {
    expect(await refusalOf(small.mbr, request)).toBe('nothing-to-repair');
    expect(await refusalOf(small.mbr, { ...request, volume: 9 })).toBe('not-a-volume');
  });
});

describe('an entry of a partition table', () => {
  const HIDDEN_NTFS = 0x17;

  test('of an MBR gets its type back: one byte', async () => {
    const at = 0x1be + 16 + 4;
    const path = damaged(small.mbr, (bytes) => bytes.writeUInt8(HIDDEN_NTFS, at));
    expect(await repairs(path, { operation: 'set-partition-entry', partition: 2, type: '0x07' }, small.mbr)).toBe(1);
  });

  const changes: readonly (readonly [string, RepairRequest, readonly string[]])[] = [
    [
      'is not hidden any more',
      { operation: 'set-partition-entry', partition: 2, clear: [62, 63, 60] },
      ['-A', '2:set:62', '-A', '2:set:60'],
    ],
    ['gets its type back', { operation: 'set-partition-entry', partition: 2, type: BASIC_DATA }, ['-t', '2:2700']],
    [
      'gets the GUID back by which firmware knew it',
      { operation: 'set-partition-entry', partition: 2, id: SMALL_DISK.otherPartitionId },
      ['-u', '2:5EED0000-0000-4000-8000-00000000FFFF'],
    ],
  ];
  describeWithTools(['sgdisk'], 'of a GPT, which sgdisk changed,', () => {
    test.each(changes)('%s in both copies, with their checksums', async (_, request, args) => {
      const path = join(folder, `${(count += 1)}.img`);
      copyFileSync(small.gpt, path);
      run('sgdisk', [...args, path]);
      // sgdisk itself changes more than the entry: what it makes of the sound values is what must come out.
      const sound = join(folder, `${(count += 1)}.img`);
      copyFileSync(path, sound);
      const back = ['-A', '2:clear:62', '-A', '2:clear:60', '-t', '2:0700', '-u', `2:${SMALL_DISK.otherPartitionId}`];
      run('sgdisk', [...back, sound]);
      expect(run('sgdisk', ['--verify', path])).toMatch(/No problems found/);
      await repairs(path, request, sound);
    });
  });

  test('is not changed to what the volume is not, nor twice the same', async () => {
    const ask = (rest: Partial<EntryRequest>): Promise<RefusalId | undefined> =>
      refusalOf(small.gpt, { operation: 'set-partition-entry', partition: 2, ...rest });
    expect(await ask({ type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B' })).toBe('value-not-settable');
    expect(await ask({ clear: [0] })).toBe('value-not-settable');
    expect(await ask({ type: BASIC_DATA })).toBe('nothing-to-repair');
    expect(await ask({ id: SMALL_DISK.partitionId })).toBe('identity-in-use');
    expect(await ask({ partition: 3 })).toBe('partition-missing');
    const torn = damaged(small.gpt, (bytes) => bytes.fill(0, bytes.length - 512));
    expect(await refusalOf(torn, { operation: 'set-partition-entry', partition: 2, clear: [62] })).toBe(
      'table-damaged',
    );
  });
});

describe('the first records of $MFT', () => {
  const boot = readFileSync(testImagePath('gpt-faulty')).subarray(ntfs.offset, ntfs.offset + 512);
  const cluster = boot.readUInt16LE(11) * boot[13];
  const mft = ntfs.offset + Number(boot.readBigUInt64LE(0x30)) * cluster;
  const mirror = ntfs.offset + Number(boot.readBigUInt64LE(0x38)) * cluster;
  const request = { operation: 'restore-mft-records', volume: gpt.windowsVolume } as const;

  test.each([
    ['the first', (bytes: Buffer) => bytes.fill(0, mft, mft + 1024)],
    ['all four', (bytes: Buffer) => bytes.fill(0xff, mft, mft + 4096)],
    ['a torn third', (bytes: Buffer) => bytes.writeUInt16LE(0x1234, mft + 3 * 1024 - 2)],
    ['the log file’s', (bytes: Buffer) => bytes.write('BAAD', mft + 2 * 1024)],
  ])('are copied from the mirror: %s', async (_, damage) => {
    await repairs(damaged(testImagePath('gpt-faulty'), damage), request, testImagePath('gpt-faulty'));
  });

  test('stay where they are whole, and where the mirror is none', async () => {
    expect(await refusalOf(testImagePath('gpt-faulty'), request)).toBe('nothing-to-repair');
    const both = damaged(testImagePath('gpt-faulty'), (bytes) => {
      bytes.fill(0, mft + 1024, mft + 2048);
      bytes.fill(0, mirror + 1024, mirror + 2048);
    });
    expect(await refusalOf(both, request)).toBe('no-sound-copy');
    // A record of another number is no copy.
    const swapped = damaged(testImagePath('gpt-faulty'), (bytes) => {
      bytes.fill(0, mft + 1024, mft + 2048);
      bytes.copy(bytes, mirror + 1024, mirror + 2048, mirror + 3072);
    });
    expect(await refusalOf(swapped, request)).toBe('no-sound-copy');
  });
});

if (canMount) {
  describeWithTools(['ntfs-3g', 'setfattr', 'umount'], 'an attribute list that ntfs-3g wrote', () => {
    test.each([
      ['in the record', 5, 250, true],
      ['in clusters of its own', 8, 200, false],
    ])('%s gets the offsets of its names back, one byte each', async (_, streams, bytesEach, resident) => {
      const sound = join(folder, `${streams} streams.raw`);
      copyFileSync(small.mbr, sound);
      const record = streamsOf(sound, streams, bytesEach);
      if (resident) moveListIntoRecord(sound, record);
      const { at, isResident } = listEntries(sound, record);
      expect(isResident).toBe(resident);
      expect(at.length).toBeGreaterThan(2);
      const path = damaged(sound, (bytes) => {
        for (const entry of at.slice(0, 3)) bytes.writeUInt8(0x1c, entry + 7);
      });
      const request = { operation: 'restore-attribute-list', volume: 2, record } as const;
      expect(await repairs(path, request, sound)).toBe(3);
      expect(await refusalOf(sound, request)).toBe('nothing-to-repair');
      // A name that is not the attribute's: nothing says where it stands.
      const foreign = damaged(path, (bytes) => {
        for (const entry of at.slice(0, 3)) bytes.writeUInt8(0x41, entry + 0x1a);
      });
      expect(await refusalOf(foreign, request)).toBe('nothing-to-repair');
    });
  });
}

/**
 * Gives a file of the second volume so many streams that its record needs an attribute list; gives its record's number.
 */
function streamsOf(path: string, streams: number, bytesEach: number): number {
  const [, offset] = SMALL_DISK.offsets;
  return changeVolume(path, offset, SMALL_DISK.length, (mount) => {
    const file = join(mount, 'many streams.bin');
    writeFileSync(file, 'content');
    for (let i = 0; i < streams; i += 1)
      run('setfattr', ['-n', `user.stream${i}`, '-v', `${i}`.repeat(bytesEach), file]);
    // Makes room in the base record again.
    for (const i of [0, 1]) run('setfattr', ['-x', `user.stream${i}`, file]);
    return Number(run('stat', ['-c', '%i', file]));
  });
}

/** The list of a record where it stands, read with no code of the library. */
interface FoundList {
  /** Byte offset on the disk of the file record. */
  readonly start: number;
  /** Of the attribute. */
  readonly place: number;
  readonly isResident: boolean;
  /** Of the first entry. */
  readonly from: number;
  readonly size: number;
}

function findList(bytes: Buffer, record: number): FoundList {
  const [, offset] = SMALL_DISK.offsets;
  const cluster = bytes.readUInt16LE(offset + 11) * bytes[offset + 13];
  // $MFT may have grown by another run: the record is known by its own number.
  let start = offset;
  while (bytes.toString('latin1', start, start + 4) !== 'FILE' || bytes.readUInt32LE(start + 0x2c) !== record)
    start += 1024;
  let place = start + bytes.readUInt16LE(start + 0x14);
  while (bytes.readUInt32LE(place) !== 0x20) place += bytes.readUInt32LE(place + 4);
  if (bytes[place + 8] === 0) {
    const from = place + bytes.readUInt16LE(place + 0x14);
    return { start, place, isResident: true, from, size: bytes.readUInt32LE(place + 0x10) };
  }
  // One run: lengths of both fields in its first byte.
  const runs = place + bytes.readUInt16LE(place + 0x20);
  const from = offset + bytes.readUIntLE(runs + 1 + (bytes[runs] & 15), bytes[runs] >> 4) * cluster;
  return { start, place, isResident: false, from, size: Number(bytes.readBigUInt64LE(place + 0x30)) };
}

/** Byte offsets on the disk of the named entries of the attribute list of a record. */
function listEntries(path: string, record: number): { at: number[]; isResident: boolean } {
  const bytes = readFileSync(path);
  const { from, size, isResident } = findList(bytes, record);
  const at: number[] = [];
  for (let entry = from; entry < from + size; entry += bytes.readUInt16LE(entry + 4))
    if (bytes[entry + 6] > 0) at.push(entry);
  return { at, isResident };
}

/** Puts a list that lies in a cluster into its record, as Windows keeps short ones. */
function moveListIntoRecord(path: string, record: number): void {
  const bytes = readFileSync(path);
  const { start, place, from, size } = findList(bytes, record);
  const image = bytes.subarray(start, start + 1024);
  const array = image.readUInt16LE(4);
  const swap = (direction: 'in' | 'out'): void => {
    for (const stride of [1, 2]) {
      const [tail, slot] = [stride * 512 - 2, array + 2 * stride];
      if (direction === 'out') image.writeUInt16LE(image.readUInt16LE(slot), tail);
      else {
        image.writeUInt16LE(image.readUInt16LE(tail), slot);
        image.writeUInt16LE(image.readUInt16LE(array), tail);
      }
    }
  };
  swap('out');
  const at = place - start;
  const oldLength = image.readUInt32LE(at + 4);
  const list = Buffer.alloc((0x18 + size + 7) & ~7);
  image.copy(list, 0, at, at + 0x10);
  list.writeUInt32LE(list.length, 4);
  list.fill(0, 8, 0x0e);
  list.writeUInt16LE(0x18, 0x0a);
  list.writeUInt32LE(size, 0x10);
  list.writeUInt16LE(0x18, 0x14);
  bytes.copy(list, 0x18, from, from + size);
  const used = image.readUInt32LE(0x18);
  const rest = Buffer.from(image.subarray(at + oldLength, used));
  expect(at + list.length + rest.length).toBeLessThan(1024);
  list.copy(image, at);
  rest.copy(image, at + list.length);
  image.writeUInt32LE(at + list.length + rest.length, 0x18);
  swap('in');
  writeFileSync(path, bytes);
}
