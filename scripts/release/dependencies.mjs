// What an installation of the packages brings with it, from the lock file: name, version, licence, hash, and who asks
// for it.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { publishedPackages, root } from '../workspace.mjs';
import { manifestOf } from './third-party.mjs';

/** `name@1.2.3(peer@4)` without its peers. */
const plain = (key) => key.replace(/\(.*$/, '');

/** The folder of a package by its key in the lock file, or undefined where this system did not need it. */
function folderOf(key, name) {
  const place = key.replaceAll('/', '+').replaceAll('(', '_').replaceAll(')', '');
  const folder = join(root, 'node_modules/.pnpm', place, 'node_modules', name);
  return existsSync(folder) ? realpathSync(folder) : undefined;
}

function foreign(key, lock) {
  const at = plain(key).lastIndexOf('@');
  const [name, version] = [plain(key).slice(0, at), plain(key).slice(at + 1)];
  const folder = folderOf(key, name);
  return {
    name,
    version,
    integrity: lock.packages[plain(key)].resolution.integrity,
    licence: folder === undefined ? undefined : manifestOf(folder).license,
    homepage: folder === undefined ? undefined : manifestOf(folder).homepage,
  };
}

/**
 * Every foreign package that one of ours needs when it runs, by `name@version`, each with the keys of what it needs
 * itself; and what each of ours needs, ours by name. `bundled` are packages, as `name@version`, that are in the code of
 * `deadbox`.
 */
export function readDependencies(bundled) {
  const lock = parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8'));
  const found = new Map();
  const visit = (key) => {
    const id = plain(key);
    if (found.has(id)) return id;
    const entry = { ...foreign(key, lock), needs: [] };
    found.set(id, entry);
    const { dependencies = {}, optionalDependencies = {} } = lock.snapshots[key];
    for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies }))
      entry.needs.push(visit(`${name}@${version}`));
    return id;
  };
  const ours = publishedPackages().map(({ name, manifest }) => {
    const { dependencies = {} } = lock.importers[`packages/${name}`];
    const needs = Object.entries(dependencies).map(([other, { version }]) =>
      version.startsWith('link:') ? other : visit(`${other}@${version}`),
    );
    if (manifest.name === 'deadbox') needs.push(...bundled.map(visit));
    return { name: manifest.name, version: manifest.version, description: manifest.description, needs };
  });
  return { ours, foreign: found };
}
