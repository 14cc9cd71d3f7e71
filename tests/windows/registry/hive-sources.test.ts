import { type ByteSource, type Bytes, isTransportError, MemorySource } from '@deadbox/core';
import { Hive, openHiveFile, type RegistryRow } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { withBadPlaces, withLostConnection } from '../../support/encryption/failing-source.js';
import { makeDirty, writeOldLog } from '../../support/hive-log-writer.js';
import { keysFromPaths, writeHive } from '../../support/hive-writer.js';
import { memoryTree } from '../../support/memory-tree.js';
import { HiveEditor, NK, VK } from '../../support/windows/hive-editor.js';

/** More keys than a cache of four pages of 512 bytes holds. */
const sample = (): Bytes =>
  writeHive(
    keysFromPaths({
      'Key\\A longer name': { text: 'a longer text', data: new Uint8Array(40_000).fill(7) },
      ...Object.fromEntries(
        Array.from({ length: 40 }, (_, i) => [`List\\key${i}`, { n: i, path: `C:\\path\\${i}.sys` }] as const),
      ),
    }),
    { listSize: 16 },
  );
const SMALL_CACHE = { pageSize: 512, cacheBytes: 512 };

async function rowsOf(hive: Hive): Promise<RegistryRow[]> {
  const rows: RegistryRow[] = [];
  for await (const batch of hive.walk()) rows.push(...batch);
  return rows;
}

/** A source that answers later, as networks do. */
const later = (bytes: Bytes): ByteSource => withBadPlaces(new MemorySource(bytes), []);

describe('a hive whose bytes come later', () => {
  test('has the same keys, values and damage as one in memory', async () => {
    const hive = new HiveEditor(sample());
    const list = hive.u32(hive.key('List'), NK.subkeyList);
    hive.setSignature(hive.u32(list, 4), 'xx');
    hive.setSignature(hive.key('key20'), 'xx');
    hive.setSignature(hive.value('text'), 'xx');
    const at = hive.u32(hive.u32(hive.value('data'), VK.data), 4);
    hive.setU32(at, 4, 4);
    const near = await Hive.open(new MemorySource(hive.bytes));
    const far = await Hive.open(later(hive.bytes), SMALL_CACHE);
    expect(await rowsOf(far)).toEqual(await rowsOf(near));
    expect(far.issues.issues).toEqual(near.issues.issues);
    expect(near.issues.counts.size).toBeGreaterThan(3);
  });

  test('is searched by name to the end of its lists', async () => {
    const hive = await Hive.open(later(sample()), SMALL_CACHE);
    expect(await (await hive.key('list\\KEY39'))?.text('path')).toBe('C:\\path\\39.sys');
    expect(await hive.key('Key\\Another name')).toBeUndefined();
    expect((await (await hive.key('List'))?.subkeys())?.length).toBe(40);
  });

  test('is searched key by key where its lists have no hints', async () => {
    const keys = Array.from({ length: 60 }, (_, i) => [`List\\key${i}`, { n: i, text: 'a longer text' }] as const);
    const hive = await Hive.open(later(writeHive(keysFromPaths(Object.fromEntries(keys)), { lists: 'li' })), {
      ...SMALL_CACHE,
    });
    expect(await (await hive.key('List\\key50'))?.number('n')).toBe(50);
    expect(await hive.key('List\\key99')).toBeUndefined();
  });
});

