import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, isDeadboxError, MemorySource, toHex } from '@deadbox/core';
import { type Disk, openDisk } from '@deadbox/disk';
import type { ByteEdit, RepairPlan } from '@deadbox/repair';
import { writeOverlay } from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { qcow2Image } from '../../../packages/repair/src/storage/qcow2-image.js';
import { type FileCalls, plainCalls, whileFileCalls } from '../../support/repair/file-calls.js';
import { temporaryFolder } from '../../support/tools.js';

/*
 * An overlay, read back field by field as QEMU's docs/interop/qcow2 describes a QCOW2 of version 3. (That QEMU itself
 * takes it, overlay.test.ts shows.)
 */

const CLUSTER = 65_536;
const COPIED = 1n << 63n;
const folder = temporaryFolder();
let made = 0;

interface Read {
  readonly size: number;
  readonly backing: string;
  readonly format: string;
  readonly clusters: ReadonlyMap<number, Bytes>;
}

/** What a QCOW2 holds; every field that has one right value, and every count of references, is held against it. */
function readBack(file: Bytes): Read {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const u64 = (at: number): bigint => view.getBigUint64(at);
  const text = (at: number, length: number): string => Buffer.from(file.subarray(at, at + length)).toString('utf8');
  expect([view.getUint32(0), view.getUint32(4), view.getUint32(20)]).toEqual([0x5146_49fb, 3, 16]);
  // No encryption, no snapshots, no features, references of 16 bits, a header of 104 bytes.
  expect([view.getUint32(32), view.getUint32(60), u64(64), u64(72), u64(80), u64(88)]).toEqual([0, 0, 0n, 0n, 0n, 0n]);
  expect([view.getUint32(96), view.getUint32(100)]).toEqual([4, 104]);
  const [l1At, l1Entries] = [Number(u64(40)), view.getUint32(36)];
  const size = Number(u64(24));
  // As many entries as the disk has tables.
  expect(l1Entries).toBe(Math.max(1, Math.ceil(size / (CLUSTER * 8192))));
  // The extension with the format of the file below, padded to eight bytes, and the end of extensions.
  expect(view.getUint32(104)).toBe(0xe279_2aca);
  const formatLength = view.getUint32(108);
  const end = 112 + Math.ceil(formatLength / 8) * 8;
  expect(u64(end)).toBe(0n);
  const [nameAt, nameLength] = [Number(u64(8)), view.getUint32(16)];
  expect(nameAt).toBe(end + 8);
  expect(nameLength).toBeLessThanOrEqual(1023);
  const used = new Set([0]);
  const use = (at: number, length = CLUSTER): number => {
    expect(at % CLUSTER).toBe(0);
    for (let number = at / CLUSTER; number < (at + length) / CLUSTER; number += 1) {
      if (used.has(number)) throw new Error(`cluster ${number} is used twice`);
      used.add(number);
    }
    return at;
  };
  use(l1At, l1Entries * 8);
  const clusters = new Map<number, Bytes>();
  for (let i = 0; i < l1Entries; i += 1) {
    const l2 = u64(l1At + 8 * i);
    if (l2 === 0n) continue;
    expect(l2 & COPIED).toBe(COPIED);
    const l2At = use(Number(l2 & ~COPIED));
    for (let j = 0; j < 8192; j += 1) {
      const entry = u64(l2At + 8 * j);
      if (entry === 0n) continue;
      expect(entry & COPIED).toBe(COPIED);
      const at = use(Number(entry & ~COPIED));
      clusters.set(i * 8192 + j, file.slice(at, at + CLUSTER));
    }
  }
  expect(view.getUint32(56)).toBe(1);
  const table = use(Number(u64(48)));
  const block = use(Number(u64(table)));
  expect(u64(table + 8)).toBe(0n);
  expect([used.size, Math.max(...used) + 1]).toEqual([file.length / CLUSTER, file.length / CLUSTER]);
  const counts = Buffer.alloc(CLUSTER);
  for (const number of used) counts.writeUInt16BE(1, 2 * number);
  expect(counts.equals(file.subarray(block, block + CLUSTER))).toBe(true);
  return { size, backing: text(nameAt, nameLength), format: text(112, formatLength), clusters };
}

const filled = (value: number, length = CLUSTER): Bytes => new Uint8Array(length).fill(value);

