import { readFileSync } from 'node:fs';
import { type Bytes, MemorySource } from '@deadbox/core';
import { Hive, type RegistryRow } from '@deadbox/windows';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { checksum, keysFromPaths, writeHive } from '../../support/hive-writer.js';
import { sharedListsHive } from '../../support/windows/shared-hive.js';

const sample = (): Bytes =>
  writeHive(
    keysFromPaths({
      Select: { Current: 1 },
      'ControlSet001\\Control': { text: 'a longer text', list: ['one', 'two'], data: new Uint8Array(40_000) },
      ...Object.fromEntries(
        Array.from({ length: 40 }, (_, i) => [
          `ControlSet001\\Services\\service${i}`,
          { Start: i, ImagePath: `driver${i}.sys` },
        ]),
      ),
    }),
    { listSize: 16 },
  );

async function rowsOf(hive: Hive): Promise<RegistryRow[]> {
  const rows: RegistryRow[] = [];
  for await (const batch of hive.walk()) rows.push(...batch);
  return rows;
}

/** Offset of the `nth` place where `signature` begins a cell's data. */
function find(bytes: Bytes, signature: string, nth = 0): number {
  for (let at = 4096 + 36, seen = 0; at < bytes.length; at += 8) {
    if (bytes[at] === signature.charCodeAt(0) && bytes[at + 1] === signature.charCodeAt(1) && seen++ === nth) return at;
  }
  throw new Error(`no ${signature}`);
}

