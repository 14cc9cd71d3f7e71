import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The checkout's root folder. */
export const root: string = join(import.meta.dirname, '../..');

/**
 * The packages in the corridor's order: a package imports only from packages above it, so never from its own row
 * either.
 */
export const corridor: readonly (readonly string[])[] = [
  ['core'],
  ['image'],
  ['partitions'],
  ['encryption'],
  ['ntfs', 'fat'],
  ['disk'],
  ['windows'],
  ['triage'],
  ['repair'],
  ['report'],
  ['cli'],
  ['fleet'],
];

/** Folder names of the packages that exist. */
export const packageNames: string[] = corridor.flat().filter((name) => existsSync(join(root, 'packages', name)));

/** The `package.json` of a package. */
export function manifestOf(name: string): any {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
}

/** Every file below a folder of the checkout, as a path from the root with `/`; what nobody commits is left out. */
export function filesBelow(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (['node_modules', 'dist', '.git', '.cache', 'coverage'].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path));
    else found.push(relative(root, join(root, path)).split(sep).join('/'));
  }
  return found.toSorted();
}

/** The TypeScript sources of a package. */
export function sourcesOf(name: string): string[] {
  return filesBelow(`packages/${name}/src`).filter((path) => path.endsWith('.ts'));
}

/** A file of the checkout as text. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
