// Which package imports which, read from the sources.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, publishedPackages } from '../workspace.mjs';

const STATIC = /^(?:import|export)\s+(type\s)?([^;'"]*?)\bfrom\s+'([^']+)'/gms;
const DYNAMIC = /\bimport\('([^']+)'\)/g;

/** `import { type A, type B }` loads nothing either. */
const loadsNothing = (isType, names) =>
  isType !== undefined || /^\{(?:\s*type\s+[^,{}]+,?)+\s*\}\s*$/.test(names.trim());

function importsOf(text) {
  return [
    ...[...text.matchAll(STATIC)].map(([, isType, names, from]) => ({ from, onlyTypes: loadsNothing(isType, names) })),
    ...[...text.matchAll(DYNAMIC)].map(([, from]) => ({ from, onlyTypes: false })),
  ];
}

/** The packages in their order: `{ name, imports }`, where `imports` says of each whether it is for types only. */
export function importGraph() {
  const packages = publishedPackages();
  const names = new Map(packages.map(({ name, manifest }) => [manifest.name, name]));
  return packages.map(({ name, folder }) => {
    const found = new Map();
    for (const file of filesBelow(join(folder, 'src'), (path) => path.endsWith('.ts')))
      for (const { from, onlyTypes } of importsOf(readFileSync(file, 'utf8'))) {
        const to = names.get(/^(?:@[^/]+\/)?[^/]+/.exec(from)[0]);
        if (to !== undefined && to !== name) found.set(to, onlyTypes && (found.get(to) ?? true));
      }
    // In the order of the packages, whichever file was read first.
    const imports = new Map(
      packages.filter((one) => found.has(one.name)).map((one) => [one.name, found.get(one.name)]),
    );
    return { name, imports };
  });
}

/** What each package reaches by other ways than the import itself is left out: a corridor becomes one line. */
export function nearest(graph) {
  const byName = new Map(graph.map((one) => [one.name, one]));
  const reached = (from, seen = new Set()) => {
    for (const to of byName.get(from).imports.keys())
      if (!seen.has(to)) {
        seen.add(to);
        reached(to, seen);
      }
    return seen;
  };
  return graph.map(({ name, imports }) => {
    const further = new Set([...imports.keys()].flatMap((to) => [...reached(to)]));
    return { name, imports, near: [...imports.keys()].filter((to) => !further.has(to)) };
  });
}
