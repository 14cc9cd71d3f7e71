import { crc32 } from 'node:zlib';
import { type Bytes, type Json, MemorySource } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { readPartitionTable } from '@deadbox/partitions';
import { describe, expect, test } from 'vitest';
import { differingSectors } from '../../packages/repair/src/operations/byte-edit.js';
import { setActivePartition } from '../../packages/repair/src/operations/disk/active-partition.js';
import { restoreBootSignature } from '../../packages/repair/src/operations/disk/boot-signature.js';
import { restoreDiskIdentity } from '../../packages/repair/src/operations/disk/disk-identity.js';
import { restoreGpt } from '../../packages/repair/src/operations/disk/gpt-copies.js';
import { readGptCopies } from '../../packages/repair/src/operations/disk/gpt-table.js';
import { setHiddenSectors } from '../../packages/repair/src/operations/disk/hidden-sectors.js';
import { setPartitionEntry } from '../../packages/repair/src/operations/disk/partition-entry.js';
import { fromHex } from '../../packages/repair/src/plan/hex.js';
import { RefusedRepair, type RepairOperation } from '../../packages/repair/src/plan/repair-plan.js';
import { writeGpt } from '../support/disk-writer/gpt.js';
import { MemorySink } from '../support/ntfs-writer/sink.js';

/*
 * What an operation plans for a small disk in memory: written, the bytes must make the undamaged disk; and what it
 * refuses, with its facts.
 */

const MIB = 1 << 20;
const SIZE = 4 * MIB;
const BASIC = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';
const EFI = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const DISK_ID = '5EED0000-0000-4000-8000-0000000000A1';
const OTHER = '5EED0000-0000-4000-8000-0000000000FF';
const IDS = ['5EED0000-0000-4000-8000-0000000000B1', '5EED0000-0000-4000-8000-0000000000B2'];
const LAST = SIZE / 512 - 1;

const viewOf = (bytes: Bytes): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** The boot sector of an NTFS volume of 1 MiB. */
function ntfsBoot(hidden: number): Bytes {
  const sector = new Uint8Array(512);
  const view = viewOf(sector);
  sector.set([0xeb, 0x52, 0x90, ...new TextEncoder().encode('NTFS    ')]);
  view.setUint16(0x0b, 512, true);
  sector.set([8], 0x0d);
  sector.set([0xf8], 0x15);
  view.setUint32(0x1c, hidden, true);
  view.setBigUint64(0x28, BigInt(MIB / 512 - 1), true);
  view.setBigUint64(0x30, 4n, true);
  view.setBigUint64(0x38, 2n, true);
  sector.set([0xf6, 0, 0, 0, 1], 0x40);
  view.setUint16(0x1fe, 0xaa55, true);
  return sector;
}

function fat32Boot(hidden: number, backup = 6): Bytes {
  const sector = new Uint8Array(512);
  const view = viewOf(sector);
  sector.set([0xeb, 0x58, 0x90, ...new TextEncoder().encode('MSDOS5.0')]);
  view.setUint16(0x0b, 512, true);
  sector.set([1, 32, 0, 2], 0x0d);
  sector.set([0xf8], 0x15);
  view.setUint32(0x1c, hidden, true);
  view.setUint32(0x20, MIB / 512, true);
  view.setUint32(0x24, 16, true);
  view.setUint32(0x2c, 2, true);
  view.setUint16(0x32, backup, true);
  sector.set(new TextEncoder().encode('FAT32   '), 0x52);
  view.setUint16(0x1fe, 0xaa55, true);
  return sector;
}

/** NTFS at 1 MiB, FAT32 at 2 MiB, with their backups. */
function writeVolumes(sink: MemorySink): void {
  sink.write(MIB, ntfsBoot(2048));
  sink.write(2 * MIB - 512, ntfsBoot(2048));
  sink.write(2 * MIB, fat32Boot(4096));
  sink.write(2 * MIB + 6 * 512, fat32Boot(4096));
}

function gptDisk(): Bytes {
  const sink = new MemorySink(SIZE);
  const entry = (i: number): Parameters<typeof writeGpt>[4][number] => ({
    type: i === 0 ? BASIC : EFI,
    id: IDS[i],
    name: `volume ${i + 1}`,
    offset: (i + 1) * MIB,
    length: MIB,
  });
  writeGpt(sink, SIZE, 512, DISK_ID, [entry(0), entry(1)]);
  writeVolumes(sink);
  return sink.bytes;
}

function mbrDisk(): Bytes {
  const sink = new MemorySink(SIZE);
  writeVolumes(sink);
  const view = viewOf(sink.bytes);
  view.setUint32(0x1b8, 0x5eed_a1b2, true);
  for (const [i, type] of [0x07, 0x0c].entries()) {
    const at = 0x1be + 16 * i;
    view.setUint8(at, i === 0 ? 0x80 : 0);
    view.setUint8(at + 4, type);
    view.setUint32(at + 8, (i + 1) * 2048, true);
    view.setUint32(at + 12, 2048, true);
  }
  view.setUint16(0x1fe, 0xaa55, true);
  return sink.bytes;
}

