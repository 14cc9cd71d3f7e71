import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { figuresOf, readPage } from '../support/markdown.js';
import { root } from '../support/workspace.js';

/** What is English alone: records of decisions are for who changes the code. */
const ENGLISH_ONLY = new Set<string>();
const pages = ['', 'docs/', 'docs/guides/', 'docs/learn/'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md') && (folder !== '' || name.startsWith('README')))
    .map((name) => `${folder}${name}`),
);
const english = pages.filter((path) => !path.endsWith('.ja.md') && !ENGLISH_ONLY.has(path));
const japaneseOf = (path: string): string => path.replace(/\.md$/, '.ja.md');

test('takes figures apart alike in both languages', () => {
  expect(figuresOf('1,296 runs of 0.58 s on 27 November 2026, 3 of them late')).toEqual([
    '1,296',
    '0.58',
    '27',
    '11',
    '2026',
  ]);
  expect(figuresOf('2026 年 11 月 27 日に 1,296 回')).toEqual(['2026', '11', '27', '1,296']);
});

/** A package's Japanese README is the first screen of the English one. */
test.each(readdirSync(join(root, 'packages')))(
  'packages/%s has a Japanese first screen, with the same code',
  (name) => {
    const [ours, theirs] = ['README.md', 'README.ja.md'].map((file) => readPage(`packages/${name}/${file}`));
    expect(theirs?.code.length).toBeGreaterThan(0);
    // The page of the command line shows the command in Japanese.
    const code = theirs?.code.filter((block) => !block.includes('--lang ja')) ?? [];
    expect(code).toEqual(ours?.code.filter((block) => code.includes(block)).slice(0, code.length));
  },
);

const lacking = (figures: readonly string[], others: Iterable<string> = []): string[] => {
  const there = new Set(others);
  return figures.filter((figure) => !there.has(figure));
};

describe.each(english)('%s', (path) => {
  test('has a Japanese page with the same headings, code and figures', () => {
    expect(existsSync(join(root, japaneseOf(path)))).toBe(true);
    const [ours, theirs] = [readPage(path), readPage(japaneseOf(path))];
    expect(theirs.headings).toEqual(ours.headings);
    expect(theirs.code).toEqual(ours.code);
    expect(theirs.rows).toHaveLength(ours.rows.length);
    // A number may be a word in English, and a figure in Japanese; hardly ever the other way round.
    expect(ours.rows.map((row, at) => lacking(row, theirs.rows[at])).flat()).toEqual([]);
    expect(ours.prose.map((figures, at) => lacking([...figures], theirs.prose[at])).flat()).toEqual([]);
  });

  test('leads readers of Japanese to Japanese pages', () => {
    const other = path.split('/').at(-1);
    const links = readPage(japaneseOf(path)).links.filter((target) => target !== other && !target.endsWith('.ja.md'));
    const translated = links.filter(
      (target) => existsSync(join(root, dirname(path), target.replace(/\.md$/, '.ja.md'))) && target.endsWith('.md'),
    );
    expect(translated).toEqual([]);
  });
});
