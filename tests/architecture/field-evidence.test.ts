import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { corpusFolder, describeWithCorpus } from '../support/corpus.js';
import { filesBelow, textOf } from '../support/workspace.js';

/** Every call of `helper` in the tests, as the texts that it is given. */
function callsOf(helper: string): string[] {
  return filesBelow('tests')
    .filter((path) => path.endsWith('.test.ts'))
    .flatMap((path) => [...textOf(path).matchAll(new RegExp(`\\b${helper}\\(([^)]*?)\\(`, 'gs'))])
    .map(([, given]) => given);
}

const cases = process.env.DEADBOX_CASES;
describe.skipIf(cases === undefined)('the cases from the field (skipped: DEADBOX_CASES names no folder)', () => {
  test('are each held against their right answer', () => {
    const made = readdirSync(cases ?? '.').filter((name) => existsSync(join(cases ?? '.', name, 'make.sh')));
    expect(made.length).toBeGreaterThan(10);
    const calls = callsOf('describeWithCase');
    expect(made.filter((id) => !calls.some((given) => given.includes(`'${id}'`)))).toEqual([]);
  });
});

describeWithCorpus('the artifacts of real machines', () => {
  interface Listed {
    readonly id: string;
    readonly kind: string;
    readonly file: string;
    /** What else holds the right answer. */
    readonly expected: { readonly see?: string };
  }
  const folder = (): string => join(corpusFolder(), 'artifacts');
  const listed = (): Listed[] => JSON.parse(readFileSync(join(folder(), 'manifest.json'), 'utf8')) as Listed[];

  test('are each held against what other tools read of them', () => {
    const calls = callsOf('describeWithArtifacts');
    const untested = listed().filter(
      ({ kind, expected }) =>
        expected.see?.startsWith('cases/') !== true && !calls.some((given) => given.includes(`'${kind}'`)),
    );
    expect(untested.map(({ id, kind }) => `${kind} ${id}`)).toEqual([]);
  });

  test('are all listed: a file that the manifest does not know would be tested by nobody', () => {
    const known = new Set(
      (
        JSON.parse(readFileSync(join(folder(), 'manifest.json'), 'utf8')) as (Listed & {
          readonly extra_files?: readonly { readonly file: string }[];
        })[]
      ).flatMap(({ file, extra_files: extra = [] }) => [file, ...extra.map((one) => one.file)]),
    );
    const kinds = readdirSync(folder(), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const files = kinds.flatMap(({ name }) => readdirSync(join(folder(), name)).map((file) => `${name}/${file}`));
    expect(files.filter((file) => /\.(gz|xz)$/.test(file) && !known.has(file))).toEqual([]);
  });
});