/** A disk as an operation sees it: its bytes, its table and its volumes. */
async function diskOf(bytes: Bytes, more: Partial<Volume> = {}): Promise<Disk> {
  const image = new MemorySource(bytes);
  const table = await readPartitionTable(image);
  const volumes = table.partitions.map(({ number, offset, length }) => ({
    number,
    offset,
    length,
    fileSystem: number === 1 ? 'ntfs' : 'fat32',
    source: new MemorySource(bytes.slice(offset, offset + length)),
    ...more,
  }));
  return { image, table, volumes } as unknown as Disk;
}

/** The bytes after an operation; every edit must find what it says is there. */
function applied(bytes: Bytes, { edits }: RepairOperation): Bytes {
  const result = bytes.slice();
  for (const { volume, offset, before, after } of edits) {
    const at = offset + (volume ?? 0) * MIB;
    expect(Buffer.from(result.subarray(at, at + before.length / 2)).toString('hex')).toBe(before);
    expect(after).toHaveLength(before.length);
    result.set(Buffer.from(after, 'hex'), at);
  }
  return result;
}

const same = (left: Bytes, right: Bytes): boolean => Buffer.compare(left, right) === 0;
const changed = (bytes: Bytes, change: (bytes: Bytes, view: DataView) => void): Bytes => {
  const copy = bytes.slice();
  change(copy, viewOf(copy));
  return copy;
};

async function refusal(work: Promise<unknown>): Promise<[string, Record<string, Json>]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RefusedRepair) return [error.id, error.data];
    throw error;
  }
  throw new Error('not refused');
}

const GPT = gptDisk();
const MBR = mbrDisk();

/** A GPT header with its checksum made anew, after a change. */
function resealed(bytes: Bytes, sector: number, change: (view: DataView) => void): Bytes {
  return changed(bytes, (copy) => {
    const header = copy.subarray(sector * 512, sector * 512 + 512);
    change(viewOf(header));
    viewOf(header).setUint32(0x10, 0, true);
    viewOf(header).setUint32(0x10, crc32(header.subarray(0, viewOf(header).getUint32(0x0c, true))), true);
  });
}

describe('edits', () => {
  test('of a stretch are the sectors that differ, at most 4096 bytes each, and a rest', () => {
    const before = new Uint8Array(12 * 512 + 100);
    const edits = (places: number[]): unknown => {
      const after = before.slice();
      for (const place of places) after[place] = 1;
      return differingSectors(3, 1000, before, after, 'gpt-entries').map(({ volume, offset, after: hex, what }) => [
        volume,
        offset - 1000,
        hex.length / 2,
        what,
      ]);
    };
    const at = (offset: number, length: number): unknown => [3, offset, length, 'gpt-entries'];
    expect(edits([])).toEqual([]);
    expect(edits([0])).toEqual([at(0, 512)]);
    expect(edits([511, 512, 2048])).toEqual([at(0, 1024), at(2048, 512)]);
    expect(edits(Array.from({ length: 9 }, (_, i) => i * 512))).toEqual([at(0, 4096), at(4096, 512)]);
    expect(edits([before.length - 1])).toEqual([at(12 * 512, 100)]);
  });

  test('are read back from pairs of digits, up to what is none', () => {
    expect([...fromHex('00fFa0')]).toEqual([0, 0xff, 0xa0]);
    expect([...fromHex('00f')]).toEqual([0]);
    expect([...fromHex('12zz34')]).toEqual([0x12]);
    expect([...fromHex('zz12')]).toEqual([]);
    expect([...fromHex('')]).toEqual([]);
  });

  test('are refused with an id and its facts', () => {
    expect(new RefusedRepair('locked')).toMatchObject({ id: 'locked', data: {}, message: 'locked' });
  });
});

describe('the active flag', () => {
  test('is set on one partition and cleared on the others', async () => {
    const none = changed(MBR, (bytes) => bytes.set([0], 0x1be));
    const operation = await setActivePartition(await diskOf(none), 1, {});
    expect(operation).toMatchObject({ id: 'set-active-partition', volume: null, data: { partition: 1 } });
    expect(operation.edits).toEqual([{ volume: null, offset: 0x1be, before: '00', after: '80', what: 'active-flag' }]);
    expect(same(applied(none, operation), MBR)).toBe(true);
    const second = applied(MBR, await setActivePartition(await diskOf(MBR), 2, {}));
    expect([second[0x1be], second[0x1ce]]).toEqual([0, 0x80]);
  });

  test('stays where it is right, and where there is no such partition', async () => {
    expect(await refusal(setActivePartition(await diskOf(MBR), 1, {}))).toEqual([
      'nothing-to-repair',
      { partition: 1 },
    ]);
    expect(await refusal(setActivePartition(await diskOf(MBR), 3, {}))).toEqual(['table-damaged', { partition: 3 }]);
    expect(await refusal(setActivePartition(await diskOf(GPT), 1, {}))).toEqual(['table-damaged', { table: 'gpt' }]);
    const logical = await diskOf(MBR);
    const partitions = logical.table.partitions.map((one) => ({ ...one, logical: one.number === 2 }));
    const disk = { ...logical, table: { ...logical.table, partitions } } as Disk;
    expect(await refusal(setActivePartition(disk, 2, {}))).toEqual(['table-damaged', { partition: 2 }]);
  });
});

