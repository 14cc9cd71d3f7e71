import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { VERBS } from '../../packages/cli/src/program/verb-table.node.js';
import { runInProcess } from '../support/cli-in-process.js';
import { testImagePath } from '../support/test-image.js';
import { temporaryFolder } from '../support/tools.js';

// A screen reader and a Braille line read text from the first letter to the last, without its colours.

const faulty = testImagePath('gpt-faulty');
const FILE = '/Windows/System32/drivers/CrowdStrike/C-00000291-backup.txt';
const folder = temporaryFolder();
const journal = join(folder, 'run.ndjson');

const CALLS: Readonly<Record<string, readonly string[]>> = {
  scan: [faulty, '--explain'],
  report: [journal],
  why: ['0x7B', faulty],
  boot: [faulty],
  info: [faulty],
  ls: [faulty, '-r', '-l'],
  stat: [faulty, FILE],
  walk: [faulty, FILE],
  timeline: [faulty],
  reg: [faulty, 'SYSTEM', '-r'],
  verify: [faulty],
  fix: [faulty],
  'rules list': [],
  'rules show': ['crowdstrike-channel-file-291'],
  'rules check': ['packages/triage/rules/crowdstrike-channel-file-291.yaml'],
  config: [],
  version: [],
};
/** What they write is for programs, or needs what other tests have: a queue, a disk that was changed. */
const OTHERS = [
  'cat',
  'export',
  'page',
  'undo',
  'completion',
  'fleet submit',
  'fleet work',
  'fleet status',
  'fleet cancel',
];

const specs = VERBS.flatMap((spec) => ('verbs' in spec ? spec.verbs : [spec]));
const hasColour = (verb: string): boolean => specs.some(({ id, options }) => id === verb && options.includes('color'));

/** Lines and boxes, blocks, Braille and pictures: read out as their names, or not at all; → is read as an arrow. */
const DRAWN =
  /[\u2190\u2191\u2193-\u21ff\u2500-\u259f\u25a0-\u27bf\u2800-\u28ff\ue000-\uf8ff]|\p{Extended_Pictographic}/u;

test('every verb is read, or known to write nothing to be read', () => {
  const known = [...Object.keys(CALLS), ...OTHERS].sort();
  expect(specs.map(({ id }) => id).sort()).toEqual(known);
});

/** What a scan took differs each time. */
const withoutTime = (text: string): string => text.replaceAll(/\d[\d.,]* (?:m?s\b|ミリ秒|秒)/g, '');

describe.each(['en', 'ja'] as const)('in %s', (language) => {
  /** What a call writes where nothing is a terminal, and what it says. */
  async function written(verb: string, ...options: string[]): Promise<{ text: string; said: string }> {
    const out = join(mkdtempSync(join(folder, 'out-')), 'out.txt');
    const argv = [...verb.split(' '), ...(CALLS[verb] ?? []), '--lang', language, '-o', out, ...options];
    const { said, error } = await runInProcess(argv, language);
    expect(error).toBeUndefined();
    const text = readFileSync(out, 'utf8');
    return { text, said };
  }

  test.each(Object.keys(CALLS))('%s reads from the first letter to the last, and colour adds nothing', async (verb) => {
    if (verb === 'report')
      await runInProcess(['scan', faulty, '--quick', '--journal', journal, '-o', join(folder, 's')]);
    const plain = await written(verb);
    expect(plain.text).not.toBe('');
    for (const text of [plain.text, plain.said]) {
      expect(text).not.toMatch(DRAWN);
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
    }
    // One language tells: colours know no words.
    if (language !== 'en' || !hasColour(verb)) return;
    const coloured = await written(verb, '--color', 'always');
    expect(withoutTime(stripVTControlCharacters(coloured.text))).toBe(withoutTime(plain.text));
  });
});
