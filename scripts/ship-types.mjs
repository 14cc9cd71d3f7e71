// The declarations that `deadbox` ships: those of its entry points and of every package they lead to, in one tree
// without foreign modules.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { publishedPackages, root } from './workspace.mjs';

const packages = publishedPackages();
const ENTRIES = ['packages/cli/dist/index.d.ts', 'packages/cli/dist/open-path.node.d.ts'];
const SPECIFIER = /(\bfrom |\bimport\()'([^']+)'/g;

/** The package that a built file belongs to. */
const packageOf = (file) => packages.find(({ folder }) => file.startsWith(folder + sep));

/** Where a module's declarations are; undefined for a module of Node. */
function declarationsOf(specifier, from) {
  if (specifier.startsWith('.')) return join(dirname(from), specifier.replace(/\.js$/, '.d.ts'));
  if (specifier.startsWith('node:')) return undefined;
  const own = packageOf(from);
  // Both sides of a private import have one signature.
  if (specifier.startsWith('#')) return join(own.folder, own.manifest.imports[specifier].default.types);
  const [scope, name, ...path] = specifier.split('/');
  const other = packages.find(({ manifest }) => manifest.name === `${scope}/${name}`);
  if (other === undefined) throw new Error(`${from} takes types from ${specifier}, which deadbox does not ship`);
  return join(other.folder, other.manifest.exports[['.', ...path].join('/')].types);
}

/** `packages/core/dist/a/b.d.ts` is `core/a/b.d.ts` in the tree. */
const placeOf = (file) => {
  const { name, folder } = packageOf(file);
  return join(name, relative(join(folder, 'dist'), file));
};

/** The text of a declaration file with its imports turned to the tree; every file it leads to joins `found`. */
function turned(file, found) {
  const text = readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, '');
  const turn = (whole, before, specifier) => {
    const next = declarationsOf(specifier, file);
    if (next === undefined) return whole;
    found.add(next);
    const path = relative(dirname(placeOf(file)), placeOf(next))
      .split(sep)
      .join('/')
      .replace(/\.d\.ts$/, '.js');
    return `${before}'${path.startsWith('.') ? path : `./${path}`}'`;
  };
  // The examples in comments stay as they are. The compiler's four columns a level are 20 KB more than two.
  return text
    .split('\n')
    .map((line) => (/^ *\*/.test(line) ? line : line.replace(SPECIFIER, turn)))
    .map((line) => line.replace(/^( {4})+/, (columns) => ' '.repeat(columns.length / 2)))
    .join('\n');
}

/** Writes the tree in place of the one before. */
export function shipTypes(target) {
  const fresh = `${target}.${process.pid}`;
  const found = new Set(ENTRIES.map((path) => join(root, path)));
  for (const file of found) {
    const place = join(fresh, placeOf(file));
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, turned(file, found));
  }
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
}