describe('the signature 55 AA', () => {
  const without = (disk: Bytes, more: (bytes: Bytes, view: DataView) => void = () => undefined): Bytes =>
    changed(disk, (bytes, view) => {
      bytes.fill(0, 0x1fe, 0x200);
      more(bytes, view);
    });
  const asked = async (bytes: Bytes): Promise<RepairOperation> => {
    const disk = await diskOf(bytes);
    return restoreBootSignature({ ...disk, table: { ...disk.table, sectorSize: 512 } }, {});
  };

  test('is put back where every entry leads to a partition', async () => {
    for (const [disk, partitions] of [
      [MBR, 2],
      [GPT, 1],
    ] as const) {
      const operation = await asked(without(disk));
      expect(operation).toMatchObject({ id: 'restore-boot-signature', volume: null, data: { partitions } });
      expect(operation.edits).toMatchObject([{ offset: 0x1fe, before: '0000', after: '55aa', what: 'boot-signature' }]);
      expect(same(applied(without(disk), operation), disk)).toBe(true);
    }
    // Other systems' partitions begin with anything, extended ones with such a record.
    const foreign = without(MBR, (bytes) => {
      bytes.fill(0, MIB, MIB + 512);
      bytes[MIB + 100] = 1;
    });
    expect((await asked(foreign)).edits).toHaveLength(1);
    // The protective entry of a GPT may say more sectors than there are.
    expect((await asked(without(GPT, (_, view) => view.setUint32(0x1ca, 0xffff_ffff, true)))).edits).toHaveLength(1);
    const end = without(MBR, (_, view) => view.setUint32(0x1ce + 12, LAST + 1 - 4096, true));
    expect((await asked(end)).edits).toHaveLength(1);
  });

  test('is not put where it is, nor where the sector is no table of this disk', async () => {
    expect(await refusal(asked(MBR))).toEqual(['nothing-to-repair', { offset: 0x1fe }]);
    const sector = ['table-damaged', { offset: 0x1fe }];
    const first = ['table-damaged', { offset: 0x1be }];
    expect(await refusal(asked(without(MBR, (bytes) => bytes.fill(0, 0x1be, 0x1fe))))).toEqual(sector);
    expect(await refusal(asked(without(MBR, (bytes) => bytes.set([1], 0x1be))))).toEqual(sector);
    const volume = without(MBR, (bytes) => bytes.set(ntfsBoot(0).subarray(0, 0x50)));
    expect(await refusal(asked(volume))).toEqual(sector);
    expect(await refusal(asked(without(MBR, (bytes) => bytes.fill(0, MIB, MIB + 512))))).toEqual(first);
    expect(await refusal(asked(without(MBR, (_, view) => view.setUint32(0x1c6, 0, true))))).toEqual(first);
    const beyond = without(MBR, (_, view) => view.setUint32(0x1ce + 12, LAST + 2 - 4096, true));
    expect(await refusal(asked(beyond))).toEqual(['table-damaged', { offset: 0x1ce }]);
    const noHeader = without(GPT, (bytes) => bytes.set([0], 512));
    expect(await refusal(asked(noHeader))).toEqual(first);
  });
});

