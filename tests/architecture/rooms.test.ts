import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { circles, floors, innerImports, isOnRoof, roomOf } from '../support/rooms.js';
import { packageNames, sourcesOf } from '../support/workspace.js';

/** A folder with more files than this is a hall, not a room. */
const MOST_FILES = 20;

describe.each(packageNames)('package %s', (name) => {
  const imports = innerImports(name);

  test('no two files import one another, not even for a type', () => {
    expect(circles(imports)).toEqual([]);
  });

  test('a room imports only from rooms on the floors below it', () => {
    const order = floors[name];
    if (order === undefined) return;
    const unlisted = [...new Set(sourcesOf(name).map((path) => path.slice(`packages/${name}/src/`.length)))]
      .filter((path) => !isOnRoof(path) && !order.includes(roomOf(path)))
      .map((path) => `${path} is on no floor`);
    const upwards = imports
      .filter(({ from, to }) => !isOnRoof(from) && roomOf(from) !== roomOf(to))
      .filter(({ from, to }) => isOnRoof(to) || order.indexOf(roomOf(to)) >= order.indexOf(roomOf(from)))
      .map(({ from, to }) => `${from} imports ${to}`);
    expect([...unlisted, ...upwards]).toEqual([]);
  });

  test(`no folder holds more than ${MOST_FILES} files`, () => {
    const folders = new Map<string, number>();
    for (const path of sourcesOf(name)) folders.set(posix.dirname(path), (folders.get(posix.dirname(path)) ?? 0) + 1);
    expect([...folders].filter(([, count]) => count > MOST_FILES)).toEqual([]);
  });
});
