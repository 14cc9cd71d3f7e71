import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from './exit-code.js';

/** Endings that disk images have; a folder is searched for these. */
const IMAGE_ENDINGS = /\.(vhd|vhdx|avhd|avhdx|vmdk|ova|qcow|qcow2|vdi|e01|ex01|raw|img|dd|bin|hds|hdd|001)$/i;
/** Parts that another file describes: opened through it, never alone. */
const PART_ENDINGS = /-(s\d{3}|f\d{3}|flat|delta|sesparse)\.vmdk$/i;
const MAX_DEPTH = 16;

/** Whether `name` is a web address. */
export function isUrl(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

/**
 * The images that the arguments name: paths, devices and web addresses as they are; folders searched; `*` and `?` expanded
 * where the shell did not.
 * @throws UsageError when a folder or pattern holds no image
 */
export function expandTargets(names: readonly string[]): string[] {
  const found: string[] = [];
  for (const name of names) {
    if (isUrl(name) || name.startsWith('\\\\.\\')) found.push(name);
    else if (isFolder(name)) found.push(...orFail(imagesIn(name, 0), `${name} is a folder without disk images`));
    else if (/[*?]/.test(basename(name)) && !exists(name)) found.push(...orFail(matching(name), `nothing matches ${name}`));
    else found.push(name);
  }
  return [...new Set(found)];
}

function orFail(paths: string[], message: string): string[] {
  if (paths.length === 0) throw new UsageError(message);
  return paths;
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

function imagesIn(folder: string, depth: number): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < MAX_DEPTH) found.push(...imagesIn(path, depth + 1));
    else if (entry.isFile() && IMAGE_ENDINGS.test(entry.name) && !PART_ENDINGS.test(entry.name)) found.push(path);
  }
  return found;
}

function matching(pattern: string): string[] {
  const folder = dirname(pattern);
  const text = basename(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = new RegExp(`^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`, process.platform === 'win32' ? 'i' : '');
  if (!isFolder(folder)) return [];
  return readdirSync(folder)
    .filter((name) => expression.test(name))
    .sort()
    .map((name) => join(folder, name));
}
