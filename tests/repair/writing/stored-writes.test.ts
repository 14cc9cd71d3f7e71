import { type ByteSource, type Bytes, isDeadboxError, MemorySource, toHex } from '@deadbox/core';
import { type Disk, openDisk } from '@deadbox/disk';
import type { ByteEdit, RepairPlan } from '@deadbox/repair';
import { describe, expect, test } from 'vitest';
import { conflictingWrite, type StoredWrite } from '../../../packages/repair/src/storage/sector-write.js';
import { diskWrites, storedWrites } from '../../../packages/repair/src/storage/stored-write.js';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { MemoryFiles } from '../../support/image/memory-files.js';
import { writeQcow2 } from '../../support/image/qcow-writer.js';

/*
 * From the edits of a plan to the sectors of the files that store them: which bytes of which file, in which order, and
 * where nothing may be written at all. In memory.
 */

const SECTOR = 512;
const KIB = 1024;

/** Different in every place, none of them zero. */
const pattern = (length: number): Bytes => Uint8Array.from({ length }, (_, i) => 1 + ((i * 7 + (i >> 8)) % 250));
const hex = (bytes: Uint8Array): string => toHex(bytes);

/** The edit that sets `bytes` at a place, which has to hold `before` now. */
function edit(offset: number, before: Uint8Array, bytes: readonly number[], volume: number | null = null): ByteEdit {
  const now = before.subarray(offset, offset + bytes.length);
  return { volume, offset, before: hex(now), after: hex(Uint8Array.from(bytes)), what: 'boot-sector' };
}

const planOf = (...edits: readonly ByteEdit[]): RepairPlan => ({
  operations: [{ id: 'set-hidden-sectors', volume: null, edits, data: {} }],
  refusals: [],
});

const openRaw = (bytes: Bytes, sectorSize?: 512 | 4096): Promise<Disk> =>
  openDisk(new MemorySource(bytes, { name: 'disk.img', ...(sectorSize === undefined ? {} : { sectorSize }) }));

/** `bytes` with others at a place. */
function changed(bytes: Bytes, offset: number, ...values: readonly number[]): Bytes {
  const copy = bytes.slice();
  copy.set(values, offset);
  return copy;
}

const sectorOf = (bytes: Bytes, number: number, size = SECTOR): Bytes =>
  bytes.slice(number * size, (number + 1) * size);

/** A disk with one NTFS partition (type 07) from sector `first` on. */
function partitioned(first: number, sectors: number): Bytes {
  const bytes = pattern((first + sectors) * SECTOR);
  bytes.fill(0, 0, SECTOR);
  const view = new DataView(bytes.buffer);
  bytes[0x1be + 4] = 7;
  view.setUint32(0x1be + 8, first, true);
  view.setUint32(0x1be + 12, sectors, true);
  view.setUint16(0x1fe, 0xaa55, true);
  return bytes;
}

async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'written',
    (error: unknown) => {
      if (!isDeadboxError(error)) throw error;
      return { code: error.code, at: error.at, data: error.data };
    },
  );
}

