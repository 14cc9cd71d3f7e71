import { MemorySource } from '@deadbox/core';
import { Hive, type RegistryRow } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { type HiveSpec, type KeySpec, keysFromPaths, type ValueData, writeHive } from '../../support/hive-writer.js';
import { HiveEditor, NK, VK } from '../../support/windows/hive-editor.js';

type Paths = Record<string, Record<string, ValueData>>;

const edit = (paths: Paths, spec?: HiveSpec): HiveEditor => new HiveEditor(writeHive(keysFromPaths(paths), spec));
const open = (hive: HiveEditor): Promise<Hive> => Hive.open(new MemorySource(hive.bytes));
const numbered = (count: number): Paths =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`List\\key${String(i).padStart(2, '0')}`, { n: i }]));

async function rowsOf(hive: Hive): Promise<RegistryRow[]> {
  const rows: RegistryRow[] = [];
  for await (const batch of hive.walk()) rows.push(...batch);
  return rows;
}
const keysOf = async (hive: Hive): Promise<string[]> =>
  (await rowsOf(hive)).filter(({ type }) => type === -1).map(({ key }) => key);
const codes = (hive: Hive): string[] => [...hive.issues.counts.keys()];
const whats = (hive: Hive): unknown[] => hive.issues.issues.map(({ data }) => data?.what);

describe('lists of subkeys', () => {
  test('that name a list twice give its keys once', async () => {
    const hive = edit(numbered(8), { listSize: 4 });
    const root = hive.u32(hive.key('List'), NK.subkeyList);
    hive.setU32(root, 8, hive.u32(root, 4));
    const opened = await open(hive);
    expect((await (await opened.key('List'))?.subkeys())?.map(({ name }) => name)).toEqual([
      'key00',
      'key01',
      'key02',
      'key03',
    ]);
    expect(whats(opened)).toContain('repeated');
  });

  test('never nest: a list of lists in a list of lists is damage', async () => {
    const hive = edit(numbered(8), { listSize: 4 });
    const root = hive.u32(hive.key('List'), NK.subkeyList);
    hive.setU32(root, 8, root);
    const opened = await open(hive);
    expect(await (await opened.key('List'))?.subkeys()).toHaveLength(4);
    expect(whats(opened)).toContain('nested-index-root');
  });

  test('that claim more keys than the hive has room for end there', async () => {
    const hive = edit(numbered(8), { listSize: 4, lists: 'li' });
    // The first list runs on to the end of the bin.
    const root = hive.u32(hive.key('List'), NK.subkeyList);
    const first = hive.u32(root, 4);
    const room = 4096 - first;
    hive.setSize(first, -room);
    hive.setU16(first, 2, (room - 8) >> 2);
    const opened = await open(hive);
    const keys = await (await opened.key('List'))?.subkeys();
    expect(keys?.length).toBeLessThan(4096 / 0x50 + 1);
    expect(whats(opened)).toContain('more-keys-than-the-hive-holds');
  });

  test.each(['li', 'lf', 'lh'] as const)('of the kind %s hold no name that is not there', async (lists) => {
    const opened = await open(edit(numbered(5), { lists }));
    const list = await opened.key('List');
    expect(await list?.key('key99')).toBeUndefined();
    expect((await list?.key('KEY03'))?.name).toBe('key03');
    expect(codes(opened)).toEqual([]);
  });

  test('that name a key twice give it once, however they are asked', async () => {
    const hive = edit(numbered(3));
    const list = hive.u32(hive.key('List'), NK.subkeyList);
    hive.setU32(list, 12, hive.u32(list, 4));
    const opened = await open(hive);
    expect((await (await opened.key('List'))?.subkeys())?.map(({ name }) => name)).toEqual(['key00', 'key02']);
    expect(await keysOf(await open(hive))).toEqual(['\\List', '\\List\\key00', '\\List\\key02']);
    expect(codes(opened)).toContain('hive.key-loop');
  });

  test('are read no deeper than Windows allows, 512 levels', async () => {
    let key: KeySpec = {};
    for (let level = 0; level < 514; level += 1) key = { keys: { k: key } };
    const opened = await Hive.open(new MemorySource(writeHive(key)));
    expect(await keysOf(opened)).toHaveLength(512);
    expect(codes(opened)).toEqual(['hive.key-depth']);
    const deepest = await opened.key('k\\'.repeat(512));
    expect(deepest?.path).toHaveLength(1024);
    expect(await deepest?.subkeys()).toEqual([]);
    expect(await deepest?.key('k')).toBeUndefined();
    expect(await opened.key('k\\'.repeat(513))).toBeUndefined();
  });

  test('that were once listed are not read again', async () => {
    const opened = await open(edit(numbered(3)));
    const list = await opened.key('List');
    const first = await list?.subkeys();
    expect(await list?.subkeys(2)).toEqual(first?.slice(0, 2));
    const other = await open(edit(numbered(3)));
    expect((await (await other.key('List'))?.subkeys(2))?.map(({ name }) => name)).toEqual(['key00', 'key01']);
    expect((await list?.subkeys())?.[0]).toBe(first?.[0]);
  });
});

