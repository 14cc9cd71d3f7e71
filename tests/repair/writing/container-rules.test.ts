import { type Bytes, isDeadboxError, MemorySource } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { describe, expect, test } from 'vitest';
import { checkFormat, checkUnshared } from '../../../packages/repair/src/storage/container-rules.js';

/*
 * Which images are not written in place, as a whole or at one place: a refusal that is lost here costs a disk.
 */

function answer(error: unknown): unknown {
  if (!isDeadboxError(error)) throw error;
  return { code: error.code, data: error.data };
}

interface Facts {
  readonly format: string;
  readonly variant?: string;
  readonly details?: Record<string, unknown>;
  readonly issues?: readonly string[];
}

function ofFormat({ format, variant, details = {}, issues = [] }: Facts): unknown {
  const image = { format, variant, details, issues: issues.map((code) => ({ code })) };
  try {
    checkFormat({ image } as unknown as Disk);
    return 'written';
  } catch (error) {
    return answer(error);
  }
}

describe('an image is written in place', () => {
  test.each(['raw', 'vhd', 'vhdx', 'qcow2', 'vmdk', 'vdi', 'parallels'])('of the format %s', (format) => {
    expect(ofFormat({ format })).toBe('written');
    expect(ofFormat({ format, variant: 'monolithicSparse', details: { logReplayed: false } })).toBe('written');
  });

  test.each(['ewf', 'wim', 'qcow', 'vma', 'no such format'])('but not of the format %s', (format) => {
    expect(ofFormat({ format })).toEqual({ code: 'REPAIR_NOT_STORED', data: { format } });
  });

  test.each<[string, Facts, Record<string, unknown>]>([
    ['in an archive', { format: 'vmdk', details: { archive: {} } }, {}],
    ['stream-optimised', { format: 'vmdk', variant: 'streamOptimized' }, {}],
    ['marked as damaged', { format: 'qcow2', issues: ['image.other', 'image.marked-corrupt'] }, {}],
    ['a Parallels that another program has open', { format: 'parallels', issues: ['image.marked-dirty'] }, {}],
    ['a VHDX with a log', { format: 'vhdx', details: { logReplayed: true } }, { log: true }],
  ])('nor where it is %s', (_, facts, data) => {
    expect(ofFormat(facts)).toEqual({ code: 'REPAIR_NOT_STORED', data: { format: facts.format, ...data } });
  });

  test('where a mark says something that the format can bear', () => {
    // QEMU counts the references anew; VMware looks at its grains when it opens the file.
    expect(ofFormat({ format: 'qcow2', issues: ['image.marked-dirty'] })).toBe('written');
    expect(ofFormat({ format: 'vmdk', issues: ['image.marked-dirty'] })).toBe('written');
    expect(ofFormat({ format: 'parallels', issues: ['image.other'] })).toBe('written');
  });
});

const CLUSTER = 512;
const COPIED = 1n << 63n;

/** A QCOW2 of 512-byte clusters (QEMU docs/interop/qcow2) with two L2 tables. */
interface Recipe {
  readonly version?: 2 | 3;
  readonly features?: bigint;
  /** Bytes of an L2 entry. */
  readonly entryBytes?: 8 | 16;
  /** By cluster of the disk: the entry. */
  readonly entries: Readonly<Record<number, bigint>>;
  readonly l1Flags?: bigint;
  readonly l1Entries?: number;
  readonly refcountClusters?: number;
}

/** Clusters of the file: the L1 table may take two, the table of references as well. */
const AT = { l1: 1, l2: [4, 3], refcounts: 5, data: 8 } as const;

function qcow2(recipe: Recipe): Bytes {
  const { version = 3, entryBytes = 8, l1Flags = COPIED, l1Entries = 2, refcountClusters = 1 } = recipe;
  const file = new Uint8Array(16 * CLUSTER);
  const view = new DataView(file.buffer);
  file.set(Buffer.from('QFI\xfb', 'latin1'));
  view.setUint32(4, version);
  view.setUint32(20, 9);
  view.setUint32(36, l1Entries);
  view.setBigUint64(40, BigInt(AT.l1 * CLUSTER));
  view.setBigUint64(48, BigInt(AT.refcounts * CLUSTER));
  view.setUint32(56, refcountClusters);
  view.setBigUint64(72, recipe.features ?? 0n);
  for (const [i, table] of AT.l2.entries())
    view.setBigUint64(AT.l1 * CLUSTER + 8 * i, BigInt(table * CLUSTER) | l1Flags);
  const perTable = CLUSTER / entryBytes;
  for (const [number, entry] of Object.entries(recipe.entries)) {
    const table = AT.l2[Math.floor(Number(number) / perTable)];
    view.setBigUint64(table * CLUSTER + entryBytes * (Number(number) % perTable), entry);
  }
  return file;
}

