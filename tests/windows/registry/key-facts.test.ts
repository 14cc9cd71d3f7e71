import { type Bytes, MemorySource } from '@deadbox/core';
import { Hive, openHiveFile } from '@deadbox/windows';
import { checkControlSets, checkHiveBins } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { withLostConnection } from '../../support/encryption/failing-source.js';
import { type KeySpec, keysFromPaths, writeHive } from '../../support/hive-writer.js';
import { memoryTree } from '../../support/memory-tree.js';
import { HiveEditor, NK, VK } from '../../support/windows/hive-editor.js';

const open = (hive: HiveEditor): Promise<Hive> => Hive.open(new MemorySource(hive.bytes));
const NOWHERE = 0xffff_ffff;
const utf16 = (text: string): Bytes => Uint8Array.from(Buffer.from(text, 'utf16le'));

describe('a value asked for by its kind', () => {
  test('is a number up to 2^53 and a list of texts that may be empty', async () => {
    const hive = await Hive.open(
      new MemorySource(
        writeHive({
          values: { small: 5n, last: 2n ** 53n - 1n, large: 2n ** 53n, none: '', one: 'a', list: ['a', 'b'], n: 1 },
        }),
      ),
    );
    const { root } = hive;
    expect([await root.number('small'), await root.number('last'), await root.number('large')]).toEqual([
      5,
      Number.MAX_SAFE_INTEGER,
      undefined,
    ]);
    expect([
      await root.texts('none'),
      await root.texts('one'),
      await root.texts('list'),
      await root.texts('n'),
    ]).toEqual([[], ['a'], ['a', 'b'], undefined]);
    expect([await root.text('n'), await root.number('one'), await root.number('missing')]).toEqual(
      Array(3).fill(undefined),
    );
  });
});

describe('the security descriptor of a key', () => {
  const sample = (): HiveEditor => new HiveEditor(writeHive(keysFromPaths({ Key: {} })));
  const read = async (hive: HiveEditor) => {
    const opened = await open(hive);
    return { security: await (await opened.key('Key'))?.security(), issues: [...opened.issues.counts.keys()] };
  };

  test('is there, or is not', async () => {
    const hive = sample();
    expect((await read(hive)).security?.subarray(0, 4)).toEqual(Uint8Array.of(1, 0, 4, 0x80));
    hive.setU32(hive.key('Key'), NK.security, NOWHERE);
    expect(await read(hive)).toEqual({ security: undefined, issues: [] });
  });

  test('of another record, or of more bytes than the record has, is damage', async () => {
    const other = sample();
    other.setSignature(other.u32(other.key('Key'), NK.security), 'xx');
    const long = sample();
    long.setU32(long.u32(long.key('Key'), NK.security), 0x10, 0x1000);
    for (const hive of [other, long])
      expect(await read(hive)).toEqual({ security: undefined, issues: ['hive.cell-damaged'] });
  });
});

describe('the class of a key', () => {
  const spec: KeySpec = { keys: { Key: { className: 'a class' }, Plain: {} } };

  test('is there, or is not', async () => {
    const hive = await Hive.open(new MemorySource(writeHive(spec)));
    expect(await (await hive.key('Key'))?.className()).toBe('a class');
    expect(await (await hive.key('Plain'))?.className()).toBeUndefined();
  });

  test('is what its cell holds of it, and damage is told', async () => {
    const hive = new HiveEditor(writeHive(spec));
    const key = hive.key('Key');
    hive.setU16(key, 0x4a, 40);
    const long = await open(hive);
    expect(await (await long.key('Key'))?.className()).toMatch(/^a class/);
    expect(long.issues.issues).toMatchObject([{ code: 'hive.cell-damaged', data: { what: 'class-name', size: 40 } }]);
    hive.setU32(key, 0x30, 4);
    const lost = await open(hive);
    expect(await (await lost.key('Key'))?.className()).toBeUndefined();
    expect(lost.issues.count('hive.cell-damaged')).toBe(1);
  });
});

