import { type Bytes, MemorySource } from '@deadbox/core';
import { Hive } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { type HiveSpec, keysFromPaths, type ValueData, writeHive } from '../../support/hive-writer.js';
import { HiveEditor, NK } from '../../support/windows/hive-editor.js';

/** A list of at most 32 keys is searched key by key where no hash is right. */
const KEYS = 24;
const name = (i: number): string => `key${String(i).padStart(2, '0')}`;

/** Keys in one list, or in lists of two. */
function hiveOf(spec?: HiveSpec, values: Record<string, ValueData> = { n: 1 }): HiveEditor {
  const keys = Array.from({ length: KEYS }, (_, i) => [`List\\${name(i)}`, values] as const);
  // What lies behind the keys is what their cells may reach over.
  const behind = { Zero: { data: new Uint8Array(12_000) } };
  return new HiveEditor(writeHive(keysFromPaths({ List: {}, ...Object.fromEntries(keys), ...behind }), spec));
}

/** Makes cells reach up to the end of the hive, or a part of the way: each costs almost as much as all of the hive. */
function stretch(hive: HiveEditor, cells: readonly number[], part = 1): void {
  const end = hive.bytes.length - 4096;
  for (const cell of cells) hive.setSize(cell, -Math.round((end - cell) * part));
}
const keyCells = (hive: HiveEditor): number[] => Array.from({ length: KEYS }, (_, i) => hive.key(name(i)));
const open = (bytes: Bytes): Promise<Hive> => Hive.open(new MemorySource(bytes));
const exhausted = (hive: Hive): number => hive.issues.count('hive.work-exhausted');

describe('a forged hive whose cells overlap', () => {
  test('gives up on lists of one key that cost more than the hive is large', async () => {
    const hive = hiveOf({ listSize: 2 });
    const root = hive.u32(hive.key('List'), NK.subkeyList);
    stretch(
      hive,
      Array.from({ length: KEYS / 2 }, (_, i) => hive.u32(root, 4 + i * 4)),
    );
    const opened = await open(hive.bytes);
    expect((await (await opened.key('List'))?.subkeys())?.length).toBeLessThan(KEYS);
    expect(exhausted(opened)).toBe(1);
  });

  test.each(['li', 'lh'] as const)('gives up a search by name in a list of the kind %s', async (lists) => {
    const hive = hiveOf({ lists });
    stretch(hive, keyCells(hive));
    const opened = await open(hive.bytes);
    expect(await (await opened.key('List'))?.key('missing')).toBeUndefined();
    expect(exhausted(opened)).toBe(1);
  });

  test('gives the subkeys that can be read for its size', async () => {
    const hive = hiveOf();
    stretch(hive, keyCells(hive));
    const opened = await open(hive.bytes);
    const found = await (await opened.key('List'))?.subkeys();
    expect([found?.length !== 0, (found?.length ?? KEYS) < KEYS]).toEqual([true, true]);
    expect(exhausted(opened)).toBe(1);
  });

  test('ends its walk among keys that are none', async () => {
    const hive = hiveOf();
    const cells = keyCells(hive);
    stretch(hive, cells);
    for (const cell of cells) hive.setSignature(cell, 'xx');
    const opened = await open(hive.bytes);
    const rows: unknown[] = [];
    for await (const batch of opened.walk()) rows.push(...batch);
    expect(rows).toEqual([{ key: '\\List', name: '', type: -1, size: 0, lastWritten: expect.any(BigInt) }]);
    expect(exhausted(opened)).toBe(1);
  });

  test.each([1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65])(
    'ends its lines wherever the reading is used up (%d of the way)',
    async (part) => {
      // Values and subkeys are not as they should be, so that the record of each key is read for each of its lists.
      const hive = hiveOf({}, { a: 1, b: 2 });
      const cells = keyCells(hive);
      for (const cell of cells) {
        const values = hive.u32(cell, NK.valueList);
        hive.setU32(values, 4, hive.u32(values, 0));
        hive.setU32(cell, NK.subkeyCount, 2);
        hive.setU32(cell, NK.subkeyList, hive.u32(hive.key('List'), NK.subkeyList));
      }
      stretch(hive, cells, part);
      const opened = await open(hive.bytes);
      let bytes = 0;
      for await (const chunk of opened.jsonLines()) bytes += chunk.length;
      expect(bytes).toBeLessThan(hive.bytes.length * 40);
      expect(exhausted(opened)).toBe(1);
    },
  );
});