describe('lists of values', () => {
  test('whose cell is free, or outside the hive, are damage and leave the key', async () => {
    for (const place of [0x7fff_fff8, 0x20_0000]) {
      const hive = edit({ Key: { a: 1, b: 2 }, 'Key\\Below': {} });
      hive.setU32(hive.key('Key'), NK.valueList, place);
      const opened = await open(hive);
      expect(await (await opened.key('Key'))?.values()).toEqual([]);
      expect(await keysOf(opened)).toEqual(['\\Key', '\\Key\\Below']);
      expect(codes(opened)).toEqual(['hive.value-list-damaged']);
    }
  });

  test('that name a value twice give it once', async () => {
    const hive = edit({ Key: { a: 1, b: 2, c: 3 } });
    const list = hive.u32(hive.key('Key'), NK.valueList);
    hive.setU32(list, 4, hive.u32(list, 0));
    const opened = await open(hive);
    expect((await (await opened.key('Key'))?.values())?.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(codes(opened)).toEqual(['hive.value-loop']);
  });
});

describe('data in segments', () => {
  const size = 40_000;
  const big = (): HiveEditor => edit({ Key: { big: new Uint8Array(size).fill(7) } });
  const isFilled = (bytes: Uint8Array | undefined, length: number): boolean =>
    bytes?.length === length && bytes.every((byte) => byte === 7);
  const record = (hive: HiveEditor): number => hive.u32(hive.value('big'), VK.data);
  const read = async (hive: HiveEditor) => {
    const opened = await open(hive);
    const value = await (await opened.key('Key'))?.value('big');
    return { bytes: await value?.bytes(), opened };
  };

  test('that are fewer than the data needs give what they hold', async () => {
    const hive = big();
    hive.setU16(record(hive), 2, 2);
    const { bytes, opened } = await read(hive);
    expect(isFilled(bytes, 2 * 16_344)).toBe(true);
    expect(opened.issues.issues).toMatchObject([
      { code: 'hive.value-data-damaged', data: { size, found: 2 * 16_344, segments: 2 } },
    ]);
  });

  test('that are too short end the data there', async () => {
    const hive = big();
    const list = hive.u32(record(hive), 4);
    hive.setSize(hive.u32(list, 4), -1008);
    const { bytes, opened } = await read(hive);
    expect(isFilled(bytes, 16_344 + 1004)).toBe(true);
    expect(opened.issues.issues).toMatchObject([{ data: { segment: 1, size: 16_344, found: 1004 } }]);
  });

  test('of which one is no cell end the data before it', async () => {
    const hive = big();
    const list = hive.u32(record(hive), 4);
    hive.setU32(list, 4, 0x7fff_fff8);
    const { bytes, opened } = await read(hive);
    expect(bytes).toHaveLength(16_344);
    expect(codes(opened)).toEqual(['hive.value-data-damaged']);
  });

  test('exist above version 3 only: below it the data lies in one cell, whatever it begins with', async () => {
    const data = new Uint8Array(17_000).fill(9);
    data.set([0x64, 0x62]);
    const hive = edit({ Key: { big: data } }, { minorVersion: 3 });
    const { bytes } = await read(hive);
    expect(bytes !== undefined && Buffer.from(data).equals(bytes)).toBe(true);
  });
});

test('data of no bytes that lies in no record is empty', async () => {
  const hive = edit({ Key: { text: 'a longer text' } });
  hive.setU32(hive.value('text'), VK.size, 0);
  const opened = await open(hive);
  const value = await (await opened.key('Key'))?.value('text');
  expect([await value?.bytes(), await value?.data()]).toEqual([new Uint8Array(0), '']);
  expect(codes(opened)).toEqual([]);
});

test('data that cannot be read has no value', async () => {
  const hive = edit({ Key: { text: 'a longer text' } });
  hive.setU32(hive.value('text'), VK.data, 4);
  const opened = await open(hive);
  const key = await opened.key('Key');
  expect(await (await key?.value('text'))?.data()).toBeUndefined();
  expect([await key?.text('text'), await key?.texts('text'), await key?.number('text')]).toEqual(
    Array(3).fill(undefined),
  );
  expect(codes(opened)).toEqual(['hive.value-data-damaged']);
});