describe('damaged hives', () => {
  test('are refused with the place when they are too short or no hive', async () => {
    await expect(Hive.open(new MemorySource(new Uint8Array(100)))).rejects.toMatchObject({ code: 'HIVE_TOO_SHORT' });
    await expect(Hive.open(new MemorySource(new Uint8Array(8192)))).rejects.toMatchObject({
      code: 'HIVE_NOT_REGF',
      at: { offset: 0 },
    });
  });

  test('with an unreadable root are refused with its place', async () => {
    const bytes = sample();
    bytes.fill(0, 0x1020, 0x1080);
    await expect(Hive.open(new MemorySource(bytes))).rejects.toMatchObject({
      code: 'HIVE_ROOT_UNREADABLE',
      at: { layer: 'hive', offset: 0x1020 },
    });
  });

  test('are read as far as they go when they end early', async () => {
    const bytes = sample();
    const whole = await rowsOf(await Hive.open(new MemorySource(bytes)));
    const hive = await Hive.open(new MemorySource(bytes.slice(0, bytes.length - 8192)));
    const rows = await rowsOf(hive);
    expect(hive.issues.count('hive.truncated')).toBe(1);
    expect(rows.length).toBeLessThan(whole.length);
    expect(hive.issues.count('hive.subkey-list-damaged')).toBe(1);
    expect(hive.state.missingBytes).toBe(8192);
  });

  test('tell the byte of a key whose record is overwritten, and go on with its neighbours', async () => {
    const bytes = sample();
    const at = find(bytes, 'nk', 10);
    bytes[at] = 0x78;
    const hive = await Hive.open(new MemorySource(bytes));
    const rows = await rowsOf(hive);
    const issue = hive.issues.issues.find((one) => one.code === 'hive.key-damaged');
    expect(issue?.at).toEqual({ layer: 'hive', offset: at - 4 });
    expect(rows.filter((row) => row.type === -1)).toHaveLength(44 - 1);
  });

  test('tell of a cell that is marked free although a list names it', async () => {
    const bytes = sample();
    const at = find(bytes, 'nk', 12);
    const view = new DataView(bytes.buffer);
    view.setInt32(at - 4, -view.getInt32(at - 4, true), true);
    const hive = await Hive.open(new MemorySource(bytes));
    await rowsOf(hive);
    expect(hive.issues.count('hive.cell-free')).toBe(1);
  });

  test('whose list names a key above itself end, with an issue', async () => {
    const bytes = sample();
    const list = find(bytes, 'lh', 0);
    new DataView(bytes.buffer).setUint32(list + 4, 0x20, true);
    const hive = await Hive.open(new MemorySource(bytes));
    await rowsOf(hive);
    expect(hive.issues.count('hive.key-loop') + hive.issues.count('hive.key-parent')).toBeGreaterThan(0);
  });

  test('with keys that share one list of keys end within the bound of their size', async () => {
    // Every key's list is the root's: without a bound the number of paths would grow with each level.
    const bytes = sample();
    const view = new DataView(bytes.buffer);
    const rootList = view.getUint32(0x1024 + 0x1c, true);
    for (let n = 1; n < 40; n += 1) {
      const at = find(bytes, 'nk', n);
      view.setUint32(at + 0x14, 2, true);
      view.setUint32(at + 0x1c, rootList, true);
    }
    const hive = await Hive.open(new MemorySource(bytes));
    const rows = await rowsOf(hive);
    expect(rows.length).toBeLessThan((bytes.length / 0x50) * 4);
  });

  test('with a value longer than the hive give an issue, not an allocation', async () => {
    const bytes = sample();
    for (let n = 0; n < 84; n += 1) {
      const at = find(bytes, 'vk', n);
      const view = new DataView(bytes.buffer);
      if (view.getUint32(at + 4, true) < 0x8000_0000) view.setUint32(at + 4, 0x7fff_ffff, true);
    }
    const hive = await Hive.open(new MemorySource(bytes));
    const rows = await rowsOf(hive);
    expect(rows.filter((row) => row.type !== -1 && row.bytes === undefined).length).toBeGreaterThan(0);
    expect(hive.issues.count('hive.value-data-damaged') + hive.issues.count('hive.value-data-shared')).toBeGreaterThan(
      0,
    );
  });

  test('are found by name even when a hash is wrong, in a short list', async () => {
    const bytes = writeHive(keysFromPaths({ 'One\\Two': { x: 1 } }));
    const list = find(bytes, 'lh', 0);
    new DataView(bytes.buffer).setUint32(list + 8, 0xdeadbeef, true);
    const hive = await Hive.open(new MemorySource(bytes));
    expect(await (await hive.key('one\\TWO'))?.number('X')).toBe(1);
  });

  test('with a wrong checksum are read, and called dirty', async () => {
    const bytes = sample();
    bytes[0x1fc] ^= 0xff;
    const hive = await Hive.open(new MemorySource(bytes));
    expect(hive.state).toMatchObject({ dirty: true, reasons: ['checksum'], recovery: 'no-log' });
    expect((await rowsOf(hive)).length).toBe(44 + 1 + 3 + 80);
  });

  test('never crash, hang or leave the typed errors, whatever bytes change', async () => {
    const original = sample();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(original.length / 4 - 1), fc.integer()), { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        async (changes, fixChecksum) => {
          const bytes = new Uint8Array(original);
          const view = new DataView(bytes.buffer);
          for (const [at, value] of changes) view.setInt32(at * 4, value, true);
          if (fixChecksum) view.setUint32(0x1fc, checksum(bytes), true);
          try {
            const hive = await Hive.open(new MemorySource(bytes));
            const rows = await rowsOf(hive);
            return rows.length < bytes.length / 4;
          } catch (error) {
            return ['HIVE_NOT_REGF', 'HIVE_ROOT_UNREADABLE'].includes((error as { code: string }).code);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describeWithCorpus('damaged hives of the corpus', () => {
  for (const entry of corpusManifest().filter((one) => one.kind === 'malformed' && one.id.startsWith('hive-'))) {
    test(`${entry.id} gives what can be read, and says that it is damaged`, async () => {
      const hive = await Hive.open(new MemorySource(new Uint8Array(readFileSync(corpusFile(entry)))));
      const rows = await rowsOf(hive);
      const keys = rows.filter((row) => row.type === -1).length + 1;
      if (entry.expected.hivex !== undefined) expect(keys).toBe(entry.expected.hivex.keys);
      expect(keys).toBeGreaterThanOrEqual(1);
      expect(hive.issues.counts.size).toBeGreaterThan(0);
    });
  }

  test('whose keys share one list of subkeys and values end after work in proportion to their bytes', async () => {
    const bytes = sharedListsHive(3000, 3000);
    const hive = await Hive.open(new MemorySource(bytes));
    let rows = 0;
    for await (const batch of hive.walk()) rows += batch.length;
    // A row costs at least the 96 bytes that a value's cell counts; 12 bytes of work for each byte of the hive.
    expect(rows).toBeLessThan((bytes.length * 12) / 96);
    expect(hive.issues.count('hive.work-exhausted')).toBe(1);
  });

  test('whose keys share one list of values cost a task in proportion to their bytes', async () => {
    const bytes = sharedListsHive(3000, 3000);
    const hive = (await Hive.open(new MemorySource(bytes))).bounded();
    let values = 0;
    for (const key of await hive.root.subkeys()) values += (await key.values()).length;
    expect(values).toBeLessThan((bytes.length * 12) / 96);
    expect(hive.issues.count('hive.work-exhausted')).toBe(1);
  });
});
