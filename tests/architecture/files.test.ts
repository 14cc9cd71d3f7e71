import { homedir } from 'node:os';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesBelow, packageNames, root, sourcesOf, textOf } from '../support/workspace.js';

const MAX_LINES = 350;

/** Names that promise nothing: whoever looks for a thing does not find it there. */
const CATCH_ALL = /^(utils?|misc|helpers?|common|types|constants|functions)\.(node\.)?ts$/;

describe.each(packageNames)('package %s', (name) => {
  const sources = sourcesOf(name);

  test('has files of one concept each', () => {
    const long = sources
      .filter((path) => !textOf(path).startsWith('// Generated from'))
      .map((path) => `${path}: ${textOf(path).split('\n').length - 1}`)
      .filter((line) => Number(line.split(': ')[1]) > MAX_LINES);
    expect(long).toEqual([]);
    expect(sources.filter((path) => CATCH_ALL.test(basename(path)))).toEqual([]);
  });

  test('has file names in kebab case', () => {
    expect(sources.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.node)?\.ts$/.test(basename(path)))).toEqual([]);
  });

  test('keeps its promises: no unfinished work is left in the code', () => {
    const marks = /\b(TODO|FIXME|XXX|not (yet )?implemented)\b/;
    expect(sources.filter((path) => marks.test(textOf(path)))).toEqual([]);
  });

  test('has its caps and codes in one place', () => {
    const names = sources.map((path) => path.slice(`packages/${name}/src/`.length));
    const codes = sources.filter((path) => /new DeadboxError\(/.test(textOf(path)));
    if (codes.length > 0 && name !== 'cli') expect(names).toContain('errors.ts');
  });
});

describe('the whole tree', () => {
  const text = /\.(ts|mjs|js|json|md|sh|yaml|yml|txt)$|(^|\/)run$/;
  const files = [
    ...['packages', 'tests', 'scripts', 'docs', 'examples', 'test-images', '.ci'].flatMap(filesBelow),
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'package.json',
  ].filter((path) => text.test(path));

  test('names no path of the machine it was written on', () => {
    const places = [`${root}/`, `${homedir()}/`].filter((place) => place.length > 3);
    expect(files.filter((path) => places.some((place) => textOf(path).includes(place)))).toEqual([]);
  });

  test('runs every test: none is narrowed or switched off', () => {
    const switched = /\b(it|test|describe)\.(only|todo)\b/;
    expect(files.filter((path) => path.endsWith('.test.ts') && switched.test(textOf(path)))).toEqual([]);
  });
});
