import { type ByteSource, type Bytes, type Json, MemorySource } from '@deadbox/core';
import { jsonText } from '@deadbox/report/internals';
import { Hive, type RegistryKey, registryLine, unhashedRegistryLine } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { type KeySpec, keysFromPaths, type ValueData, writeHive } from '../../support/hive-writer.js';
import { HiveEditor, NK, VK } from '../../support/windows/hive-editor.js';

type Start = (hive: Hive) => Promise<RegistryKey | undefined>;
const open = (bytes: Bytes | ByteSource): Promise<Hive> =>
  Hive.open(bytes instanceof Uint8Array ? new MemorySource(bytes) : bytes);

/** The lines, and how many pieces they came in. */
async function written(hive: Hive, from?: RegistryKey, hashes = true): Promise<{ text: string; pieces: number }> {
  const decoder = new TextDecoder();
  let text = '';
  let pieces = 0;
  const toJson = (value: Json): string => jsonText(value);
  for await (const chunk of hive.jsonLines({ hashes, toJson, ...(from && { from }) })) {
    text += decoder.decode(chunk, { stream: true });
    pieces += 1;
  }
  return { text, pieces };
}

async function walked(hive: Hive, from?: RegistryKey, hashes = true): Promise<string> {
  let text = '';
  for await (const rows of hive.walk(from && { from }))
    for (const row of rows) text += `${jsonText(hashes ? registryLine(row) : unhashedRegistryLine(row))}\n`;
  return text;
}

/** Compares the lines with the walk's rows, and the damage that both met. */
async function same(bytes: Bytes | ByteSource, start?: Start, hashes = true) {
  const [plain, general] = [await open(bytes), await open(bytes)];
  const lines = await written(plain, await start?.(plain), hashes);
  expect(lines.text).toBe(await walked(general, await start?.(general), hashes));
  expect([...plain.issues.counts]).toEqual([...general.issues.counts]);
  return { ...lines, issues: [...plain.issues.counts.keys()] };
}

const many = (count: number, text = 'C:\\a path'): Record<string, ValueData> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`value${i}`, `${text}\\${i}`]));
/** More than fills the buffer of 512 KiB. */
const long = (): Record<string, ValueData> => many(130, 'x'.repeat(5000));