async function place(file: Bytes, offset: number, stored: number, format = 'qcow2'): Promise<unknown> {
  const disk = { image: { format } } as Disk;
  try {
    await checkUnshared(disk, new MemorySource(file), offset, stored, {});
    return 'written';
  } catch (error) {
    return answer(error);
  }
}

const shared = (offset: number): unknown => ({ code: 'REPAIR_NOT_STORED', data: { offset, snapshot: true } });
const table = (offset: number): unknown => ({ code: 'REPAIR_NOT_STORED', data: { offset } });
/** The entry of a cluster of the file that nobody else refers to. */
const own = (cluster: number): bigint => BigInt(cluster * CLUSTER) | COPIED;

describe('a cluster of a QCOW2 is written in place', () => {
  test.each<[string, Partial<Recipe>, number]>([
    ['of version 2', { version: 2 }, 8],
    ['of version 2, with other bytes where version 3 has features', { version: 2, features: 0x10n }, 8],
    ['of version 3', {}, 8],
    ['with other features', { features: 0xffff_ffff_ffff_ffefn }, 8],
    ['with entries of subclusters', { features: 0x10n, entryBytes: 16 }, 16],
  ])('%s, wherever its tables are', async (_, recipe, entryBytes) => {
    const perTable = CLUSTER / entryBytes;
    for (const [i, number] of [0, 1, perTable - 1, perTable, perTable + 5].entries()) {
      const cluster = AT.data + i;
      const file = qcow2({ ...recipe, entries: { [number]: own(cluster) } });
      for (const within of [0, 300, 511])
        expect(await place(file, number * CLUSTER + within, cluster * CLUSTER + within)).toBe('written');
      // The neighbours have no entry.
      for (const other of [number - 1, number + 1].filter((one) => one >= 0 && one < 2 * perTable))
        expect(await place(file, other * CLUSTER, cluster * CLUSTER)).toEqual(shared(cluster * CLUSTER));
    }
  });

  test('directly in front of a table', async () => {
    const [number, cluster] = [CLUSTER / 8, AT.l2[1] - 1];
    const file = qcow2({ entries: { [number]: own(cluster) } });
    expect(await place(file, number * CLUSTER, cluster * CLUSTER)).toBe('written');
  });

  test('whatever the low bits of its entry say', async () => {
    const file = qcow2({ entries: { 3: own(AT.data) | 0x1n } });
    expect(await place(file, 3 * CLUSTER, AT.data * CLUSTER)).toBe('written');
  });

  test('unless a snapshot shares it, or its table', async () => {
    const stored = AT.data * CLUSTER;
    expect(await place(qcow2({ entries: { 3: BigInt(stored) } }), 3 * CLUSTER + 7, stored + 7)).toEqual(
      shared(stored + 7),
    );
    expect(await place(qcow2({ entries: { 3: own(AT.data) }, l1Flags: 0n }), 3 * CLUSTER, stored)).toEqual(
      shared(stored),
    );
  });

  test('unless it lies elsewhere than the bytes come from', async () => {
    const file = qcow2({ entries: { 3: own(AT.data) } });
    for (const stored of [(AT.data + 1) * CLUSTER, AT.data * CLUSTER + 1])
      expect(await place(file, 3 * CLUSTER, stored)).toEqual(shared(stored));
  });

  test.each<[string, Partial<Recipe>, readonly number[], readonly number[]]>([
    ['the header', {}, [0], [2]],
    ['the L1 table', {}, [1], [2]],
    ['an L1 table of two clusters', { l1Entries: 65 }, [1, 2], []],
    ['an L1 table that ends with its cluster', { l1Entries: 64 }, [1], [2]],
    ['the L2 table that tells of it', {}, [4], [2]],
    ['the table of references', {}, [5], [6, 7]],
    ['a table of references of two clusters', { refcountClusters: 2 }, [5, 6], [7]],
  ])('unless it is a cluster of %s', async (_, recipe, tables, others) => {
    for (const within of [0, 100]) {
      for (const cluster of tables) {
        // The entry of the L2 table itself would be where the table says it is.
        const file = qcow2({ ...recipe, entries: { 3: own(cluster) } });
        expect(await place(file, 3 * CLUSTER + within, cluster * CLUSTER + within)).toEqual(table(cluster * CLUSTER));
      }
      for (const cluster of others) {
        const file = qcow2({ ...recipe, entries: { 3: own(cluster) } });
        expect(await place(file, 3 * CLUSTER + within, cluster * CLUSTER + within)).toBe('written');
      }
    }
  });

  test('without its tables being asked where it lies in a file of its own, or in another format', async () => {
    expect(await place(new Uint8Array(72).fill(1), 0, 0)).toBe('written');
    const file = qcow2({ entries: {} });
    expect(await place(file, 0, 0)).toEqual(shared(0));
    expect(await place(file, 0, 0, 'raw')).toBe('written');
    expect(await place(new Uint8Array(8), 0, 0, 'vdi')).toBe('written');
  });
});
