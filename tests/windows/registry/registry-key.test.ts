import { MemorySource, sha256Hex } from '@deadbox/core';
import {
  decodeValue,
  Hive,
  type RegistryKey,
  registryDataToJson,
  registryLine,
  registryTypeName,
} from '@deadbox/windows';
import { hintAllows, nameHash, registryUpperCase } from '@deadbox/windows/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HiveSpec, type KeySpec, keysFromPaths, writeHive } from '../../support/hive-writer.js';

const open = (root: KeySpec, spec: HiveSpec = {}): Promise<Hive> => Hive.open(new MemorySource(writeHive(root, spec)));

describe('keys', () => {
  for (const spec of [
    { minorVersion: 5 },
    { minorVersion: 3 },
    { lists: 'li' as const },
    { minorVersion: 5, listSize: 50 },
  ]) {
    test(`are found by name among 2,000 without reading them all, in any case (${JSON.stringify(spec)})`, async () => {
      const hive = await open(
        { keys: Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`Key ${i} ü`, { values: { n: i } }])) },
        spec,
      );
      for (const i of [0, 7, 999, 1999]) expect(await (await hive.key(`KEY ${i} Ü`))?.number('N')).toBe(i);
      expect(await hive.key('Key 2000 ü')).toBeUndefined();
      expect((await hive.root.subkeys()).length).toBe(2000);
    });
  }

  test('take paths with either separator, leading or doubled ones too', async () => {
    const hive = await open(keysFromPaths({ 'A\\B\\C': { x: 1 } }));
    for (const path of ['A\\B\\C', '\\a\\b\\c', '/A//B/C/', 'a/b\\C'])
      expect((await hive.key(path))?.path).toBe('\\A\\B\\C');
    expect((await hive.key(''))?.path).toBe('');
    expect(await hive.key('A\\X\\C')).toBeUndefined();
  });

  test('that were found once are the same keys again, with the values that were read', async () => {
    const hive = await open(keysFromPaths({ 'A\\B': { x: 1 }, 'A\\C': { y: 2 } }));
    const found = await hive.key('A\\B');
    expect(await hive.key('A\\B')).toBe(found);
    expect(await (await hive.key('A'))?.key('b')).toBe(found);
    expect((await (await hive.key('A'))?.subkeys())?.[0]).toBe(found);
    expect(await found?.value('x')).toBe(await found?.value('X'));
  });

  test('in which damage has a part are looked for, and told, anew', async () => {
    const bytes = writeHive(keysFromPaths({ 'A\\B': { x: 1 } }));
    const sound = await Hive.open(new MemorySource(bytes));
    const key = await sound.key('A\\B');
    // The cell of its parent: another one than the key that it was found in.
    bytes[(key?.fileOffset ?? 0) + 4 + 0x10] ^= 0xff;
    const hive = await Hive.open(new MemorySource(bytes));
    expect(await hive.key('A\\B')).not.toBe(await hive.key('A\\B'));
    expect(hive.issues.count('hive.key-parent')).toBe(2);
  });

  test('give class name and security descriptor', async () => {
    const hive = await open({ keys: { K: { className: 'Shell' }, Plain: {} } });
    expect(await (await hive.key('K'))?.className()).toBe('Shell');
    expect(await (await hive.key('Plain'))?.className()).toBeUndefined();
    const descriptor = await (await hive.key('K'))?.security();
    // Revision 1, self-relative with a DACL.
    expect([...(descriptor?.subarray(0, 4) ?? [])]).toEqual([1, 0, 4, 0x80]);
  });

  test('that are links name their target', async () => {
    const target = '\\Registry\\Machine\\SYSTEM\\ControlSet001';
    const bytes = writeHive({
      keys: {
        Link: { values: { SymbolicLinkValue: { type: 6, bytes: new Uint8Array(Buffer.from(target, 'utf16le')) } } },
      },
    });
    const at = Buffer.from(bytes).indexOf('Link', 0, 'latin1') - 0x4c;
    new DataView(bytes.buffer).setUint16(at + 2, 0x30, true);
    const key = (await (await Hive.open(new MemorySource(bytes))).key('Link')) as RegistryKey;
    expect([key.isLink, await key.linkTarget()]).toEqual([true, target]);
  });

  test('are compared by their own upper-case forms', () => {
    expect(registryUpperCase('straße ǆ ÿ')).toBe('STRAßE Ǆ Ÿ');
    // Reference hashes of the format's description: H = 37·H + upper-case code unit.
    expect(nameHash('a')).toBe(65);
    expect(nameHash('ab')).toBe(65 * 37 + 66);
    fc.assert(fc.property(fc.string(), (name) => nameHash(name) === nameHash(registryUpperCase(name))));
  });

  test('are never missed because of a hint', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' }), (name) => {
        let hint = 0;
        for (let i = 3; i >= 0; i -= 1) hint = ((hint << 8) | (i < name.length ? name.charCodeAt(i) : 0)) >>> 0;
        return hintAllows(hint, name) && hintAllows(hint, name.toLowerCase()) && hintAllows(0, name);
      }),
    );
    expect(hintAllows(0x65727553, 'Other')).toBe(false);
  });
});