describe('a place that the medium does not give', () => {
  test('is told apart from damage, and the rest of the hive is read', async () => {
    const hive = new HiveEditor(sample());
    const place = { offset: 4096 + hive.key('key7'), length: 4 };
    const opened = await Hive.open(withBadPlaces(new MemorySource(hive.bytes), [place]), { pageSize: 16 });
    const keys = (await rowsOf(opened)).filter(({ type }) => type === -1);
    expect(keys.map(({ key }) => key)).not.toContain('\\List\\key7');
    expect(keys.length).toBeGreaterThan(30);
    expect(opened.issues.issues).toContainEqual(
      expect.objectContaining({
        code: 'hive.read-error',
        at: { layer: 'hive', offset: place.offset },
        data: expect.objectContaining({ reason: 'READ_FAILED' }),
      }),
    );
  });

  test('in the base block makes the file unreadable, which is no missing signature', async () => {
    const bad = withBadPlaces(new MemorySource(sample()), [{ offset: 0, length: 512 }]);
    const file = await openHiveFile(memoryTree({ '/SYSTEM': bad }), '/SYSTEM');
    expect(file.hive).toBeUndefined();
    expect(file.health).toMatchObject({
      verdict: 'damaged',
      findings: [{ id: 'hive-unreadable', data: { code: 'READ_FAILED' } }],
      codes: ['0xC0000218', '0x00000074'],
    });
  });

  test('in a log costs the log', async () => {
    const dirty = makeDirty(sample());
    const log = withBadPlaces(new MemorySource(writeOldLog(dirty, sample())), [{ offset: 0, length: 512 }]);
    const hive = await Hive.open(new MemorySource(dirty), { log1: log });
    expect(hive.state).toMatchObject({ recovery: 'log-unusable', logs: [{ name: 'LOG1', format: 'invalid' }] });
    expect(hive.issues.count('hive.log-unreadable')).toBe(1);
  });
});

describe('a lost connection', () => {
  test('at any read of opening, asking and walking is an error, never damage', async () => {
    const bytes = sample();
    let failed = 0;
    for (let failing = 0; ; failing += 1) {
      const source = withLostConnection(new MemorySource(bytes), failing);
      try {
        const hive = await Hive.open(source, SMALL_CACHE);
        await (await hive.key('Key\\A longer name'))?.bytes('data');
        await rowsOf(hive);
        break;
      } catch (error) {
        expect(isTransportError(error), `read ${failing}`).toBe(true);
        failed += 1;
      }
    }
    expect(failed).toBeGreaterThan(20);
  });

  test('at the second place of a root key that is not at the first is no damage either', async () => {
    const hive = new HiveEditor(sample());
    hive.view.setUint32(0x24, 0x1000, true);
    hive.seal();
    const whole = withLostConnection(new MemorySource(hive.bytes), Number.POSITIVE_INFINITY);
    expect((await Hive.open(whole, { pageSize: 512 })).issues.count('hive.root-offset')).toBe(1);
    const source = withLostConnection(new MemorySource(hive.bytes), whole.reads - 1);
    await expect(Hive.open(source, { pageSize: 512 })).rejects.toMatchObject({ data: { transport: 'network' } });
  });

  test('while a log is read is an error', async () => {
    const dirty = makeDirty(sample());
    const log1 = withLostConnection(new MemorySource(writeOldLog(dirty, sample())), 0);
    await expect(Hive.open(new MemorySource(dirty), { log1 })).rejects.toMatchObject({ code: 'READ_FAILED' });
  });
});

test('an abort in the middle of a walk ends it with its reason', async () => {
  const stop = new AbortController();
  let reads = 0;
  const inner = new MemorySource(sample());
  const source: ByteSource = {
    size: inner.size,
    async read(offset, length) {
      reads += 1;
      if (reads === 12) stop.abort(new Error('enough'));
      stop.signal.throwIfAborted();
      return inner.read(offset, length);
    },
  };
  const hive = await Hive.open(source, { ...SMALL_CACHE, signal: stop.signal });
  await expect(rowsOf(hive)).rejects.toThrow('enough');
  expect(hive.issues.total).toBe(0);
});

describe('a root key', () => {
  test('that is damaged in both places is refused with the one that the base block names', async () => {
    const hive = new HiveEditor(sample());
    hive.setSignature(0x20, 'xx');
    hive.view.setUint32(0x24, 0x1000, true);
    await expect(Hive.open(new MemorySource(hive.seal()))).rejects.toMatchObject({
      code: 'HIVE_ROOT_UNREADABLE',
      at: { layer: 'hive', offset: 0x2000 },
    });
    const { health } = await openHiveFile(memoryTree({ '/SYSTEM': hive.bytes }), '/SYSTEM');
    expect(health).toMatchObject({
      verdict: 'damaged',
      findings: [{ id: 'hive-root-unreadable' }],
      codes: ['0xC000014C', '0x00000074'],
    });
  });
});