describe('lines of a hive', () => {
  test('of names and data of every odd form are those of the walk', async () => {
    const name = 'k'.repeat(250);
    const spec: KeySpec = keysFromPaths({
      'a "quoted" key': { odd: { type: 4, bytes: Uint8Array.of(1, 2) }, big: { type: 5, bytes: Uint8Array.of(1, 2) } },
      [Array(20).fill(name).join('\\')]: { x: 1 },
      [Array(18).fill('ü'.repeat(250)).join('\\')]: { x: 1 },
      Key: { big: new Uint8Array(20_000).fill(3) },
    });
    const { text } = await same(writeHive(spec));
    expect(text).toContain(String.raw`"key":"\\a \"quoted\" key"`);
    expect(text).toContain(String.raw`"name":"odd","type":4,"size":2`);
    const data = new Uint8Array(20_000).fill(3);
    expect((await same(writeHive({ values: { big: data } }, { minorVersion: 3 }))).issues).toEqual([]);
    data.set([0x64, 0x62]);
    expect((await same(writeHive({ values: { big: data } }, { minorVersion: 3 }))).issues).toEqual([]);
  });

  test('tell the times that they have, and none that is no time', async () => {
    const hive = new HiveEditor(writeHive(keysFromPaths({ Never: {}, Odd: {}, Late: {} })));
    for (const [name, high] of [
      ['Never', 0],
      ['Odd', 0xffff_ffff],
      ['Late', 0x24d0_0000],
    ] as const)
      for (const [field, value] of [
        [4, 0],
        [8, high],
      ] as const)
        hive.setU32(hive.key(name), field, value);
    const { text } = await same(hive.bytes);
    expect(text.match(/lastWritten/g)).toHaveLength(1);
    expect(text).toMatch(/"key":"\\\\Late".*"lastWritten":"\+010\d{3}-/);
  });

  test('come in pieces that are filled by turns', async () => {
    const bytes = writeHive(keysFromPaths({ Key: long(), 'Key\\Below': long() }));
    expect((await same(bytes)).pieces).toBeGreaterThan(2);
    expect((await same(bytes, (hive) => hive.key('Key'))).pieces).toBeGreaterThan(2);
    expect((await same(bytes, (hive) => hive.key('Key\\Below'))).pieces).toBeGreaterThan(1);
  });

  test('of a key without anything are none, or its own', async () => {
    const bytes = writeHive(keysFromPaths({ 'Key\\Below': {} }));
    expect((await same(writeHive({}))).text).toBe('');
    expect((await same(bytes, (hive) => hive.key('Key\\Below'))).text).toContain(String.raw`"key":"\\Key\\Below"`);
    // Of the root alone, read key by key: a hive that is too large to be taken into memory as a whole.
    const large = new HiveEditor(writeHive({}));
    large.view.setUint32(0x28, 0x900_0000, true);
    const [head, size] = [large.seal(), 0x900_1000];
    const source: ByteSource = {
      size,
      read(offset, length) {
        const part = new Uint8Array(length);
        part.set(head.subarray(Math.min(offset, head.length), Math.min(offset + length, head.length)));
        return part;
      },
    };
    expect((await same(source)).text).toBe('');
  });
});

describe('lines of a damaged hive are those of the walk', () => {
  test('where values or keys are named twice', async () => {
    const hive = new HiveEditor(
      writeHive(keysFromPaths({ Key: { a: 1, b: 2, c: 3 }, 'Key\\One': {}, 'Key\\Two': {} })),
    );
    const values = hive.u32(hive.key('Key'), NK.valueList);
    hive.setU32(values, 8, hive.u32(values, 0));
    const keys = hive.u32(hive.key('Key'), NK.subkeyList);
    hive.setU32(keys, 12, hive.u32(keys, 4));
    expect((await same(hive.bytes)).issues.toSorted()).toEqual(['hive.key-loop', 'hive.value-loop']);
  });

  test('where many values of a key are read one by one', async () => {
    const hive = new HiveEditor(writeHive(keysFromPaths({ Key: long() })));
    hive.setSignature(hive.value('value17'), 'xx');
    const { pieces, issues } = await same(hive.bytes);
    expect([pieces > 1, issues]).toEqual([true, ['hive.value-damaged']]);
  });

  test.each([true, false])('where data cannot be read (hashes: %s)', async (hashes) => {
    const hive = new HiveEditor(writeHive(keysFromPaths({ 'Key\\Below': { text: 'a longer text' } })));
    hive.setU32(hive.value('text'), VK.data, 4);
    expect((await same(hive.bytes, undefined, hashes)).text).toContain('"readable":0}');
    expect((await same(hive.bytes, (one) => one.key('Key\\Below'), hashes)).text).toContain('"readable":0}');
  });
});

describe('lines of a forged hive end', () => {
  /** Keys that all have the same values, of which one is named twice: none of their lists is taken as a whole. */
  function sharedValues(keys: number, values: number): Bytes {
    const names = Array.from({ length: keys }, (_, i) => `key${i}`);
    const hive = new HiveEditor(
      writeHive(keysFromPaths({ All: many(values), ...Object.fromEntries(names.map((name) => [name, { own: 1 }])) })),
    );
    const all = hive.key('All');
    const list = hive.u32(all, NK.valueList);
    hive.setU32(list, 4, hive.u32(list, 0));
    for (const name of names)
      for (const field of [NK.valueCount, NK.valueList]) hive.setU32(hive.key(name), field, hive.u32(all, field));
    return hive.bytes;
  }

  test.each([100, 103])('where %i keys share a damaged list of values', async (keys) => {
    const bytes = sharedValues(keys, 60);
    const hive = await open(bytes);
    expect((await written(hive)).text.length).toBeLessThan(bytes.length * 40);
    expect(hive.issues.count('hive.work-exhausted')).toBe(1);
  });
});
