import { type Bytes, CountingSource, MemorySource } from '@deadbox/core';
import { type FatFile, FatVolume } from '@deadbox/fat';
import { describe, expect, test } from 'vitest';

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