describe('the file of an overlay', () => {
  test.each<[string, number, readonly number[]]>([
    ['of an empty disk', 0, []],
    ['of a small disk, wholly', 3 * CLUSTER, [0, 1, 2]],
    ['of a disk that ends in the middle of a cluster', 3 * CLUSTER + 512, [3]],
    ['of exactly one table', 8192 * CLUSTER, [8191]],
    ['of one cluster more', 8192 * CLUSTER + 1, [8192, 5]],
    ['of several tables, whatever the order', 40_000 * CLUSTER, [39_999, 8192, 0, 8191, 16_384, 8193]],
    ['of exactly one cluster of first-level table', 8192 * 8192 * CLUSTER, [8192 * 8192 - 1]],
    ['of one more', 8192 * 8192 * CLUSTER + 512, [8192 * 8192, 1]],
  ])('%s, has what it was given and nothing else', (_, size, numbers) => {
    const clusters = new Map(numbers.map((number, i) => [number, filled(i + 1)]));
    for (const backingFormat of ['raw', 'parallel', 'parallels']) {
      const read = readBack(qcow2Image({ size, backing: 'é/disk.img', backingFormat, clusters }));
      const found = [...read.clusters].map(([number, bytes]) => [number, toHex(bytes.slice(0, 9))]);
      expect({ ...read, clusters: found }).toEqual({
        size,
        backing: 'é/disk.img',
        format: backingFormat,
        clusters: numbers
          .map((number, i): [number, string] => [number, toHex(filled(i + 1, 9))])
          .toSorted((a, b) => a[0] - b[0]),
      });
    }
  });

  test('has zeros behind the end of a last cluster that is shorter', () => {
    const clusters = new Map([[0, filled(7, 512)]]);
    const read = readBack(qcow2Image({ size: 512, backing: 'a', backingFormat: 'raw', clusters }));
    const expected = filled(0);
    expected.fill(7, 0, 512);
    expect(Buffer.from(read.clusters.get(0) ?? []).equals(expected)).toBe(true);
  });
});

const edit = (offset: number, before: number, bytes: readonly number[], volume: number | null = null): ByteEdit => ({
  volume,
  offset,
  before: toHex(filled(before, bytes.length)),
  after: toHex(Uint8Array.from(bytes)),
  what: 'boot-sector',
});

const planOf = (...edits: readonly ByteEdit[]): RepairPlan => ({
  operations: [{ id: 'set-hidden-sectors', volume: null, edits, data: {} }],
  refusals: [],
});

/** A raw disk of one value, called by its path. */
const rawDisk = (size: number, name = join(folder, 'disk.img')): Promise<Disk> =>
  openDisk(new MemorySource(filled(0x2b, size), { name }), { name });

function newPath(): string {
  made += 1;
  return join(folder, `${made}.qcow2`);
}

const fileOf = (path: string): Read => readBack(new Uint8Array(readFileSync(path)));

async function refused(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'written',
    (error: unknown) => {
      if (isDeadboxError(error)) return error.code;
      return (error as Error).message;
    },
  );
}

