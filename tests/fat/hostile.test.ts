import { type Bytes, CountingSource, MemorySource } from '@deadbox/core';
import { type FatFile, FatVolume } from '@deadbox/fat';
import { describe, expect, test } from 'vitest';
import { withBadPlaces } from '../support/encryption/failing-source.js';

const CLUSTER = 512;
const CLUSTERS = 6000;
const TABLE = Math.ceil(((CLUSTERS + 2) * 2) / CLUSTER);
const ROOT = CLUSTER * (1 + TABLE);
const DATA = ROOT + 64 * 32;

/** A FAT16 volume of one table with clusters of 512 bytes, whose table and directories a test writes. */
function volume(
  chains: Record<number, number>,
  entries: Record<number, readonly (readonly [string, number])[]>,
): Bytes {
  const bytes = new Uint8Array(DATA + CLUSTERS * CLUSTER);
  const view = new DataView(bytes.buffer);
  bytes.set([0xeb, 0x3c, 0x90]);
  view.setUint16(0x0b, CLUSTER, true);
  bytes.set([1, 1, 0, 1], 0x0d);
  view.setUint16(0x11, 64, true);
  view.setUint32(0x20, (DATA + CLUSTERS * CLUSTER) / CLUSTER, true);
  bytes[0x15] = 0xf8;
  view.setUint16(0x16, TABLE, true);
  view.setUint16(510, 0xaa55, true);
  for (const [cluster, next] of Object.entries(chains)) view.setUint16(CLUSTER + Number(cluster) * 2, next, true);
  for (const [directory, names] of Object.entries(entries)) {
    const at = directory === '0' ? ROOT : DATA + (Number(directory) - 2) * CLUSTER;
    for (const [i, [name, cluster]] of names.entries()) {
      bytes.set(new TextEncoder().encode(name.padEnd(11)), at + i * 32);
      bytes[at + i * 32 + 11] = 0x10;
      view.setUint16(at + i * 32 + 26, cluster, true);
    }
  }
  return bytes;
}

const END = 0xffff;

/** Every directory that a walk without any guard of its own comes to. */
async function walk(tree: FatVolume): Promise<string[]> {
  const paths: string[] = [];
  const open: FatFile[] = [tree.root];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for await (const batch of directory.entries()) {
      for (const entry of batch) {
        const file = (await entry.open()) as FatFile;
        paths.push(file.path);
        if (paths.length > 20_000) throw new Error('no end');
        open.push(file);
      }
    }
  }
  return paths;
}

describe('directories that lead to one another', () => {
  test('end where one is its own child', async () => {
    const tree = await FatVolume.open(new MemorySource(volume({ 2: END }, { 0: [['A', 2]], 2: [['A', 2]] })));
    expect(await walk(tree)).toEqual(['/A', '/A/A']);
    expect(tree.issues.count('fat.directory-shared')).toBe(1);
  });

  test('are listed once where many names lead to the same one, level by level', async () => {
    const names = Array.from({ length: 16 }, (_, i) => `D${i}`);
    const levels = Array.from({ length: 30 }, (_, i) => i + 2);
    const chains = Object.fromEntries(levels.map((cluster) => [cluster, END]));
    const entries = Object.fromEntries(
      [0, ...levels].map((cluster, i) => [cluster, names.map((name) => [name, i + 2] as const)]),
    );
    const tree = await FatVolume.open(new MemorySource(volume(chains, entries)));
    // 16 names at each of the 31 levels, not 16 to the power of 31.
    expect((await walk(tree)).length).toBe(16 * 31);
  });

  test('cost no more reads than the volume has, where each begins in the middle of the chain of another', async () => {
    const chains = Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [i + 2, i === 3999 ? END : i + 3]));
    const entries: Record<number, [string, number][]> = { 0: Array.from({ length: 60 }, (_, i) => [`R${i}`, 2 + i]) };
    for (let cluster = 2; cluster < 4002; cluster += 1)
      entries[cluster] = Array.from({ length: 16 }, (_, i) => [`X${i}`, 2 + ((cluster * 7 + i * 131) % 4000)]);
    const bytes = volume(chains, entries);
    const counting = new CountingSource(new MemorySource(bytes));
    const tree = await FatVolume.open(counting);
    const paths = await walk(tree).catch(() => []);
    expect(paths.length).toBeLessThanOrEqual(4000 * 16 + 60);
    expect(counting.bytes).toBeLessThan(4 * bytes.length);
  });

  test('end at a depth that no path reaches', async () => {
    const chains = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [i + 2, END]));
    const entries = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [i === 0 ? 0 : i + 1, [['A', i + 2]] as const]),
    );
    const tree = await FatVolume.open(new MemorySource(volume(chains, entries)));
    expect((await walk(tree)).length).toBeLessThan(130);
    expect(tree.issues.count('fat.directory-depth')).toBe(1);
  });
});

