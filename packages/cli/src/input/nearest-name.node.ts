import { type FileNode, type FileTree, isDamage, type ReadOptions, splitPath } from '@deadbox/core';
import type { Hive } from '@deadbox/windows';
import { closest } from '../closest.js';

/** Names of one folder or key that are compared with a name that is not there. */
const MAX_NAMES = 20_000;

/**
 * The path that was most likely meant by one that leads nowhere: wherever a name is missing, the nearest one of its
 * folder is taken. `undefined` where none is near, or a folder on the way cannot be read.
 */
export async function nearestPath(tree: FileTree, path: string, reading: ReadOptions): Promise<string | undefined> {
  try {
    let folder: FileNode | undefined = await tree.lookup('/', reading);
    let found = '';
    for (const name of splitPath(path)) {
      if (folder === undefined) return undefined;
      const next = await tree.lookup(`${found}/${name}`, reading);
      const meant = next === undefined ? closest(name, await namesIn(folder, reading)) : name;
      if (meant === undefined) return undefined;
      found = `${found}/${meant}`;
      folder = next ?? (await tree.lookup(found, reading));
    }
    return found;
  } catch (error) {
    // What the path leads to may be damaged; that it is not there was said already.
    if (!isDamage(error, reading.signal)) throw error;
    return undefined;
  }
}

async function namesIn(folder: FileNode, reading: ReadOptions): Promise<string[]> {
  const names: string[] = [];
  for await (const batch of folder.entries(reading)) {
    for (const { name } of batch) names.push(name);
    if (names.length >= MAX_NAMES) break;
  }
  return names;
}

/** The same for a key of a registry hive. */
export async function nearestKey(hive: Hive, path: string): Promise<string | undefined> {
  let key = hive.root;
  const found: string[] = [];
  try {
    for (const name of path.split('\\').filter((part) => part !== '')) {
      const there = await key.key(name);
      const names = there === undefined ? (await key.subkeys(MAX_NAMES)).map((child) => child.name) : [];
      const meant = there === undefined ? closest(name, names) : name;
      const next = there ?? (meant === undefined ? undefined : await key.key(meant));
      if (meant === undefined || next === undefined) return undefined;
      found.push(meant);
      key = next;
    }
    return found.join('\\');
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined;
  }
}