describe('values', () => {
  const text = (value: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(value, 'utf16le'));

  test('decode by their type, and keep bytes that do not fit it', () => {
    expect(decodeValue(1, text('abc\0junk'))).toBe('abc');
    expect(decodeValue(2, text('%SystemRoot%\\x'))).toBe('%SystemRoot%\\x');
    expect(decodeValue(1, Uint8Array.of(65, 0, 66))).toBe('A');
    expect(decodeValue(7, text('one\0two\0\0junk\0'))).toEqual(['one', 'two']);
    expect(decodeValue(7, text('one\0two'))).toEqual(['one', 'two']);
    expect(decodeValue(7, text('\0'))).toEqual([]);
    expect(decodeValue(4, Uint8Array.of(1, 2, 3, 0x84))).toBe(0x84030201);
    expect(decodeValue(5, Uint8Array.of(0x84, 3, 2, 1))).toBe(0x84030201);
    expect(decodeValue(4, Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 2));
    expect(decodeValue(11, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0x80))).toBe(0x8000000000000001n);
    expect(registryDataToJson(0x8000000000000001n)).toBe('9223372036854775809');
    expect(registryDataToJson(Uint8Array.of(0xab, 1))).toBe('ab01');
    expect([1, 7, 11, 99].map(registryTypeName)).toEqual(['REG_SZ', 'REG_MULTI_SZ', 'REG_QWORD', '0x63']);
  });

  test('come as one JSON line each, keys too, the root without one', async () => {
    const hive = await open(keysFromPaths({ 'ControlSet001\\Services\\CSAgent': { Start: 4, Group: 'x' } }));
    const lines = [];
    for await (const batch of hive.walk()) lines.push(...batch.map(registryLine));
    expect(lines.map((line) => [line.key, line.name, line.type])).toEqual([
      ['\\ControlSet001', '', -1],
      ['\\ControlSet001\\Services', '', -1],
      ['\\ControlSet001\\Services\\CSAgent', '', -1],
      ['\\ControlSet001\\Services\\CSAgent', 'Start', 4],
      ['\\ControlSet001\\Services\\CSAgent', 'Group', 1],
    ]);
    expect(lines[3]).toEqual({
      key: '\\ControlSet001\\Services\\CSAgent',
      name: 'Start',
      type: 4,
      size: 4,
      sha256: sha256Hex(Uint8Array.of(4, 0, 0, 0)),
      data: 4,
    });
    const from = await hive.key('ControlSet001\\Services');
    const below = [];
    for await (const batch of hive.walk(from === undefined ? {} : { from, data: false })) below.push(...batch);
    expect(below.map((row) => [row.key, row.bytes])[0]).toEqual(['\\ControlSet001\\Services', undefined]);
    expect(below).toHaveLength(4);
  });

  test('point at their data in the file', async () => {
    const bytes = writeHive(keysFromPaths({ K: { number: 0x01020304, long: 'a longer text' } }));
    const key = (await (await Hive.open(new MemorySource(bytes))).key('K')) as RegistryKey;
    for (const value of await key.values()) {
      const data = await value.bytes();
      expect(bytes.slice(value.dataFileOffset, value.dataFileOffset + value.size)).toEqual(
        data === undefined ? undefined : new Uint8Array(data),
      );
    }
  });
});

test('an aborted signal ends a walk', async () => {
  const controller = new AbortController();
  const hive = await Hive.open(new MemorySource(writeHive({ keys: { a: {}, b: {} } })), { signal: controller.signal });
  controller.abort(new Error('stop'));
  await expect(hive.walk().next()).rejects.toThrow('stop');
});
