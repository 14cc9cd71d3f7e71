import { type Bytes, type Json, MemorySource } from '@deadbox/core';
import { jsonText } from '@deadbox/report/internals';
import { Hive, registryLine, unhashedRegistryLine } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { keysFromPaths, writeHive } from '../../support/hive-writer.js';
import { sharedListsHive } from '../../support/windows/shared-hive.js';

const wide = new Uint8Array(new Uint16Array([0x65e5, 0x672c, 0x8a9e]).buffer);

const sample = (): Bytes =>
  writeHive(
    keysFromPaths({
      Select: { Current: 1, '': 'of the key itself', 'a "quoted" \\ name': 'C:\\a "b"\r\n' },
      'ControlSet001\\Control': {
        list: ['one', 'two\\', 'drei "3"'],
        none: [],
        data: new Uint8Array(17_000).fill(7),
        empty: new Uint8Array(0),
        odd: Uint8Array.of(1, 2, 3),
        日本語: { expand: '日本語%SystemRoot%\u202e' },
        Größe: new Uint8Array(wide),
      },
      'ControlSet001\\キー\\Ünter': { Start: 0xffff_ffff },
      ...Object.fromEntries(
        Array.from({ length: 6 }, (_, i) => [
          `ControlSet001\\Services\\service${i}`,
          { Start: i, ImagePath: `driver${i}.sys` },
        ]),
      ),
    }),
    { listSize: 4 },
  );

const open = (bytes: Bytes): Promise<Hive> => Hive.open(new MemorySource(bytes));

/** What the walk gives, as the lines that it stands for. */
async function walked(hive: Hive, hashes = true): Promise<string> {
  let text = '';
  for await (const rows of hive.walk())
    for (const row of rows) text += `${jsonText(hashes ? registryLine(row) : unhashedRegistryLine(row))}\n`;
  return text;
}

async function written(hive: Hive, hashes = true): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of hive.jsonLines({ hashes, toJson: (value: Json) => jsonText(value) }))
    text += decoder.decode(chunk, { stream: true });
  return text;
}

/** Where the bytes of keys, values and lists lie, without their names. */
function recordBytes(bytes: Bytes): number[] {
  const places: number[] = [];
  for (let at = 4096 + 32; at < bytes.length - 0x54; at += 8) {
    const signature = String.fromCharCode(bytes[at + 4], bytes[at + 5]);
    const length = { nk: 0x50, vk: 0x18, lh: 0x18, lf: 0x18, ri: 0x10, db: 0x10 }[signature] ?? 0;
    for (let i = 0; i < length; i += 1) places.push(at + i);
  }
  return places;
}

describe('lines of a hive', () => {
  test('are the rows of its walk, with names, texts and times of every kind', async () => {
    const lines = await written(await open(sample()));
    expect(lines).toBe(await walked(await open(sample())));
    expect(lines).toContain('"name":"日本語"');
    expect(lines).toContain(String.raw`"data":"日本語%SystemRoot%\u202e"`);
    expect(lines).toContain(String.raw`\\キー\\Ünter`);
    expect(lines).toContain('"data":["one","two\\\\","drei \\"3\\""]');
  });

  test('have no hashes where none are wanted', async () => {
    const lines = await written(await open(sample()), false);
    expect(lines).toBe(await walked(await open(sample()), false));
    expect(lines).not.toContain('sha256');
  });

  test('of one key are those below it', async () => {
    const hive = await open(sample());
    const from = await hive.key('ControlSet001\\Control');
    const lines: string[] = [];
    for await (const chunk of hive.jsonLines(from === undefined ? {} : { from }))
      lines.push(...new TextDecoder().decode(chunk).trim().split('\n'));
    expect(lines.map((line) => JSON.parse(line).key)).toEqual(Array(8).fill('\\ControlSet001\\Control'));
  });

  test('are those of the walk wherever a number of the hive is wrong, with the same damage noted', async () => {
    const whole = sample();
    const places = recordBytes(whole);
    let differed = 0;
    for (let i = 0; i < 300; i += 1) {
      const bytes = whole.slice();
      const at = places[(i * 7919) % places.length];
      bytes[at] = i % 3 === 0 ? 0xff : bytes[at] ^ (1 << (i % 8));
      const hives = await Promise.all([bytes, bytes].map((one) => open(one).catch(() => undefined)));
      const [general, plain] = hives;
      if (general === undefined || plain === undefined) continue;
      expect(await written(plain), `byte ${at}`).toBe(await walked(general));
      expect([...plain.issues.counts], `byte ${at}`).toEqual([...general.issues.counts]);
      if (general.issues.issues.length > 0) differed += 1;
    }
    expect(differed).toBeGreaterThan(60);
  });

  test('end where many keys share one list', async () => {
    const hive = await open(sharedListsHive(60, 60));
    let bytes = 0;
    for await (const chunk of hive.jsonLines()) bytes += chunk.length;
    expect(hive.issues.counts.get('hive.work-exhausted')).toBe(1);
    expect(bytes).toBeLessThan(hive.source.size * 100);
  });
});
