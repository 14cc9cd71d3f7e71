// esbuild gives a file to every output that leads to it, whichever of its names are used: one import from a package's index would make the
// whole package part of every start. This plugin has the bundle import each name from the module that declares it.
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { publishedPackages } from './workspace.mjs';

const CONDITION = 'deadbox-source';

/** Entry file of every specifier (`@deadbox/core`, `@deadbox/core/node`, …) that is one of our sources. */
function entryFiles() {
  const files = new Map();
  for (const { folder, manifest } of publishedPackages()) {
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (target[CONDITION] !== undefined) files.set(posix.join(manifest.name, subpath), join(folder, target[CONDITION]));
    }
  }
  return files;
}

/** Values named between braces, as `[name, name here]`; types are gone at run time. */
function namesIn(text) {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !part.startsWith('type '))
    .map((part) => part.split(' as '))
    .map(([name, alias]) => [name, alias ?? name]);
}

/** Where the names that an entry file exports are declared: `name → { name, path }`. What comes through a private import (`#…`) is left out. */
function declarationsOf(entry) {
  const found = new Map();
  for (const [, names, from] of readFileSync(entry, 'utf8').matchAll(/^export \{([^}]*)\} from '(\.[^']+)';/gm)) {
    const path = join(dirname(entry), from.replace(/\.js$/, '.ts'));
    for (const [name, shown] of namesIn(names)) found.set(shown, { name, path });
  }
  return found;
}

/** The esbuild plugin. */
export function directImports() {
  const entries = entryFiles();
  const declarations = new Map();
  const direct = (whole, names, specifier) => {
    const entry = entries.get(specifier);
    if (entry === undefined) return whole;
    if (!declarations.has(entry)) declarations.set(entry, declarationsOf(entry));
    return namesIn(names)
      .map(([name, alias]) => {
        const declared = declarations.get(entry).get(name) ?? { name, path: specifier };
        return `import { ${declared.name} as ${alias} } from ${JSON.stringify(declared.path)};`;
      })
      .join(' ');
  };
  return {
    name: 'direct-imports',
    setup(build) {
      build.onLoad({ filter: /packages[\\/][\w-]+[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(/^import \{([^}]*)\} from '(@deadbox\/[^']+)';/gm, direct),
        loader: 'ts',
        resolveDir: dirname(path),
      }));
    },
  };
}