describe('the edits of a plan become whole sectors', () => {
  test('of the file, with the bytes now and afterwards', async () => {
    const bytes = pattern(8 * SECTOR);
    await using disk = await openRaw(bytes);
    const [write, ...more] = await storedWrites(disk, planOf(edit(3 * SECTOR + 10, bytes, [0, 0, 0])));
    expect(more).toEqual([]);
    expect([write.file, write.offset, write.sector]).toEqual(['disk.img', 3 * SECTOR, `null:${3 * SECTOR}`]);
    expect(hex(write.before)).toBe(hex(sectorOf(bytes, 3)));
    expect(hex(write.after)).toBe(hex(sectorOf(changed(bytes, 3 * SECTOR + 10, 0, 0, 0), 3)));
    expect(hex(new Uint8Array(await write.source.read(write.offset, SECTOR)))).toBe(hex(write.before));
  });

  test('in the order of the plan, several edits of one sector as one, and across the end of a sector as two', async () => {
    const bytes = pattern(8 * SECTOR);
    await using disk = await openRaw(bytes);
    const plan = planOf(
      edit(5 * SECTOR, bytes, [0]),
      edit(2 * SECTOR - 2, bytes, [0, 0, 0, 0]),
      edit(5 * SECTOR + 511, bytes, [0]),
    );
    const after = [5 * SECTOR, 2 * SECTOR - 2, 2 * SECTOR - 1, 2 * SECTOR, 2 * SECTOR + 1, 6 * SECTOR - 1].reduce(
      (copy, at) => changed(copy, at, 0),
      bytes,
    );
    const expected = [5, 1, 2].map((number) => [number * SECTOR, hex(sectorOf(after, number))]);
    const stored = await storedWrites(disk, plan);
    expect(stored.map((write) => [write.offset, hex(write.after)])).toEqual(expected);
    const onDisk = await diskWrites(disk, plan);
    expect(onDisk.map((write) => [write.offset, hex(write.after)])).toEqual(expected);
  });

  test('of 4096 bytes on a disk that has such', async () => {
    const bytes = pattern(4 * 4096);
    await using disk = await openRaw(bytes, 4096);
    const [write, ...more] = await storedWrites(disk, planOf(edit(4096 + 600, bytes, [0, 0])));
    expect(more).toEqual([]);
    expect([write.offset, hex(write.after)]).toEqual([4096, hex(sectorOf(changed(bytes, 4096 + 600, 0, 0), 1, 4096))]);
  });

  test('and what is there already is not written', async () => {
    const bytes = pattern(8 * SECTOR);
    await using disk = await openRaw(bytes);
    const same = edit(SECTOR, bytes, [...bytes.subarray(SECTOR, SECTOR + 4)]);
    const plan = planOf(same, edit(3 * SECTOR, bytes, [0]));
    expect((await storedWrites(disk, plan)).map(({ offset }) => offset)).toEqual([3 * SECTOR]);
    expect(await storedWrites(disk, planOf())).toEqual([]);
  });

  test('at the place of their volume', async () => {
    const bytes = partitioned(3, 9);
    await using disk = await openRaw(bytes);
    const content = bytes.subarray(3 * SECTOR);
    const plan = planOf(edit(2 * SECTOR + 7, content, [0], 1));
    const after = hex(sectorOf(changed(bytes, 5 * SECTOR + 7, 0), 5));
    expect((await storedWrites(disk, plan)).map((write) => [write.offset, hex(write.after)])).toEqual([
      [5 * SECTOR, after],
    ]);
    expect((await diskWrites(disk, plan)).map((write) => [write.offset, hex(write.after)])).toEqual([
      [5 * SECTOR, after],
    ]);
    const sectors = [...(await storedWrites(disk, plan)), ...(await diskWrites(disk, plan))].map(
      ({ sector }) => sector,
    );
    expect(sectors).toEqual([`1:${2 * SECTOR}`, `1:${2 * SECTOR}`]);
  });

  test('and of the second volume, where there are two', async () => {
    const bytes = partitioned(3, 5);
    const table = new DataView(bytes.buffer);
    table.setUint8(0x1ce + 4, 7);
    table.setUint32(0x1ce + 8, 6, true);
    table.setUint32(0x1ce + 12, 2, true);
    table.setUint32(0x1be + 12, 3, true);
    await using disk = await openRaw(bytes);
    const plan = planOf(edit(9, bytes.subarray(6 * SECTOR), [0], 2));
    expect((await storedWrites(disk, plan)).map((write) => [write.offset, hex(write.after)])).toEqual([
      [6 * SECTOR, hex(sectorOf(changed(bytes, 6 * SECTOR + 9, 0), 6))],
    ]);
  });

  test.each([512, 4096] as const)(
    'encrypted again where BitLocker encrypts: what OpenSSL makes of it, %i bytes a sector',
    async (sectorSize) => {
      const first = 8;
      const plain = new Uint8Array(KIB * KIB);
      plain.set(pattern(64 * KIB));
      // What a reader takes for NTFS; the rest is of no interest.
      plain.set([0xeb, 0x52, 0x90, ...new TextEncoder().encode('NTFS    ')]);
      const recipe = { clearKey: true, sectorSize };
      const sealed = makeBitLockerVolume(plain, recipe);
      const target = 5 * 4096 + 700;
      const wanted = makeBitLockerVolume(changed(plain, target, 0, 1, 2), recipe);
      const bytes = partitioned(first, plain.length / SECTOR);
      bytes.set(sealed.bytes, first * SECTOR);
      await using disk = await openRaw(bytes);
      const plan = planOf(edit(target, plain, [0, 1, 2], 1));
      const start = target - (target % sectorSize);
      const expected = {
        offset: first * SECTOR + start,
        after: hex(wanted.bytes.slice(start, start + sectorSize)),
      };
      const [write, ...more] = await storedWrites(disk, plan);
      expect([more.length, { offset: write.offset, after: hex(write.after) }]).toEqual([0, expected]);
      expect(hex(write.before)).toBe(hex(sealed.bytes.slice(start, start + sectorSize)));
      expect(write.sector).toBe(`1:${start}`);
      expect((await diskWrites(disk, plan)).map((one) => ({ offset: one.offset, after: hex(one.after) }))).toEqual([
        expected,
      ]);
    },
  );

  test('in the middle of which a volume of BitLocker moved its first sectors: two places', async () => {
    const first = 8;
    const plain = new Uint8Array(KIB * KIB);
    plain.set(pattern(64 * KIB));
    plain.set([0xeb, 0x52, 0x90, ...new TextEncoder().encode('NTFS    ')]);
    const made = makeBitLockerVolume(plain, { clearKey: true });
    const wanted = makeBitLockerVolume(changed(plain, 0x1c, 9), { clearKey: true });
    const bytes = partitioned(first, plain.length / SECTOR);
    bytes.set(made.bytes, first * SECTOR);
    await using disk = await openRaw(bytes);
    const [write, ...more] = await storedWrites(disk, planOf(edit(0x1c, plain, [9], 1)));
    expect(more).toEqual([]);
    expect(write.offset).toBe(first * SECTOR + made.headerOffset);
    expect(hex(write.after)).toBe(hex(wanted.bytes.slice(made.headerOffset, made.headerOffset + SECTOR)));
  });
});

