import { isDeadboxError } from '@deadbox/core';
import { parseKeyFile } from '@deadbox/encryption';
import { describe, expect, test } from 'vitest';
import { parseDelimited } from '../../packages/encryption/src/keys/delimited-text.js';
import { jsonRows, ldifRows } from '../../packages/encryption/src/keys/key-rows.js';
import { parseJournal } from '../../packages/repair/src/journal/undo-journal.js';
import { KEY_ATTACKS } from '../support/attack/key-attacks.js';

/** What is said of a file that cannot be used. */
function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isDeadboxError(error) && error.code !== 'INTERNAL') return error.message;
    throw error;
  }
  return '';
}

const bytesOf = (file: string): Uint8Array<ArrayBuffer> =>
  KEY_ATTACKS.find((attack) => attack.file === file)?.bytes() ?? new Uint8Array();

describe('a table of keys', () => {
  test('keeps no more cells of a row than a table has', () => {
    const [heading, row] = parseDelimited(`${','.repeat(100_000)}\n${'a,'.repeat(100_000)}`);
    expect([heading.cells.length, row.cells.length, row.line]).toEqual([1024, 1024, 2]);
  });

  test('goes through a cell whose quote never ends once, and keeps its beginning', () => {
    const [, row] = parseDelimited(`a,b\n"${'""x,\n'.repeat(100_000)}`);
    expect(row.cells.map(({ length }) => length)).toEqual([52_429]);
  });

  test('tells the line of a row behind quoted line feeds and blank cells in quotes', () => {
    const rows = [...parseDelimited('a,b\n"x\ny",1\n"" "z\n",2\n3,4')];
    expect(rows.map(({ line, cells }) => [line, ...cells])).toEqual([
      [1, 'a', 'b'],
      [2, 'x\ny', '1'],
      [4, 'z\n', '2'],
      [6, '3', '4'],
    ]);
  });
});

test('JSON with more items than its size could hold keys is refused before it is parsed', () => {
  expect(jsonRows(`[${'{},'.repeat(100_000)}{}]`)).toBeUndefined();
  const objects = Array.from({ length: 1000 }, (_, i) => ({ id: String(i), key: '000000' }));
  expect([...(jsonRows(JSON.stringify(objects)) ?? [])]).toHaveLength(1000);
});

test('an LDIF line of many folded ones is one line, and a record has no more attributes than a directory has', () => {
  const folded = `dn: cn=${'x\n '.repeat(10_000)}\nmsFVE-RecoveryPassword: 1\n\n`;
  expect([...(ldifRows(folded) ?? [])].map(({ line, ids }) => [line, ids[0]])).toEqual([
    [1, `cn=${'x'.repeat(10_000)}`],
  ]);
  const wide = `dn: a\n${'x: y\n'.repeat(5000)}cn: b\n`;
  expect([...(ldifRows(wide) ?? [])]).toEqual([{ line: 1, ids: ['a'], passwords: [] }]);
});

test('a line may have more ids than a call may have arguments', () => {
  const ids = Array.from({ length: 150_000 }, (_, i) => `{2F0B5A5A-0000-4000-8000-${String(i).padStart(12, '0')}}`);
  const password = `${'000011-'.repeat(7)}000011`;
  expect(parseKeyFile(`${ids.join(' ')} ${password} ${password}`).count).toBeGreaterThan(0);
});

test.each(['columns.csv', 'objects.json', 'records.ldif', 'line.txt', 'digits.txt'])(
  'a long key file without a key is refused with its reason: %s',
  (file) => {
    expect(refusalOf(() => parseKeyFile(bytesOf(file).subarray(0, 1_000_000)))).toMatch(
      /holds no key id|not valid JSON/,
    );
  },
);

test.each(['nested.json', 'deep-data.json', 'writes.json'])('an undo file beyond any repair is refused: %s', (file) => {
  expect(refusalOf(() => parseJournal(new TextDecoder().decode(bytesOf(file))))).toMatch(/more items than any repair/);
});