describe('the identity of a disk', () => {
  const asked = async (bytes: Bytes, identity: string, witnesses = 2, inUse?: string[]): Promise<RepairOperation> =>
    restoreDiskIdentity(await diskOf(bytes), { identity, witnesses, ...(inUse === undefined ? {} : { inUse }) }, {});

  test('is four bytes of an MBR', async () => {
    const other = changed(MBR, (_, view) => view.setUint32(0x1b8, 0x0102_0304, true));
    for (const identity of ['5EEDA1B2', '0x5eeda1b2', '0X5EEDA1B2']) {
      const operation = await asked(other, identity);
      expect(operation).toMatchObject({
        id: 'restore-disk-identity',
        volume: null,
        data: { from: '01020304', to: identity, witnesses: 2 },
      });
      expect(operation.edits).toMatchObject([{ offset: 0x1b8, before: '04030201', what: 'disk-signature' }]);
      expect(same(applied(other, operation), MBR)).toBe(true);
    }
  });

  test('is sixteen bytes of both headers of a GPT with their checksums, the backup first', async () => {
    const other = [1, LAST].reduce(
      (bytes, sector) => resealed(bytes, sector, (view) => view.setUint8(0x38 + 15, 0xff)),
      GPT,
    );
    const operation = await asked(other, DISK_ID);
    expect(operation.data).toEqual({ from: OTHER, to: DISK_ID, witnesses: 2 });
    expect(operation.edits.map(({ offset, before, what }) => [offset, before.length / 2, what])).toEqual([
      [LAST * 512 + 0x10, 4, 'gpt-header'],
      [LAST * 512 + 0x38, 16, 'gpt-header'],
      [512 + 0x10, 4, 'gpt-header'],
      [512 + 0x38, 16, 'gpt-header'],
    ]);
    expect(same(applied(other, operation), GPT)).toBe(true);
  });

  test('is not given back without two witnesses, nor where another disk has it', async () => {
    expect(await refusal(asked(MBR, '01020304', 1))).toEqual([
      'identity-unproven',
      { identity: '01020304', witnesses: 1 },
    ]);
    for (const inUse of ['0X01020304', '01020304', '0x01020304'])
      expect(await refusal(asked(MBR, '01020304', 2, ['77777777', inUse]))).toEqual([
        'identity-in-use',
        { identity: '01020304' },
      ]);
    expect(await refusal(asked(GPT, OTHER, 3, [OTHER.toLowerCase()]))).toEqual([
      'identity-in-use',
      { identity: OTHER },
    ]);
    expect((await asked(MBR, '01020304', 2, ['77777777', '01020x0304'])).edits).toHaveLength(1);
  });

  test('is not given back where it is none of such a table', async () => {
    for (const identity of ['1020304', '010203045', '0102030G', '01020x0304', OTHER, ''])
      expect(await refusal(asked(MBR, identity))).toEqual(['identity-unproven', { identity }]);
    for (const identity of ['01020304', `${OTHER}0`, `0${OTHER}`, OTHER.replaceAll('-', ''), OTHER.replace('F', 'G')])
      expect(await refusal(asked(GPT, identity))).toEqual(['identity-unproven', { identity }]);
    const none = new Uint8Array(SIZE);
    expect(await refusal(asked(none, OTHER))).toEqual(['table-damaged', { table: 'none', size: SIZE }]);
  });

  test('is not given back where a header is not sound', async () => {
    const damaged = (sector: number, change: (view: DataView) => void): Bytes =>
      changed(GPT, (bytes) => change(viewOf(bytes.subarray(sector * 512, sector * 512 + 512))));
    const at = (sector: number): unknown => ['table-damaged', { offset: sector * 512 }];
    for (const sector of [1, LAST]) {
      expect(
        await refusal(
          asked(
            damaged(sector, (view) => view.setUint8(0x38, 1)),
            OTHER,
          ),
        ),
      ).toEqual(at(sector));
      expect(
        await refusal(
          asked(
            damaged(sector, (view) => view.setUint8(0, 1)),
            OTHER,
          ),
        ),
      ).toEqual(at(sector));
      for (const size of [91, 513, 0]) {
        const resized = damaged(sector, (view) => view.setUint32(0x0c, size, true));
        expect(await refusal(asked(resized, OTHER))).toEqual(at(sector));
      }
    }
    for (const change of [
      (view: DataView): void => view.setUint8(0, 1),
      (view: DataView): void => view.setUint32(0x0c, 513, true),
    ])
      expect(await refusal(asked(resealed(GPT, 1, change), OTHER))).toEqual(at(1));
    const small = resealed(GPT, 1, (view) => view.setUint32(0x0c, 91, true));
    expect(await refusal(asked(small, OTHER))).toEqual(at(1));
    const whole = resealed(GPT, 1, (view) => view.setUint32(0x0c, 512, true));
    expect((await asked(whole, OTHER)).edits).toHaveLength(4);
    for (const backup of [1n, 0n, BigInt(LAST + 1)]) {
      const lost = resealed(GPT, 1, (view) => view.setBigUint64(0x20, backup, true));
      expect(await refusal(asked(lost, OTHER))).toEqual(['table-damaged', { offset: Number(backup) * 512 }]);
    }
  });
});

