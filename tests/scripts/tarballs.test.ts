import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { root } from '../support/workspace.js';

type Files = Map<string, Buffer>;

const MANIFEST = {
  name: '@deadbox/core',
  license: 'MIT',
  keywords: ['a', 'b', 'c'],
  homepage: 'https://example.org/',
  bugs: { url: 'https://example.org/bugs' },
  repository: { directory: 'packages/core' },
  sideEffects: false,
  exports: { '.': { 'deadbox-source': './src/none.ts', types: './dist/index.d.ts', default: './dist/index.js' } },
};
const WHOLE = {
  'package.json': JSON.stringify(MANIFEST),
  LICENSE: 'licence',
  'README.md': 'page',
  'dist/index.js': '',
  'dist/index.d.ts': '',
  'dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts'] }),
  'src/index.ts': '',
};

describe('the gate of the tarballs', () => {
  let contentProblems: (files: Files, licence: string) => string[];
  const problems = (changes: Record<string, string | undefined>): string[] => {
    const all = Object.entries({ ...WHOLE, ...changes });
    const there = all.flatMap(([path, text]) => (text === undefined ? [] : [[path, Buffer.from(text)] as const]));
    return contentProblems(new Map(there), 'licence');
  };

  beforeAll(async () => {
    ({ contentProblems } = await import(pathToFileURL(join(root, 'scripts/check/tarballs.mjs')).href));
  });

  test('has nothing to say of a whole package', () => {
    expect(problems({})).toEqual([]);
  });

  test.each([
    ['a missing licence', { LICENSE: undefined }, /lacks LICENSE/],
    ['another licence', { LICENSE: 'other' }, /not that of the project/],
    ['a missing page', { 'README.md': undefined }, /lacks README\.md/],
    ['an entry point that leads nowhere', { 'dist/index.d.ts': undefined }, /lacks dist\/index\.d\.ts/],
    ['a source map without its source', { 'src/index.ts': undefined }, /leads to src\/index\.ts/],
    ['a file of the build', { 'dist/.tsbuildinfo': '' }, /holds dist\/\.tsbuildinfo/],
    ['a test', { 'tests/index.test.ts': '' }, /holds tests/],
    ['no keywords', { 'package.json': JSON.stringify({ ...MANIFEST, keywords: [] }) }, /no proper keywords/],
    [
      'a range of the workspace',
      { 'package.json': JSON.stringify({ ...MANIFEST, dependencies: { a: 'workspace:*' } }) },
      /depends on a by a path/,
    ],
  ])('names %s', (_, changes, problem) => {
    expect(problems(changes)).toEqual([expect.stringMatching(problem)]);
  });
});
