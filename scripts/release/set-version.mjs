// Writes a version everywhere that has one.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { publishedPackages } from '../workspace.mjs';

/** A changelog whose unreleased lines are those of `version`, of this day. */
export function closeSection(changelog, version, day) {
  if (changelog.includes(`## [${version}]`)) return changelog;
  return changelog.replace(/^## \[Unreleased\]$/m, `## [Unreleased]\n\n## [${version}] - ${day}`);
}

/** Changes manifests, the version in the code, and the changelog below `root`; returns the paths. */
export function setVersion(root, version, day = new Date().toISOString().slice(0, 10)) {
  if (!/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version)) throw new Error(`${version} is no version of semver`);
  const edits = new Map();
  for (const { folder } of publishedPackages())
    edits.set(join(folder, 'package.json'), (text) => text.replace(/^( {2}"version": )"[^"]*"/m, `$1"${version}"`));
  edits.set(join(root, 'packages/cli/src/version.ts'), (text) => text.replace(/'[^']*'/, `'${version}'`));
  edits.set(join(root, 'CHANGELOG.md'), (text) => closeSection(text, version, day));
  return [...edits].flatMap(([path, edit]) => {
    const before = readFileSync(path, 'utf8');
    const after = edit(before);
    if (after === before) return [];
    writeFileSync(path, after);
    return [relative(root, path)];
  });
}