/** A disk that lies in these pieces: a sector may begin in one file and end in another. */
function pieced(
  bytes: Bytes,
  pieces: readonly (readonly [source: ByteSource, offset: number, length: number])[],
  { format = 'raw', sectorSize = SECTOR } = {},
): Disk {
  const image = {
    size: bytes.length,
    sectorSize,
    format,
    details: {},
    issues: [],
    parents: [],
    ownFiles: pieces.flatMap(([source]) => source.name ?? []),
    read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
    async *extents(start: number, end: number) {
      let at = 0;
      for (const [source, offset, length] of pieces) {
        const [from, to] = [Math.max(at, start), Math.min(at + length, end)];
        if (from < to) {
          const origin = { source, offset: offset + from - at };
          yield [{ kind: 'data', offset: from, length: to - from, origin }];
        }
        at += length;
      }
    },
  };
  return { name: 'disk', image, volumes: [], issues: [] } as unknown as Disk;
}

describe('a sector in pieces', () => {
  test('is written in each of them with its own bytes', async () => {
    const bytes = pattern(4 * SECTOR);
    const other = new Uint8Array(2 * SECTOR).fill(0xee);
    other.set(bytes.subarray(SECTOR + 100, SECTOR + 300), 1000 - 700);
    const [a, b] = [bytes.slice(0, SECTOR + 100), other].map(
      (content, i) => new MemorySource(content, { name: 'ab'[i] }),
    );
    const tail = new MemorySource(bytes.slice(SECTOR + 300), { name: 'c' });
    const disk = pieced(bytes, [
      [a, 0, SECTOR + 100],
      [b, 300, 200],
      [tail, 0, 4 * SECTOR - SECTOR - 300],
    ]);
    const zeros = Array.from({ length: 400 }, () => 0);
    const writes = await storedWrites(disk, planOf(edit(SECTOR + 50, bytes, zeros)));
    const after = changed(bytes, SECTOR + 50, ...zeros);
    expect(writes.map(({ file, offset, before, after: now }) => [file, offset, hex(before), hex(now)])).toEqual([
      ['a', SECTOR, hex(bytes.slice(SECTOR, SECTOR + 100)), hex(after.slice(SECTOR, SECTOR + 100))],
      ['b', 300, hex(bytes.slice(SECTOR + 100, SECTOR + 300)), hex(after.slice(SECTOR + 100, SECTOR + 300))],
      ['c', 0, hex(bytes.slice(SECTOR + 300, 2 * SECTOR)), hex(after.slice(SECTOR + 300, 2 * SECTOR))],
    ]);
  });

  test('of a QCOW2 whose clusters are smaller than a sector asks after each of them', async () => {
    const copied = 1n << 63n;
    const clusters = [6, 7].map((number) => number * SECTOR);
    const entries = clusters.map((offset) => BigInt(offset) | copied);
    const file = writeQcow2({ size: 2 * SECTOR, clusterBits: 9, entries });
    const source = new MemorySource(file, { name: 'disk.qcow2' });
    const bytes = new Uint8Array(2 * SECTOR);
    const pieces = clusters.map((offset) => [source, offset, SECTOR] as const);
    const disk = pieced(bytes, pieces, { format: 'qcow2', sectorSize: 2 * SECTOR });
    const writes = await storedWrites(disk, planOf(edit(SECTOR - 1, bytes, [1, 2])));
    expect(writes.map(({ offset, after }) => [offset, after[0], after[SECTOR - 1]])).toEqual([
      [clusters[0], 0, 1],
      [clusters[1], 2, 0],
    ]);
  });

  test('that lies in a file of somebody else is refused, whether or not there are parents', async () => {
    const bytes = pattern(4 * SECTOR);
    const disk = pieced(bytes, [[new MemorySource(bytes, { name: 'a' }), 0, bytes.length]]);
    for (const ownFiles of [[], ['b'], undefined])
      for (const parents of [[], [{ name: 'b' }]]) {
        const other = { ...disk, image: { ...disk.image, ownFiles, parents } } as unknown as Disk;
        expect(await refusal(storedWrites(other, planOf(edit(SECTOR, bytes, [0]))))).toEqual({
          code: 'REPAIR_NOT_STORED',
          at: { layer: 'disk', offset: SECTOR },
          data: { storedIn: 'a', parent: parents.length > 0 },
        });
      }
  });

  test('of which one has no name of a file is refused with the byte of the disk', async () => {
    const bytes = pattern(4 * SECTOR);
    const disk = pieced(bytes, [
      [new MemorySource(bytes, { name: 'a' }), 0, SECTOR + 100],
      [new MemorySource(bytes), 0, 4 * SECTOR],
    ]);
    const plan = planOf(edit(SECTOR + 50, bytes, [0]));
    await expect(storedWrites(disk, plan)).rejects.toThrow(`Byte ${SECTOR + 100} of the disk`);
    expect(await refusal(storedWrites(disk, plan))).toEqual({
      code: 'REPAIR_NOT_STORED',
      at: { layer: 'disk', offset: SECTOR + 100 },
      data: { storedIn: null, parent: false },
    });
  });
});

