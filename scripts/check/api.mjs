// The public API: every symbol is documented, and its listing in docs/api changes only on purpose.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { publishedPackages, root } from '../workspace.mjs';
import { exportsOf, listing, undocumented } from './declarations.mjs';

/** The entry points of a package that have declarations: `{ '.': '/…/dist/index.d.ts' }`. */
function entryPoints({ folder, manifest }) {
  // What `./internals` passes on is for sibling packages: semver does not cover it, so nobody reviews its listing.
  const points = Object.entries(manifest.exports).filter(
    ([path, conditions]) => typeof conditions === 'object' && path !== './internals',
  );
  return points.map(([path, conditions]) => ({ path, declarations: join(folder, conditions.types) }));
}

/** `@deadbox/core` and `./node` make `@deadbox/core/node`. */
const specifier = (manifest, path) => manifest.name + path.slice(1);

function apiText(pack) {
  const parts = [];
  for (const { path, declarations } of entryPoints(pack)) {
    if (!existsSync(declarations)) continue;
    const entries = exportsOf(declarations).sort((a, b) => (a.name < b.name ? -1 : 1));
    parts.push(`## ${specifier(pack.manifest, path)}\n\n${entries.flatMap(listing).join('\n')}\n`);
  }
  return parts.join('\n');
}

function undocumentedIn(pack) {
  const missing = new Set();
  for (const { declarations } of entryPoints(pack)) {
    if (!existsSync(declarations)) continue;
    for (const entry of exportsOf(declarations)) {
      for (const name of undocumented(entry))
        missing.add(`${relative(root, entry.file.path)}: ${name} has no doc comment`);
    }
  }
  return [...missing].sort();
}

/** The first lines in which two listings differ. */
function difference(reviewed, now) {
  const [before, after] = [reviewed.split('\n'), now.split('\n')];
  const gone = before.filter((line) => !after.includes(line)).map((line) => `  - ${line}`);
  const come = after.filter((line) => !before.includes(line)).map((line) => `  + ${line}`);
  return [...gone, ...come].slice(0, 40);
}

/** Problems with the documentation and the listings; `update` writes the listings instead of comparing them. */
export function checkApi({ update }) {
  const problems = [];
  const folder = join(root, 'docs/api');
  mkdirSync(folder, { recursive: true });
  for (const pack of publishedPackages()) {
    problems.push(...undocumentedIn(pack));
    const file = join(folder, `${pack.name}.txt`);
    const now = apiText(pack);
    const reviewed = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (now === reviewed) continue;
    if (update) writeFileSync(file, now);
    else
      problems.push(
        `docs/api/${pack.name}.txt differs (npm run check -- --update-api accepts it):`,
        ...difference(reviewed, now),
      );
  }
  return problems;
}