describe('the copies of a GPT', () => {
  const asked = async (bytes: Bytes): Promise<RepairOperation> => restoreGpt(await diskOf(bytes), {});

  test('are written anew from the sound one, entries first', async () => {
    const noPrimary = changed(GPT, (bytes) => bytes.fill(0, 512, 34 * 512));
    const primary = await asked(noPrimary);
    expect(primary).toMatchObject({ id: 'restore-gpt', volume: null, data: { from: 'backup', to: 'primary' } });
    expect(primary.edits.map(({ what, offset }) => [what, offset])).toEqual([
      ['gpt-entries', 1024],
      ['gpt-header', 512],
    ]);
    expect(same(applied(noPrimary, primary), GPT)).toBe(true);
    const noBackup = changed(GPT, (bytes) => bytes.fill(0xff, (LAST - 32) * 512));
    const backup = await asked(noBackup);
    expect(backup.data).toEqual({ from: 'primary', to: 'backup' });
    expect(backup.edits.at(0)?.what).toBe('gpt-entries');
    expect(backup.edits.at(-1)).toMatchObject({ what: 'gpt-header', offset: LAST * 512 });
    expect(same(applied(noBackup, backup), GPT)).toBe(true);
    // Entries alone: their checksum does not hold.
    const torn = changed(GPT, (bytes) => bytes.set([1], 1024 + 0x20));
    expect(same(applied(torn, await asked(torn)), GPT)).toBe(true);
  });

  test('stay where both are sound, where none is, and where they do not say the same', async () => {
    const table = { table: 'gpt' };
    expect(await refusal(asked(GPT))).toEqual(['nothing-to-repair', table]);
    expect(await refusal(asked(MBR))).toEqual(['table-damaged', { table: 'mbr' }]);
    const other = resealed(GPT, LAST, (view) => view.setUint8(0x38, 1));
    expect(await refusal(asked(other))).toEqual(['copies-differ', table]);
    const entries = changed(GPT, (bytes) => bytes.set([0x41], (LAST - 32) * 512 + 0x38));
    const array = entries.subarray((LAST - 32) * 512, LAST * 512);
    const differing = resealed(entries, LAST, (view) => view.setUint32(0x58, crc32(array), true));
    expect(await refusal(asked(differing))).toEqual(['copies-differ', table]);
    const noBackup = await diskOf(changed(GPT, (bytes) => bytes.fill(0, (LAST - 32) * 512)));
    const image = new MemorySource(
      changed(GPT, (bytes) => {
        bytes.fill(0, 512, 1024);
        bytes.fill(0, LAST * 512);
      }),
    );
    expect(await refusal(restoreGpt({ ...noBackup, image } as unknown as Disk, {}))).toEqual(['table-damaged', table]);
  });

  /** Both headers seal the same entries, of which there are `count`; they stand where `places` says. */
  const withEntries = (size: number, count: number, places: readonly [header: number, entries: number][]): Bytes => {
    const disk = new Uint8Array(size);
    disk.set(GPT.subarray(0, 34 * 512));
    const array = new Uint8Array(count * 128);
    array.set(GPT.subarray(1024, 1024 + 256));
    return places.reduce((bytes, [header, entries], i) => {
      const written = changed(bytes, (copy) => {
        copy.copyWithin(header * 512, 512, 1024);
        copy.set(array, entries * 512);
      });
      return resealed(written, header, (view) => {
        view.setBigUint64(0x18, BigInt(header), true);
        view.setBigUint64(0x20, BigInt(places[1 - i][0]), true);
        view.setBigUint64(0x48, BigInt(entries), true);
        view.setUint32(0x50, count, true);
        view.setUint32(0x58, crc32(array), true);
      });
    }, disk);
  };
  /** Whether the primary copy of a disk is sound, and whether the backup is. */
  const copiesOf = async (bytes: Bytes): Promise<readonly boolean[]> => {
    const { primary, backup } = await readGptCopies(await diskOf(bytes), {});
    return [primary.sound, backup.sound];
  };

  test('may end with the disk, and have a mebibyte of entries but not more', async () => {
    const end = SIZE / 512;
    expect(
      await copiesOf(
        withEntries(SIZE, 128, [
          [1, end - 32],
          [end - 33, 2],
        ]),
      ),
    ).toEqual([true, true]);
    const beyond = resealed(GPT, 1, (view) => view.setBigUint64(0x48, BigInt(end - 31), true));
    expect(await copiesOf(beyond)).toEqual([false, true]);
    for (const [count, sound] of [
      [8192, true],
      [8193, false],
    ] as const) {
      const most = withEntries(2 * SIZE, count, [
        [1, 2],
        [2 * end - 1, 2 * end - 2100],
      ]);
      expect(await copiesOf(most)).toEqual([sound, sound]);
    }
  });

  test('are not sound where the checksum of the header does not hold, nor where it is the header of another sector', async () => {
    const torn = changed(GPT, (bytes) => bytes.set([bytes[0x23b] ^ 1], 0x23b));
    const moved = changed(GPT, (bytes) => bytes.copyWithin(512, LAST * 512));
    for (const bytes of [torn, moved]) {
      const operation = await asked(bytes);
      expect(operation.data).toEqual({ from: 'backup', to: 'primary' });
      expect(same(applied(bytes, operation), GPT)).toBe(true);
    }
  });

  test('differ where one lists more entries than the other', async () => {
    const array = GPT.subarray(1024, 1024 + 64 * 128);
    for (const sector of [1, LAST]) {
      const fewer = resealed(GPT, sector, (view) => {
        view.setUint32(0x50, 64, true);
        view.setUint32(0x58, crc32(array), true);
      });
      expect(await refusal(asked(fewer))).toEqual(['copies-differ', { table: 'gpt' }]);
    }
  });

  test('are not written over what partitions may use', async () => {
    const noPrimary = changed(GPT, (bytes) => bytes.fill(0, 512, 1024));
    // 32 sectors of entries from sector 2 on: the first that may be used is 34.
    const inside = resealed(noPrimary, LAST, (view) => view.setBigUint64(0x28, 33n, true));
    expect(await refusal(asked(inside))).toEqual(['table-damaged', { offset: 1024 }]);
    const right = resealed(noPrimary, LAST, (view) => view.setBigUint64(0x28, 34n, true));
    expect((await asked(right)).edits.length).toBeGreaterThan(0);
    const noBackup = changed(GPT, (bytes) => bytes.fill(0, LAST * 512));
    // A sound header may name any sector as the place of its backup.
    for (const [place, entries] of [
      [0n, -32],
      [33n, 1],
      [34n, 2],
      [2048n, 2016],
      [BigInt(LAST + 1), LAST - 31],
      [1n << 40n, 2 ** 40 - 32],
    ] as const) {
      const elsewhere = resealed(noBackup, 1, (view) => view.setBigUint64(0x20, place, true));
      expect(await refusal(asked(elsewhere))).toEqual(['table-damaged', { offset: entries * 512 }]);
    }
    const late = resealed(noBackup, 1, (view) => view.setBigUint64(0x30, BigInt(LAST - 32), true));
    expect(await refusal(asked(late))).toEqual(['table-damaged', { offset: (LAST - 32) * 512 }]);
  });
});