describe('nothing is written', () => {
  test('where the disk no longer holds what the plan saw', async () => {
    const bytes = partitioned(3, 9);
    await using disk = await openRaw(bytes);
    const wrong = { ...edit(4 * SECTOR, bytes, [0, 0]), before: `${hex(bytes.slice(4 * SECTOR, 4 * SECTOR + 1))}00` };
    expect(await refusal(storedWrites(disk, planOf(wrong)))).toEqual({
      code: 'REPAIR_UNEXPECTED_BYTES',
      at: { layer: 'disk', offset: 4 * SECTOR },
      data: { expected: wrong.before },
    });
    const inVolume = { ...wrong, volume: 1, offset: SECTOR };
    expect(await refusal(diskWrites(disk, planOf(inVolume)))).toMatchObject({
      code: 'REPAIR_UNEXPECTED_BYTES',
      at: { layer: 'volume', offset: SECTOR },
    });
  });

  test('on a volume that is not there, or locked', async () => {
    const plain = new Uint8Array(KIB * KIB);
    plain.set([0xeb, 0x52, 0x90, ...new TextEncoder().encode('NTFS    ')]);
    const made = makeBitLockerVolume(plain, { startupKey: new Uint8Array(32) });
    const bytes = partitioned(8, plain.length / SECTOR);
    bytes.set(made.bytes, 8 * SECTOR);
    await using disk = await openRaw(bytes);
    for (const volume of [1, 2])
      expect(await refusal(storedWrites(disk, planOf(edit(64, plain, [1], volume))))).toEqual({
        code: 'REPAIR_NOT_STORED',
        at: undefined,
        data: { volume },
      });
  });

  test('where two operations would change the same byte', async () => {
    const bytes = pattern(8 * SECTOR);
    await using disk = await openRaw(bytes);
    const [one, two] = [planOf(edit(100, bytes, [0, 1])), planOf(edit(101, bytes, [1, 2]))];
    const both = { operations: [...one.operations, ...two.operations], refusals: [] };
    for (const work of [storedWrites, diskWrites])
      expect(await refusal(work(disk, both))).toMatchObject({ code: 'REPAIR_NOT_STORED' });
  });

  test('where two edits would put different bytes in one place', async () => {
    const bytes = partitioned(3, 9);
    await using disk = await openRaw(bytes);
    const content = bytes.subarray(3 * SECTOR);
    const twice = (value: number) => planOf(edit(4 * SECTOR, bytes, [0]), edit(SECTOR, content, [value], 1));
    for (const [work, file] of [
      [storedWrites, 'disk.img'],
      [diskWrites, 'disk'],
    ] as const) {
      expect(await refusal(work(disk, twice(9)))).toEqual({
        code: 'REPAIR_NOT_STORED',
        at: { layer: file, offset: 4 * SECTOR },
        data: { storedIn: file, offset: 4 * SECTOR },
      });
      expect(await work(disk, twice(0))).toHaveLength(2);
    }
  });

  test('in a parent, nor in a hole', async () => {
    const cluster = 4096;
    const base = pattern(16 * cluster);
    const top = writeQcow2({ size: base.length, backing: 'base.img', entries: [0n, 1n] });
    const files = new MemoryFiles({ 'top.qcow2': top, 'base.img': base });
    await using disk = await openDisk(new MemorySource(top, { name: 'top.qcow2' }), {
      name: 'top.qcow2',
      siblings: files,
    });
    expect(await refusal(storedWrites(disk, planOf(edit(100, base, [0]))))).toEqual({
      code: 'REPAIR_NOT_STORED',
      at: { layer: 'disk', offset: 0 },
      data: { storedIn: 'base.img', parent: true },
    });
    const zeros = new Uint8Array(2 * cluster);
    expect(await refusal(storedWrites(disk, planOf(edit(cluster + 600, zeros, [1]))))).toEqual({
      code: 'REPAIR_NOT_STORED',
      at: { layer: 'disk', offset: cluster + SECTOR },
      data: { storedIn: null, parent: false },
    });
  });

  test('when the caller no longer wants it', async () => {
    const bytes = pattern(8 * SECTOR);
    await using disk = await openRaw(bytes);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(storedWrites(disk, planOf(edit(0, bytes, [0])), { signal })).rejects.toThrow('enough');
  });

  test('of more sectors than one plan may change', async () => {
    // Sectors of one byte: it is their number that counts.
    const zeros = new Uint8Array(65_537);
    const image = { sectorSize: 1, read: (offset: number, length: number) => zeros.subarray(offset, offset + length) };
    const disk = { image, volumes: [] } as unknown as Disk;
    const ones = Array.from(zeros, () => 1);
    expect(await refusal(diskWrites(disk, planOf(edit(0, zeros, ones))))).toMatchObject({ code: 'REPAIR_NOT_STORED' });
  });
});