describe('the target of a key that is a link', () => {
  const target = '\\Registry\\Machine\\System\\ControlSet001';
  const link = (): HiveEditor => {
    const value = { type: 6, bytes: utf16(target) };
    const hive = new HiveEditor(writeHive(keysFromPaths({ Link: { SymbolicLinkValue: value }, Key: {} })));
    hive.setU16(hive.key('Link'), 2, hive.u16(hive.key('Link'), 2) | 0x10);
    return hive;
  };
  const read = async (hive: HiveEditor, name = 'Link') => (await (await open(hive)).key(name))?.linkTarget();

  test('stands in a value of its own type', async () => {
    const hive = link();
    expect(await read(hive)).toBe(target);
    expect(await read(hive, 'Key')).toBeUndefined();
    hive.setU32(hive.value('SymbolicLinkValue'), VK.type, 1);
    expect(await read(hive)).toBeUndefined();
  });

  test('is none where the data cannot be read', async () => {
    const hive = link();
    hive.setU32(hive.value('SymbolicLinkValue'), VK.data, 4);
    expect(await read(hive)).toBeUndefined();
  });
});

describe('the control set that Windows starts with', () => {
  const names = Array.from({ length: 40 }, (_, i) => `Other${String(i).padStart(2, '0')}`);
  const system = (): HiveEditor =>
    new HiveEditor(
      writeHive(
        keysFromPaths({
          Select: { Default: 1 },
          ControlSet001: {},
          ...Object.fromEntries(names.map((name) => [name, {}])),
        }),
      ),
    );
  const check = async (hive: HiveEditor) => {
    const { health, hive: opened } = await openHiveFile(memoryTree({ '/SYSTEM': hive.bytes }), '/SYSTEM');
    return checkControlSets(health, opened as Hive);
  };

  test('is there', async () => {
    expect(await check(system())).toMatchObject({ verdict: 'clean', findings: [] });
  });

  test('is not called missing while a list names it, although its hash is wrong', async () => {
    const hive = system();
    const list = hive.u32(0x20, NK.subkeyList);
    expect(hive.u32(list, 4)).toBe(hive.key('ControlSet001'));
    hive.setU32(list, 8, 0x1234);
    expect((await check(hive)).findings).toEqual([]);
  });

  test('is not known without the value that names it', async () => {
    const hive = system();
    hive.setU32(hive.key('Select'), NK.valueCount, 0);
    expect(await check(hive)).toMatchObject({
      verdict: 'damaged',
      findings: [{ id: 'hive-select-unreadable' }],
      codes: ['0xC000014C', '0x00000074'],
    });
  });
});

describe('a task whose reading is used up', () => {
  /** All keys share one list of 400 values: asking each of them costs more than the hive may. */
  const shared = (): HiveEditor => {
    const keys = Array.from({ length: 150 }, (_, i) => [`key${i}`, { own: i }] as const);
    const values = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`value${i}`, i]));
    const hive = new HiveEditor(writeHive(keysFromPaths({ All: values, ...Object.fromEntries(keys) })));
    const all = hive.key('All');
    for (const [name] of keys) {
      const key = hive.key(name);
      for (const field of [NK.valueCount, NK.valueList]) hive.setU32(key, field, hive.u32(all, field));
    }
    return hive;
  };

  test('gets no more keys, values, lists or rows, and the hive says so once', async () => {
    const hive = (await open(shared())).bounded();
    const keys = await hive.root.subkeys();
    let values = 0;
    for (const key of keys) values += (await key.values()).length;
    expect(values).toBeLessThan(keys.length * 400);
    expect(hive.issues.count('hive.work-exhausted')).toBe(1);
    expect(await hive.key('All')).toBeUndefined();
    expect(await hive.root.subkeys()).toEqual(keys);
    const rows: unknown[] = [];
    for await (const batch of hive.walk()) rows.push(...batch);
    for await (const chunk of hive.jsonLines()) rows.push(chunk);
    expect(rows).toEqual([]);
    expect(hive.issues.count('hive.work-exhausted')).toBe(1);
  });
});

test('bins that are followed over a connection that is lost are no broken bins', async () => {
  const bytes = writeHive(keysFromPaths({ Key: { data: new Uint8Array(20_000) } }));
  const source = withLostConnection(new MemorySource(bytes), 2);
  const hive = await Hive.open(source, { pageSize: 4096 });
  const { health } = await openHiveFile(memoryTree({ '/SYSTEM': bytes }), '/SYSTEM');
  await expect(checkHiveBins(health, hive)).rejects.toMatchObject({ data: { transport: 'network' } });
});
