// Packages of others that are in what we ship: which they are, and their licence texts, which their licences ask for.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folders of the foreign packages that modules come from, sorted by path. */
export function foldersOf(modules) {
  const folders = modules.flatMap(
    (file) => /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(file)?.[0] ?? [],
  );
  return [...new Set(folders)].sort();
}

export const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** The text of a package's licence file. Throws when it has none. */
export function licenceTextOf(folder) {
  const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
  if (file === undefined) throw new Error(`${manifestOf(folder).name} has no licence file, and is shipped`);
  return readFileSync(join(folder, file), 'utf8').trim();
}

const heading = ({ name, version, license }) => `${name} ${version} (${license})`;

/** Name, version, licence and its text of every package in `folders`, each once. */
export function thirdPartyText(folders) {
  const texts = new Map(
    folders.map((folder) => [
      heading(manifestOf(folder)),
      `${heading(manifestOf(folder))}\n\n${licenceTextOf(folder)}\n`,
    ]),
  );
  return [...texts.keys()]
    .sort()
    .map((key) => texts.get(key))
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** The packages that a text of `thirdPartyText` names, as `name@version`. */
export const namesIn = (text) =>
  [...text.matchAll(/^(@?[\w./-]+) (\d[\w.-]*) \(.+\)$/gm)].map((match) => `${match[1]}@${match[2]}`);
