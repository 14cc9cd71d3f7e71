import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

const script = (name: string): Promise<any> => import(pathToFileURL(join(root, 'scripts/site', name)).href);

describe('the check of links', () => {
  let linkProblems: (folder: string) => string[];
  let anchorsOf: (text: string) => string[];
  beforeAll(async () => {
    ({ anchorsOf, linkProblems } = await script('links.mjs'));
  });
  const problems = (files: Record<string, string>): string[] => {
    const folder = temporaryFolder();
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return linkProblems(folder);
  };

  test('has nothing to say of links that lead to files and headings', () => {
    const page = '# A *page*\n\n[b](docs/b.md#two-words) [self](#a-page) [out](https://example.org/none.md)\n';
    expect(problems({ 'a.md': page, 'docs/b.md': '## Two words\n\n[up](../a.md)\n' })).toEqual([]);
  });

  test('names the line of a link that leads to no file, to no heading, or out of the clone', () => {
    expect(problems({ 'a.md': 'x\n\n[b](b.md) [c](c.md#none) [d](../d.md)\n', 'c.md': '# Other\n' })).toEqual([
      'a.md:3: b.md leads to no file',
      'a.md:3: c.md#none leads to no heading',
      'a.md:3: ../d.md leads to no file',
    ]);
  });

  test('takes code for code', () => {
    expect(problems({ 'a.md': '`[a](b.md)`\n\n```md\n[a](b.md)\n# none\n```\n' })).toEqual([]);
    expect(anchorsOf('# One\n```\n# none\n```\n')).toEqual(['one']);
  });

  // What GitHub makes of these headings.
  test.each([
    ['# Hello, `world`!', 'hello-world'],
    ['## The image: *what* it is', 'the-image-what-it-is'],
    ['### 試していないこと', '試していないこと'],
    ['# 2.5 GB (about)', '25-gb-about'],
  ])('makes the anchor of %s as GitHub does', (heading, anchor) => {
    expect(anchorsOf(heading)).toEqual([anchor]);
  });

  test('counts headings of one name', () => {
    expect(anchorsOf('# A\n# B\n# A\n')).toEqual(['a', 'b', 'a-1']);
  });
});

describe('the site', () => {
  const folder = temporaryFolder();
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
  let menuOf: (language: string) => { items: { link: string }[] }[];
  beforeAll(async () => {
    const pages = await script('pages.mjs');
    pages.writePages(folder);
    ({ menuOf } = pages);
  });
  const written = (): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'));

  test('has every page in both languages, in the menu of both', () => {
    const english = written().filter((path) => !path.startsWith('ja'));
    expect(english.length).toBeGreaterThan(40);
    expect(english.map((path) => join('ja', path)).filter((path) => !written().includes(path))).toEqual([]);
    for (const [language, prefix] of [
      ['en', '/'],
      ['ja', '/ja/'],
    ] as const) {
      const links = menuOf(language).flatMap(({ items }) => items.map(({ link }) => link));
      const wanted = english.filter((path) => path !== 'index.md').map((path) => prefix + path.replace(/\.md$/, ''));
      expect(links.toSorted()).toEqual(wanted.toSorted());
    }
  });

  test('brings the pictures that its pages show', () => {
    const shown = written().flatMap((path) =>
      [...read(path).matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, at]) => at ?? ''),
    );
    expect(shown.length).toBeGreaterThan(8);
    expect(shown.filter((at) => !at.startsWith('/') || !existsSync(join(folder, 'public', at)))).toEqual([]);
  });

  test('folds by blocks of its own, as it renders no HTML', () => {
    expect(read('index.md')).toContain('::: details The whole report');
    for (const path of written()) expect([path, /^<\/?(?:details|summary)/m.test(read(path))]).toEqual([path, false]);
  });

  test('says of a page that is not translated that it is in English', () => {
    expect(read('ja/contributing.md')).toContain('英語版のみ');
    expect(read('ja/install.md')).not.toContain('英語版のみ');
  });

  test('links to pages of the same language, and to the repository where a page is not on the site', () => {
    expect(read('ja/install.md')).toMatch(/\]\(\/ja\/windows\)/);
    expect(read('install.md')).toMatch(/\]\(\/windows\)/);
    expect(read('rules.md')).toContain('https://github.com/deadbox/deadbox/blob/main/packages/triage/rules/');
    for (const path of written()) expect([path, /\]\([^)#:]*\.md[)#]/.test(read(path))]).toEqual([path, false]);
  });
});