describe('the number of hidden sectors', () => {
  const hidden = (disk: Bytes, ...places: number[]): Bytes =>
    changed(disk, (_, view) => {
      for (const at of places) view.setUint32(at + 0x1c, 63, true);
    });

  test('is set in the boot sector and in its backup', async () => {
    for (const [volume, places] of [
      [1, [MIB, 2 * MIB - 512]],
      [2, [2 * MIB, 2 * MIB + 6 * 512]],
    ] as const) {
      const both = hidden(MBR, ...places);
      const operation = await setHiddenSectors(await diskOf(both), volume, {});
      expect(operation).toMatchObject({ id: 'set-hidden-sectors', volume, data: { from: 63, to: volume * 2048 } });
      expect(operation.edits.map(({ what }) => what)).toEqual(['hidden-sectors', 'hidden-sectors']);
      expect(same(applied(both, operation), MBR)).toBe(true);
      const one = hidden(MBR, places[1]);
      const rest = await setHiddenSectors(await diskOf(one), volume, {});
      expect(rest.edits).toHaveLength(1);
      expect(rest.data).toEqual({ from: volume * 2048, to: volume * 2048 });
      expect(same(applied(one, rest), MBR)).toBe(true);
    }
  });

  test('is not set in a backup that is none', async () => {
    const noNtfs = hidden(MBR, MIB);
    noNtfs.fill(0, 2 * MIB - 512, 2 * MIB);
    expect((await setHiddenSectors(await diskOf(noNtfs), 1, {})).edits).toHaveLength(1);
    const edits = async (change: (bytes: Bytes, view: DataView) => void): Promise<number> => {
      const disk = changed(hidden(MBR, 2 * MIB, 2 * MIB + 6 * 512), change);
      return (await setHiddenSectors(await diskOf(disk), 2, {})).edits.length;
    };
    expect(await edits((bytes) => bytes.fill(0, 2 * MIB + 6 * 512, 2 * MIB + 7 * 512))).toBe(1);
    for (const none of [0, 0xffff])
      expect(await edits((_, view) => view.setUint16(2 * MIB + 0x32, none, true))).toBe(1);
    expect(await edits((bytes) => bytes.set([0x31, 0x36], 2 * MIB + 0x52 + 3))).toBe(1);
  });

  test('is that of the partition that was asked for, which is no logical drive', async () => {
    const both = await diskOf(hidden(MBR, MIB, 2 * MIB));
    const asked = (volume: number, logical: number): Promise<RepairOperation> => {
      const partitions = both.table.partitions.map((one) => ({ ...one, logical: one.number === logical }));
      return setHiddenSectors({ ...both, table: { ...both.table, partitions } }, volume, {});
    };
    for (const [volume, logical] of [
      [1, 2],
      [2, 1],
    ] as const) {
      expect((await asked(volume, logical)).volume).toBe(volume);
      expect(await refusal(asked(volume, volume))).toEqual(['not-a-volume', { volume }]);
    }
    const whole = { ...both, table: { ...both.table, partitions: [] } } as unknown as Disk;
    const empty = { ...both, volumes: [] } as unknown as Disk;
    for (const disk of [whole, empty])
      expect(await refusal(setHiddenSectors(disk, 1, {}))).toEqual(['not-a-volume', { volume: 1 }]);
  });

  test('is left alone where it is right, and where there is no such volume', async () => {
    expect(await refusal(setHiddenSectors(await diskOf(MBR), 1, {}))).toEqual(['nothing-to-repair', { volume: 1 }]);
    expect(await refusal(setHiddenSectors(await diskOf(MBR), 9, {}))).toEqual(['not-a-volume', { volume: 9 }]);
    const unlocked = await diskOf(hidden(MBR, MIB), { unlock: {} } as unknown as Partial<Volume>);
    expect(await refusal(setHiddenSectors(unlocked, 1, {}))).toEqual(['not-a-volume', { volume: 1 }]);
    const noFat = await diskOf(hidden(MBR, 2 * MIB), { fileSystem: 'exfat' });
    expect(await refusal(setHiddenSectors(noFat, 2, {}))).toEqual(['not-a-volume', { volume: 2, found: 'exfat' }]);
    const noBoot = await diskOf(changed(MBR, (bytes) => bytes.fill(0, 2 * MIB, 2 * MIB + 512)));
    expect(await refusal(setHiddenSectors(noBoot, 2, {}))).toEqual(['not-a-volume', { volume: 2, found: 'fat32' }]);
  });
});

