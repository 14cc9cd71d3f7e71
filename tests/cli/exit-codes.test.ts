import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { help as en } from '@deadbox/report/help/en';
import { help as ja } from '@deadbox/report/help/ja';
import { describe, expect, test } from 'vitest';
import { EXIT_CODES } from '../../packages/cli/src/exit-codes.js';
import { Session } from '../../packages/cli/src/input/session.node.js';
import { loadLanguage } from '../../packages/cli/src/output/language.node.js';
import { explain } from '../../packages/cli/src/program/explain.node.js';
import { outlines } from '../../packages/cli/src/program/help.node.js';
import { makeBitLockerVolume } from '../support/bitlocker-volume.js';
import { runInProcess } from '../support/cli-in-process.js';
import { plainVolume } from '../support/encryption/volumes.js';
import { writeVhdx } from '../support/image/vhdx-writer.js';
import { testImagePath } from '../support/test-image.js';
import { temporaryFolder } from '../support/tools.js';
import { textOf } from '../support/workspace.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const TABLES = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[];

describe('the table of exit codes', () => {
  test.each(TABLES)('%s: help says what each code means, in both languages', (table) => {
    const codes = Object.values(EXIT_CODES[table]).map(String);
    for (const words of [en, ja]) expect(Object.keys(words.exitCodes[table])).toEqual(codes);
  });

  test.each([
    ['docs/command-line.md', en],
    ['docs/command-line.ja.md', ja],
  ])('%s has the words of help', (path, words) => {
    const rows = textOf(path).split('\n');
    for (const table of TABLES) {
      const cells = Object.values(words.exitCodes[table]).join(' | ');
      expect(rows.filter((row) => row.endsWith(`| ${cells} |`))).toHaveLength(1);
    }
  });

  test('every verb has one', () => {
    for (const verb of outlines()) expect(TABLES).toContain(verb.exit);
  });
});

/** A call for every code of every table. */
type Outcomes = {
  readonly [Table in keyof typeof EXIT_CODES]: Readonly<Record<keyof (typeof EXIT_CODES)[Table], string[]>>;
};

const faulty = testImagePath('gpt-faulty');
const missing = at('missing.img');
const empty = at('empty.img');
writeFileSync(empty, '');
truncateSync(empty, 1 << 20);
const locked = at('locked.img');
writeFileSync(locked, makeBitLockerVolume(plainVolume(), { password: 'open sesame' }).bytes);
const vhdx = writeVhdx({
  size: 1 << 20,
  blocks: [{ state: 2 }],
  dataWriteGuid: '6b29fc40-ca47-1067-b31d-00dd010662da',
});
writeFileSync(at('whole.vhdx'), vhdx);
// A byte of the first copy of the region table, whose checksum then is wrong.
vhdx[0x30020] ^= 1;
writeFileSync(at('broken.vhdx'), vhdx);

const OUTCOMES: Outcomes = {
  scan: {
    nothingToActOn: ['scan', '--quick', testImagePath('gpt-absent')],
    act: ['scan', faulty],
    error: ['scan', missing],
    person: ['scan', empty],
  },
  verify: {
    fits: ['verify', at('whole.vhdx')],
    differs: ['verify', at('broken.vhdx')],
    error: ['verify', missing],
    nothingStored: ['verify', faulty],
  },
  why: {
    named: ['why', '0xC000000E'],
    none: ['why', '0xC000000E', faulty],
    error: ['why', '0xC000000E', missing],
    locked: ['why', '0xC000000E', locked],
  },
  fix: {
    done: ['fix', testImagePath('gpt-absent')],
    planned: ['fix', faulty],
    error: ['fix', missing],
    refused: ['fix', faulty, '--disable-driver', 'NoSuchDriver'],
  },
  others: {
    done: ['ls', faulty, '/Windows'],
    notFound: ['ls', faulty, '/Nowhere'],
    error: ['ls', missing],
    locked: ['ls', locked],
  },
};

/** The exit code that the program would end with. */
async function codeOf(argv: readonly string[]): Promise<number | undefined> {
  const { code, error } = await runInProcess([...argv, '-o', at('output')]);
  if (error === undefined) return code;
  return explain(
    error,
    argv,
    new Session(await loadLanguage('en'), new AbortController().signal, () => undefined),
    undefined,
  );
}

describe('every outcome', () => {
  const rows = TABLES.flatMap((table) =>
    Object.entries(OUTCOMES[table]).map(([outcome, argv]) => {
      const codes: Readonly<Record<string, number>> = EXIT_CODES[table];
      return [table, outcome, codes[outcome], argv] as const;
    }),
  );

  test.each(rows)('%s, %s: %i', async (_, __, code, argv) => {
    expect(await codeOf(argv)).toBe(code);
  });
});

test('a fault of deadbox itself says what to attach, in both languages', async () => {
  for (const [language, words] of [
    ['en', 'deadbox scan IMAGE --diagnostics FILE.diag'],
    ['ja', '添付してください'],
  ] as const) {
    const said: string[] = [];
    const hear = (content: readonly { text: string }[]): void =>
      void said.push(content.map(({ text }) => text).join(''));
    const session = new Session(await loadLanguage(language), new AbortController().signal, hear);
    expect(await explain(new TypeError('x is not a function'), [], session, undefined)).toBe(2);
    expect(said.join('\n')).toContain(words);
  }
});