describe('an overlay over an image', () => {
  test('holds the clusters in which something changes, with all else that is in them', async () => {
    await using disk = await rawDisk(5 * CLUSTER + 1024);
    const path = newPath();
    const plan = planOf(
      edit(3 * CLUSTER - 1, 0x2b, [1, 2]),
      edit(CLUSTER + 9, 0x2b, [3]),
      edit(CLUSTER + 5000, 0x2b, [4]),
      edit(5 * CLUSTER + 1023, 0x2b, [5]),
    );
    const overlay = await writeOverlay(disk, plan, path);
    const file = fileOf(path);
    expect(overlay).toEqual({ path, size: readFileSync(path).length, clusters: 4 });
    expect([file.size, file.backing, file.format]).toEqual([5 * CLUSTER + 1024, 'disk.img', 'raw']);
    const expected = [1, 2, 3, 5].map((number): [number, Bytes] => [number, filled(0x2b)]);
    const at = new Map(expected);
    at.get(2)?.set([1], CLUSTER - 1);
    at.get(3)?.set([2], 0);
    at.get(1)?.set([3], 9);
    at.get(1)?.set([4], 5000);
    at.get(5)?.fill(0, 1024);
    at.get(5)?.set([5], 1023);
    expect(
      [...file.clusters].map(([number, bytes]) => [number, Buffer.from(bytes).equals(at.get(number) ?? filled(0))]),
    ).toEqual([1, 2, 3, 5].map((number) => [number, true]));
  });

  test('takes a sector that ends in the next cluster in two', async () => {
    // Sectors of 4096 bytes, on a volume that begins at no multiple of them.
    const content = new MemorySource(filled(0x2b, 2 * CLUSTER));
    const image = {
      size: 3 * CLUSTER,
      sectorSize: 4096,
      format: 'raw',
      details: {},
      parents: [],
      read: (_: number, length: number) => filled(0x2b, length),
    };
    const volume = { number: 1, offset: CLUSTER - 2560, source: content, content };
    const name = join(folder, 'disk.img');
    const disk = { name, image, volumes: [volume] } as unknown as Disk;
    const path = newPath();
    const bytes = Array.from({ length: 4096 }, (_, i) => i % 251);
    expect((await writeOverlay(disk, planOf(edit(0, 0x2b, bytes, 1)), path)).clusters).toBe(2);
    const { clusters } = fileOf(path);
    const expected = [filled(0x2b), filled(0x2b)];
    expected[0].set(bytes.slice(0, 2560), CLUSTER - 2560);
    expected[1].set(bytes.slice(2560));
    for (const number of [0, 1]) expect(Buffer.from(clusters.get(number) ?? []).equals(expected[number])).toBe(true);
  });

  test.each([
    ['disk.img', 'disk.img'],
    ['../disk.img', '../disk.img'],
    ['deeper/disk.img', 'deeper/disk.img'],
    // QEMU (block.c, path_has_protocol): what stands before a colon is a protocol, unless a slash comes first.
    ['nbd:host', './nbd:host'],
    [':', './:'],
    ['deeper/nbd:host', 'deeper/nbd:host'],
  ])('names the image %s relative to itself, and no protocol', async (image, recorded) => {
    await using disk = await rawDisk(CLUSTER, join(folder, image));
    const path = newPath();
    await writeOverlay(disk, planOf(edit(0, 0x2b, [1])), path);
    expect(fileOf(path).backing).toBe(recorded);
  });

  test('is written below another folder, too', async () => {
    const inside = join(folder, `inside-${(made += 1)}`);
    mkdirSync(inside);
    await using disk = await rawDisk(CLUSTER);
    await writeOverlay(disk, planOf(edit(0, 0x2b, [1])), join(inside, 'a.qcow2'));
    expect(fileOf(join(inside, 'a.qcow2')).backing).toBe('../disk.img');
  });

  test('records a name of 1023 bytes, and refuses a longer one', async () => {
    for (const [name, answer] of [
      [`${'é'.repeat(511)}a`, 'written'],
      ['é'.repeat(512), 'REPAIR_REFUSED'],
    ] as const) {
      await using disk = await rawDisk(CLUSTER, join(folder, name));
      const path = newPath();
      expect(await refused(writeOverlay(disk, planOf(edit(0, 0x2b, [1])), path))).toBe(answer);
      if (answer === 'written') expect(fileOf(path).backing).toBe(name);
    }
  });

  test('is refused for a plan that changes nothing, and over what QEMU does not open', async () => {
    await using disk = await rawDisk(CLUSTER);
    expect(await refused(writeOverlay(disk, { operations: [], refusals: [] }, newPath()))).toBe('REPAIR_REFUSED');
    const image = { size: CLUSTER, format: 'ewf', read: (_: number, length: number) => filled(0x2b, length) };
    for (const format of ['ewf', 'no such format']) {
      const other = { name: disk.name, image: { ...image, format }, volumes: [] } as unknown as Disk;
      expect(await refused(writeOverlay(other, planOf(edit(0, 0x2b, [1])), newPath()))).toBe('REPAIR_REFUSED');
    }
  });

  /** What QEMU's drivers (block/vpc.c, vhdx.c, vdi.c, vmdk.c, qcow2.c, raw-format.c) make of an image of this form. */
  test.each<[string, object, boolean]>([
    ['an archive', { details: { archive: {} } }, false],
    ['a bundle', { details: { bundle: {} } }, false],
    ['parts of a raw disk', { ownFiles: ['a', 'b'] }, false],
    ['one file', { ownFiles: ['a'] }, true],
    ['a file of which nobody says what belongs to it', { ownFiles: undefined }, true],
    ['extents that are recorded', { format: 'vmdk', ownFiles: ['a', 'b'] }, true],
    ['a data file that is recorded', { format: 'qcow2', ownFiles: ['a', 'b'] }, true],
    ['parts of another', { format: 'vdi', ownFiles: ['a', 'b'] }, false],
    ...['qcow2', 'qcow', 'vmdk'].map((format): [string, object, boolean] => [format, { format, parents: [{}] }, true]),
    ...['vhd', 'vhdx', 'vdi', 'parallels'].map((format): [string, object, boolean] => [
      `a child in ${format}`,
      { format, parents: [{}] },
      false,
    ]),
  ])('lies over what QEMU reads as the same disk, and over nothing else: %s', async (_, image, isTaken) => {
    const plain = { details: {}, format: 'raw', ownFiles: ['a'], parents: [], size: CLUSTER };
    const read = (__: number, length: number): Bytes => filled(0x2b, length);
    const disk = {
      name: join(folder, 'disk.img'),
      image: { ...plain, read, ...image },
      volumes: [],
    } as unknown as Disk;
    const answer = await refused(writeOverlay(disk, planOf(edit(0, 0x2b, [1])), newPath()));
    expect(answer).toBe(isTaken ? 'written' : 'REPAIR_REFUSED');
  });

  test.each<[string, number, number, number, number, boolean]>([
    // 1000 cylinders, 16 heads, 63 sectors a track: what QEMU counts for a program that it does not know.
    ['vbox', 1000, 16, 63, 1000 * 16 * 63 * 512, true],
    ['vbox', 1000, 16, 63, 1000 * 16 * 63 * 512 + 512, false],
    ['vpc ', 1000, 16, 63, 1000 * 16 * 63 * 512 + 512, false],
    ['win ', 1000, 16, 63, 1000 * 16 * 63 * 512 + 512, true],
    ['qem2', 1, 1, 1, CLUSTER, true],
    ['d2v ', 1, 1, 1, CLUSTER, true],
    ['CTXS', 1, 1, 1, CLUSTER, true],
    ['tap.', 1, 1, 1, CLUSTER, true],
    ['qemu', 1, 1, 1, CLUSTER, false],
    // The largest that has cylinders: a larger disk is taken as it is.
    ['vbox', 65_535, 16, 255, 2 ** 41, true],
    ['vbox', 65_535, 16, 254, 2 ** 41, false],
  ])(
    'lies over a VHD that QEMU reads to its end: %s, %i cylinders',
    async (creator, cylinders, heads, sectors, size, isTaken) => {
      for (const before of [0, 4096]) {
        const name = join(folder, `${(made += 1)}.vhd`);
        const footer = Buffer.alloc(512);
        footer.write(creator, 28);
        footer.writeUInt16BE(cylinders, 56);
        footer.set([heads, sectors], 58);
        writeFileSync(name, Buffer.concat([Buffer.alloc(before, 0xff), footer]));
        const image = {
          details: {},
          format: 'vhd',
          parents: [],
          size,
          read: (_: number, length: number) => filled(0x2b, length),
        };
        const disk = { name, image, volumes: [] } as unknown as Disk;
        const answer = await refused(writeOverlay(disk, planOf(edit(0, 0x2b, [1])), newPath()));
        expect(answer).toBe(isTaken ? 'written' : 'REPAIR_REFUSED');
      }
    },
  );

  test('says how much of a VHD would be read, and gives its file back', async () => {
    const name = join(folder, `${(made += 1)}.vhd`);
    const footer = Buffer.alloc(512);
    footer.write('vbox', 28);
    footer.writeUInt16BE(10, 56);
    footer.set([2, 5], 58);
    writeFileSync(name, footer);
    const image = { details: {}, format: 'vhd', parents: [], size: CLUSTER };
    const disk = { name, image, volumes: [] } as unknown as Disk;
    const handles = new Set<number>();
    const calls: FileCalls = {
      openSync: (...args: Parameters<typeof plainCalls.openSync>) => {
        const handle = plainCalls.openSync(...args);
        handles.add(handle);
        return handle;
      },
      closeSync: (handle: number) => {
        handles.delete(handle);
        plainCalls.closeSync(handle);
      },
    };
    const written = whileFileCalls(calls, () => writeOverlay(disk, planOf(edit(0, 0x2b, [1])), newPath()));
    await expect(written).rejects.toThrow(`${10 * 2 * 5 * 512} of the ${CLUSTER} bytes`);
    expect([...handles]).toEqual([]);
  });

  test('never overwrites a file', async () => {
    await using disk = await rawDisk(CLUSTER);
    const path = newPath();
    writeFileSync(path, 'mine');
    expect(await refused(writeOverlay(disk, planOf(edit(0, 0x2b, [1])), path))).toBe('REPAIR_JOURNAL_EXISTS');
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  test('is refused before it is put together where it would be too large', async () => {
    // As far as the clusters are read, this one goes.
    const image = {
      size: 5000 * CLUSTER,
      format: 'raw',
      details: {},
      parents: [],
      read: (_: number, length: number) => {
        if (length > 512) throw new Error('it is put together');
        return filled(0, length);
      },
    };
    const disk = { name: join(folder, 'disk.img'), image, volumes: [] } as unknown as Disk;
    const far = Array.from({ length: 4097 }, (_, i) => edit((i + 1) * CLUSTER - 1, 0, [1]));
    expect(await refused(writeOverlay(disk, planOf(...far), newPath()))).toBe('REPAIR_REFUSED');
    expect(await refused(writeOverlay(disk, planOf(...far.slice(1)), newPath()))).toBe('it is put together');
  });
});
