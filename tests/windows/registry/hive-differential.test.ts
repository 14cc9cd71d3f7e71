import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, MemorySource } from '@deadbox/core';
import { Hive, type RegistryData, type RegistryKey } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { type KeySpec, keysFromPaths, writeHive } from '../../support/hive-writer.js';
import { describeWithTools, hasTool, temporaryFolder } from '../../support/tools.js';
import { type HivexRow, hivexRows } from '../../support/windows/hivexml.js';

const WORDS = [
  'none',
  'string',
  'expand',
  'binary',
  'int32',
  'int32',
  'link',
  'string-list',
  'resource-list',
  'resource-description',
  'resource-requirements',
  'int64',
];

function printed(type: number, data: RegistryData, bytes: Bytes, like: HivexRow): string {
  if (like.base64 === true) return Buffer.from(bytes).toString('base64');
  if (type === 7) return (data as string[]).join('\n');
  return String(typeof data === 'bigint' ? BigInt.asIntN(64, data) : typeof data === 'number' ? data | 0 : data);
}

/** hivex ends a string list with the empty string that closes it. */
function withoutEnd(list: string): string {
  const parts = list.split('\n');
  const end = parts.indexOf('');
  return (end < 0 ? parts : parts.slice(0, end)).join('\n');
}

async function compare(path: string, bytes: Bytes): Promise<number> {
  const rows = hivexRows(path);
  const hive = await Hive.open(new MemorySource(bytes));
  let at = 0;
  const next = (): HivexRow => rows[at++];
  const check = async (key: RegistryKey): Promise<void> => {
    if (key !== hive.root) {
      const row = next();
      expect([key.path, key.fileOffset]).toEqual([row.key, row.offset]);
    }
    const children = await key.subkeys();
    for (const value of await key.values()) {
      const row = next();
      const data = (await value.data()) as RegistryData;
      // hivexml prints -1 for a number that has no bytes.
      if (value.type === 4 && value.size === 0 && row.value === '-1') row.value = '';
      const text = printed(value.type, data, (await value.bytes()) as Bytes, row);
      // hivexml tells no place for values without data.
      const theirs =
        row.base64 === true
          ? (row.value ?? '').replace(/\s/g, '')
          : value.type === 7
            ? withoutEnd(row.value ?? '')
            : (row.value ?? '');
      expect([
        key.path,
        value.name,
        WORDS[value.type] ?? 'unknown',
        text,
        row.offset < 0 ? -1 : value.fileOffset,
      ]).toEqual([row.key, row.name, row.type, theirs, row.offset]);
    }
    for (const child of children) await check(child);
  };
  await check(hive.root);
  expect(at).toBe(rows.length);
  return at;
}

if (hasTool('hivexml')) {
  describeWithCorpus('hivexml agrees on keys, values, types and places', () => {
    // Not the dirty hive, and of the three large ones only one: the listings of the corpus cover the others.
    const skipped = new Set(['yarp-new-dirty-1', 'win-system-regipy', 'win10-1709-system']);
    for (const entry of corpusManifest().filter((one) => one.kind === 'hives' && !skipped.has(one.id))) {
      test(entry.id, async () => {
        const path = corpusFile(entry);
        const rows = await compare(path, new Uint8Array(readFileSync(path)));
        expect(rows).toBe(entry.expected.hivex.keys - 1 + entry.expected.hivex.values);
      });
    }
  });
}

describeWithTools(['hivexml'], 'hivexml reads what the hive writer of the tests writes', () => {
  const folder = temporaryFolder();
  const many: KeySpec = keysFromPaths(
    Object.fromEntries(Array.from({ length: 1700 }, (_, i) => [`Many\\key${i}`, { index: i }])),
  );
  const sample: KeySpec = {
    keys: {
      ...many.keys,
      'Ключ ü': { values: { имя: 'значение', ÿ: 1, '': 'default' } },
      Types: {
        className: 'Shell',
        values: {
          text: 'x',
          expand: { expand: '%SystemRoot%\\x' },
          list: ['one', 'two'],
          number: 0x80000001,
          large: 0x1234_5678_9abc_def0n,
          four: Uint8Array.of(1, 2, 3, 4),
          three: Uint8Array.of(1, 2, 3),
          none: Uint8Array.of(),
          big: new Uint8Array(50_000).map((_, i) => i * 7),
          edge: new Uint8Array(16_344).fill(3),
          over: new Uint8Array(16_345).fill(4),
        },
      },
    },
  };
  for (const spec of [
    { minorVersion: 5 },
    { minorVersion: 3 },
    { minorVersion: 6, lists: 'li' as const },
    { minorVersion: 4, listSize: 100 },
  ]) {
    test(`version 1.${spec.minorVersion}, ${JSON.stringify(spec)}`, async () => {
      const bytes = writeHive(sample, spec);
      const path = join(folder, `hive-${spec.minorVersion}`);
      writeFileSync(path, bytes);
      expect(await compare(path, bytes)).toBe(1 + 1700 * 2 + 1 + 3 + 1 + 11);
    });
  }
});