test('a chain through every cluster that does not end is said to come back', async () => {
  const chains = Object.fromEntries(
    Array.from({ length: CLUSTERS }, (_, i) => [i + 2, i === CLUSTERS - 1 ? 2 : i + 3]),
  );
  const bytes = volume(chains, { 0: [['A', 2]] });
  const entry = new DataView(bytes.buffer, ROOT);
  entry.setUint8(11, 0x20);
  entry.setUint32(28, 0xffff_ffff, true);
  const tree = await FatVolume.open(new MemorySource(bytes));
  const stream = await (await tree.lookup('/A'))?.stream();
  expect(stream?.size).toBe(0xffff_ffff);
  expect(tree.issues.issues.map(({ code }) => code)).toEqual(['fat.chain-loop']);
});

describe('a boot sector', () => {
  test.each([
    ['reserved sectors', 0, (view: DataView) => view.setUint16(0x0e, 0, true)],
    ['allocation tables', 0, (view: DataView) => view.setUint8(0x10, 0)],
    ['allocation tables', 5, (view: DataView) => view.setUint8(0x10, 5)],
    ['sectors a table', 0, (view: DataView) => view.setUint16(0x16, 0, true)],
    [
      'root cluster',
      1,
      (view: DataView) => {
        view.setUint16(0x16, 0, true);
        view.setUint32(0x24, TABLE, true);
        view.setUint32(0x2c, 1, true);
      },
    ],
  ])('with the %s %i is refused by that name', async (field, found, change) => {
    const bytes = volume({}, {});
    change(new DataView(bytes.buffer));
    await expect(FatVolume.open(new MemorySource(bytes))).rejects.toMatchObject({
      code: 'FAT_NOT_FAT',
      data: { field, value: found },
    });
  });

  test('gives the label where the root directory has none, and none for NO NAME', async () => {
    const labelOf = async (label: string): Promise<string | undefined> => {
      const bytes = volume({}, {});
      bytes[0x26] = 0x29;
      bytes.set(new TextEncoder().encode(label.padEnd(11)), 0x2b);
      return (await FatVolume.open(new MemorySource(bytes))).label();
    };
    expect([await labelOf('BOOT'), await labelOf('NO NAME'), await labelOf('')]).toEqual([
      'BOOT',
      undefined,
      undefined,
    ]);
  });
});

describe('directories that no tool writes', () => {
  test('have no entries where they begin at cluster 0, where the root directory is', async () => {
    const tree = await FatVolume.open(new MemorySource(volume({}, { 0: [['A', 0]] })));
    expect(await walk(tree)).toEqual(['/A']);
  });

  test('are read as far as a directory may be long', async () => {
    const chains = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [i + 2, i === 4999 ? END : i + 3]));
    const tree = await FatVolume.open(new MemorySource(volume(chains, { 0: [['A', 2]] })));
    expect(await walk(tree)).toEqual(['/A']);
    expect(tree.issues.issues).toMatchObject([
      { code: 'fat.directory-capped', at: { layer: 'volume', offset: DATA }, data: { path: '/A', limit: 2 << 20 } },
    ]);
  });

  test('keep their clusters before the first that another directory has', async () => {
    const sixteen = Array.from({ length: 16 }, (_, i) => [`X${i}`, 0] as const);
    const bytes = volume(
      { 5: 6, 6: END },
      {
        0: [
          ['B', 6],
          ['A', 5],
        ],
        5: sixteen,
        6: [['Y', 0]],
      },
    );
    const tree = await FatVolume.open(new MemorySource(bytes));
    const namesIn = async (path: string): Promise<string[]> => {
      const names: string[] = [];
      for await (const batch of (await tree.lookup(path))!.entries()) names.push(...batch.map(({ name }) => name));
      return names;
    };
    expect(await namesIn('/B')).toEqual(['Y']);
    expect(await namesIn('/A')).toEqual(sixteen.map(([name]) => name));
    expect(tree.issues.issues).toMatchObject([{ code: 'fat.directory-shared', data: { path: '/A', other: '/B' } }]);
  });
});

test('a chain that is walked again and again ends, and every source gives the same', async () => {
  const chains = Object.fromEntries(
    Array.from({ length: CLUSTERS }, (_, i) => [i + 2, i === CLUSTERS - 1 ? END : i + 3]),
  );
  const bytes = volume(chains, { 0: [['A', 2]] });
  const entry = new DataView(bytes.buffer, ROOT);
  entry.setUint8(11, 0x20);
  entry.setUint32(28, CLUSTERS * CLUSTER, true);
  const slow = await FatVolume.open(withBadPlaces(new MemorySource(bytes), []));
  expect((await (await slow.lookup('/A'))!.stream()).size).toBe(CLUSTERS * CLUSTER);
  expect(slow.issues.issues).toEqual([]);
  const tree = await FatVolume.open(new MemorySource(bytes));
  const file = (await tree.lookup('/A'))!;
  // 4 million steps, and each cluster of the table 64 times.
  const walks = Math.floor((4_000_000 + 64 * ((TABLE * CLUSTER) / 2)) / CLUSTERS);
  for (let i = 0; i < walks; i += 1) await file.stream();
  expect(tree.issues.issues).toEqual([]);
  await file.stream();
  expect(tree.issues.issues).toMatchObject([{ code: 'fat.chain-work' }]);
});