describe('two writes conflict', () => {
  const write = (offset: number, before: readonly number[], after: readonly number[], file = 'a'): StoredWrite => ({
    file,
    offset,
    before: Uint8Array.from(before),
    after: Uint8Array.from(after),
  });
  const first = write(8, [1, 1, 1, 1], [2, 2, 2, 2]);

  test('where they overlap in a part, whichever is named first: the one that lies further on', () => {
    const second = write(11, [1, 1, 1, 1], [2, 2, 2, 2]);
    expect(conflictingWrite([first, second])).toBe(second);
    expect(conflictingWrite([second, first])).toBe(second);
    const far = write(100, [1], [2]);
    expect(conflictingWrite([far, second, write(4, [1], [2]), first])).toBe(second);
  });

  test('in the same place with other bytes, now or afterwards', () => {
    for (const second of [
      write(8, [1, 1, 1, 1], [2, 2, 2, 3]),
      write(8, [1, 1, 1, 0], [2, 2, 2, 2]),
      write(8, [1, 1], [2, 2]),
    ])
      expect(conflictingWrite([first, second])).toBe(second);
  });

  test('and do not where one ends at the beginning of the other, or both are the same', () => {
    expect(conflictingWrite([first, write(12, [1], [2]), write(7, [1], [2])])).toBeUndefined();
    expect(conflictingWrite([first, { ...first, after: first.after.slice() }])).toBeUndefined();
    expect(conflictingWrite([])).toBeUndefined();
  });

  test('in one file only, which may have two names', () => {
    const second = write(8, [1, 1, 1, 1], [3, 3, 3, 3], 'b');
    expect(conflictingWrite([first, second])).toBeUndefined();
    expect(conflictingWrite([first, second], () => 'the same')).toBe(second);
    expect(conflictingWrite([first, second], (file) => file)).toBeUndefined();
    // A conflict in the file that comes second.
    const third = write(8, [1, 1, 1, 1], [4, 4, 4, 4], 'b');
    expect(conflictingWrite([first, second, third])).toBe(third);
  });
});