describe('an entry of a partition table', () => {
  type Request = Parameters<typeof setPartitionEntry>[1];
  const asked = async (bytes: Bytes, partition: number, rest: Partial<Request>): Promise<RepairOperation> =>
    setPartitionEntry(await diskOf(bytes), { operation: 'set-partition-entry', partition, ...rest }, {});
  /** The GPT disk with another second entry in both copies. */
  const entry = (change: (entry: Bytes, view: DataView) => void): Bytes =>
    [1, LAST].reduce((bytes, sector) => {
      const at = sector === 1 ? 1024 : (LAST - 32) * 512;
      const array = bytes.slice(at, at + 16_384);
      const one = array.subarray(128, 256);
      change(one, viewOf(one));
      const written = changed(bytes, (copy) => copy.set(array, at));
      return resealed(written, sector, (view) => view.setUint32(0x58, crc32(array), true));
    }, GPT);

  test('of an MBR gets its type: one byte', async () => {
    const other = changed(MBR, (bytes) => bytes.set([0x17], 0x1c2));
    const operation = await asked(other, 1, { type: '0x07' });
    expect(operation).toMatchObject({
      id: 'set-partition-entry',
      volume: null,
      data: { partition: 1, from: '0x17', to: '0x07', bits: [] },
    });
    expect(operation.edits).toMatchObject([{ offset: 0x1c2, before: '17', after: '07', what: 'partition-entry' }]);
    expect(await refusal(asked(MBR, 1, { type: '0x07' }))).toEqual(['nothing-to-repair', { partition: 1 }]);
    expect(await refusal(asked(MBR, 1, {}))).toEqual(['value-not-settable', { partition: 1, to: null }]);
    expect(await refusal(asked(MBR, 1, { type: BASIC }))).toEqual(['value-not-settable', { partition: 1, to: BASIC }]);
    const logical = await diskOf(other);
    const partitions = logical.table.partitions.map((one) => ({ ...one, logical: true }));
    const request = { operation: 'set-partition-entry', partition: 1, type: '0x07' } as const;
    const disk = { ...logical, table: { ...logical.table, partitions } } as Disk;
    expect(await refusal(setPartitionEntry(disk, request, {}))).toEqual([
      'value-not-settable',
      { partition: 1, to: '0x07' },
    ]);
  });

  test('of a GPT gets type, GUID or attributes in both copies, the backup first', async () => {
    const typed = entry((one, view) => {
      one.set([1], 0);
      view.setUint8(16, view.getUint8(16));
    });
    const operation = await asked(typed, 2, { type: EFI.toLowerCase() });
    expect(operation.edits.map(({ offset, before }) => [offset, before.length / 2])).toEqual([
      [(LAST - 32) * 512 + 128, 16],
      [LAST * 512 + 0x10, 4],
      [LAST * 512 + 0x58, 4],
      [1024 + 128, 16],
      [512 + 0x10, 4],
      [512 + 0x58, 4],
    ]);
    expect(same(applied(typed, operation), GPT)).toBe(true);
    const named = entry((one) => one.set([0xff], 31));
    const renamed = await asked(named, 2, { id: IDS[1] });
    expect(renamed.data).toEqual({ partition: 2, from: OTHER, to: IDS[1], bits: [] });
    expect(same(applied(named, renamed), GPT)).toBe(true);
    const hiddenEntry = entry((_, view) => view.setBigUint64(0x30, (1n << 62n) | (1n << 60n) | 1n, true));
    const shown = await asked(hiddenEntry, 2, { clear: [60, 62, 63] });
    expect(shown.data).toEqual({ partition: 2, from: EFI, to: null, bits: [60, 62, 63] });
    const required = entry((_, view) => view.setBigUint64(0x30, 1n, true));
    expect(same(applied(hiddenEntry, shown), required)).toBe(true);
  });

  test('is not changed to what the volume is not, nor where the table is not whole', async () => {
    const settable = async (partition: number, type: string): Promise<unknown> =>
      refusal(asked(GPT, partition, { type }));
    expect(await settable(1, EFI)).toEqual(['value-not-settable', { partition: 1, to: EFI, fileSystem: 'ntfs' }]);
    expect(await settable(2, BASIC)).toEqual(['value-not-settable', { partition: 2, to: BASIC, fileSystem: 'fat32' }]);
    expect(await settable(1, OTHER)).toEqual(['value-not-settable', { partition: 1, to: OTHER, fileSystem: 'ntfs' }]);
    expect(await settable(1, BASIC)).toEqual(['nothing-to-repair', { partition: 1 }]);
    expect(await settable(2, EFI)).toEqual(['nothing-to-repair', { partition: 2 }]);
    for (const bit of [0, 59, 61, 64])
      expect(await refusal(asked(GPT, 2, { clear: [60, bit] }))).toEqual([
        'value-not-settable',
        { partition: 2, to: bit },
      ]);
    expect(await refusal(asked(GPT, 2, { clear: [60] }))).toEqual(['nothing-to-repair', { partition: 2 }]);
    expect(await refusal(asked(GPT, 3, { clear: [60] }))).toEqual(['partition-missing', { partition: 3 }]);
    expect(await refusal(asked(GPT, 2, { id: IDS[0].toLowerCase() }))).toEqual([
      'identity-in-use',
      { identity: IDS[0].toLowerCase() },
    ]);
    expect(await refusal(asked(GPT, 2, { id: 'x' }))).toEqual(['value-not-settable', { to: 'x' }]);
    for (const sector of [1, LAST]) {
      const torn = changed(GPT, (bytes) => bytes.set([0], sector * 512));
      expect(await refusal(asked(torn, 2, { clear: [62] }))).toEqual(['table-damaged', { table: 'gpt' }]);
    }
    const other = resealed(GPT, LAST, (view) => view.setUint8(0x38, 1));
    expect(await refusal(asked(other, 2, { clear: [62] }))).toEqual(['copies-differ', { table: 'gpt' }]);
    const disk = await diskOf(GPT);
    const partitions = disk.table.partitions.map((one) => ({ ...one, dynamic: { layout: 'simple', otherDisks: [] } }));
    const dynamic = { ...disk, table: { ...disk.table, partitions } } as unknown as Disk;
    const request = { operation: 'set-partition-entry', partition: 2, clear: [62] } as const;
    expect(await refusal(setPartitionEntry(dynamic, request, {}))).toEqual(['partition-missing', { partition: 2 }]);
  });

  test('may be the last of a GPT, keep its GUID, and lie on a disk that grew', async () => {
    const moved = [1, LAST].reduce((bytes, sector) => {
      const at = sector === 1 ? 1024 : (LAST - 32) * 512;
      const array = bytes.slice(at, at + 16_384);
      array.copyWithin(127 * 128, 128, 256).fill(0, 128, 256);
      const written = changed(bytes, (copy) => copy.set(array, at));
      return resealed(written, sector, (view) => view.setUint32(0x58, crc32(array), true));
    }, GPT);
    const { number } = (await diskOf(moved)).table.partitions[1] ?? { number: 0 };
    const operation = await asked(moved, number, { id: OTHER });
    expect(operation.edits[0]?.offset).toBe((LAST - 32) * 512 + 127 * 128 + 16);
    expect(await refusal(asked(GPT, 2, { id: IDS[1] }))).toEqual(['nothing-to-repair', { partition: 2 }]);
    for (const id of [`0${OTHER}`, `${OTHER}0`])
      expect(await refusal(asked(GPT, 2, { id }))).toEqual(['value-not-settable', { to: id }]);
    const grown = new Uint8Array(SIZE + MIB);
    grown.set(GPT);
    expect((await asked(grown, 2, { id: OTHER })).edits[0]?.offset).toBe((LAST - 32) * 512 + 128 + 16);
    const noVolumes = { ...(await diskOf(GPT)), volumes: [] } as unknown as Disk;
    const request = { operation: 'set-partition-entry', partition: 2, type: EFI } as const;
    expect(await refusal(setPartitionEntry(noVolumes, request, {}))).toEqual([
      'value-not-settable',
      { partition: 2, to: EFI, fileSystem: 'unknown' },
    ]);
  });
});
