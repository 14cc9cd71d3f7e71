// packages/cli/man/deadbox.1 says what --help says: it is written from the same tables.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../workspace.mjs';

const FILE = 'packages/cli/man/deadbox.1';
/** Day of the page, which a release changes. */
const DATE = '2026-11-27';

const module = (path) => import(pathToFileURL(join(root, 'packages', path)).href);

/** What is wrong with the manual page; `update` writes it instead. */
export async function checkManPage({ update }) {
  const { manPage } = await module('report/dist/internals.js');
  const { help } = await module('report/dist/help/en.js');
  const { outlines } = await module('cli/dist/program/help.node.js');
  const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));
  const page = manPage(outlines(), help, { version, date: DATE });
  const path = join(root, FILE);
  if (existsSync(path) && readFileSync(path, 'utf8') === page) return [];
  if (!update) return [`${FILE} is out of date: npm run check -- --only man --update-man writes it`];
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, page);
  return [];
}
