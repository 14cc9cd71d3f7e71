import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { root } from '../support/workspace.js';

interface Node {
  readonly name: string;
  readonly imports: ReadonlyMap<string, boolean>;
  readonly near: readonly string[];
}
const script = (name: string): Promise<any> => import(pathToFileURL(join(root, 'scripts/check', name)).href);

let graph: readonly Node[];
let nearest: (graph: readonly Omit<Node, 'near'>[]) => readonly Node[];
let architecturePicture: (graph: readonly Node[], language: string) => string;
let checkArchitecture: (options: { update: boolean }) => string[];
beforeAll(async () => {
  const { importGraph, ...other } = await script('import-graph.mjs');
  ({ nearest } = other);
  ({ architecturePicture } = await script('architecture-picture.mjs'));
  ({ checkArchitecture } = await script('architecture.mjs'));
  graph = nearest(importGraph());
});

/** Top and left edge of each box, as the picture has them. */
function boxes(picture: string): ReadonlyMap<string, { readonly x: number; readonly y: number }> {
  const found = picture.matchAll(
    /<rect class="b[^"]*" x="([\d.]+)" y="(\d+)"[^>]*\/><text class="n"[^>]*>(\w+)<\/text>/g,
  );
  return new Map([...found].map(([, x, y, name]) => [name ?? '', { x: Number(x), y: Number(y) }]));
}

test('a package imports what its package.json depends on, of packages of this project', () => {
  for (const { name, imports } of graph) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(
      readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'),
    );
    // What is bundled into deadbox is no dependency of whoever installs it.
    const declared = Object.keys({ ...dependencies, ...devDependencies }).filter((one) => one.startsWith('@deadbox/'));
    const imported = [...imports.keys()].map((one) => `@deadbox/${one}`);
    expect([name, imported.filter((one) => !declared.includes(one))]).toEqual([name, []]);
  }
});

test.each(['en', 'ja'])('whoever imports is drawn above what it imports (%s)', (language) => {
  const places = boxes(architecturePicture(graph, language));
  expect([...places.keys()].toSorted()).toEqual(graph.map(({ name }) => name).toSorted());
  for (const { name, imports } of graph)
    for (const to of imports.keys())
      expect([name, to, places.get(name)?.y]).toSatisfy(([, , y]) => y < (places.get(to)?.y ?? 0));
});

test('leaves out the lines that others lead along, and dashes those for types', () => {
  const made = nearest([
    { name: 'core', imports: new Map() },
    { name: 'ntfs', imports: new Map([['core', false]]) },
    {
      name: 'disk',
      imports: new Map([
        ['core', false],
        ['ntfs', true],
      ]),
    },
  ]);
  expect(made.map(({ near }) => near)).toEqual([[], ['core'], ['ntfs']]);
  const dashed = architecturePicture(made, 'en').match(/class="l d" d="M[\d.]+ \d+V/g);
  expect(dashed).toHaveLength(1);
});

test('the pictures in docs show the imports of today', () => {
  expect(checkArchitecture({ update: false })).toEqual([]);
});
