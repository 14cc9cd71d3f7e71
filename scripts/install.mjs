// node scripts/install.mjs: installs the development tools when they are missing or older than the lock file.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exitUnlessOk, helpIfAsked, pnpm, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

const [major, minor] = process.versions.node.split('.').map(Number);

/** Stops with a sentence when this Node is too old for the tools. */
function checkNode() {
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(`deadbox needs Node 20.19 or newer; this is ${process.version}\n`);
  process.exit(2);
}

/** pnpm keeps a copy of the lock file that it installed. */
function isInstalled() {
  const installed = join(root, 'node_modules/.pnpm/lock.yaml');
  if (!existsSync(installed) || !existsSync(join(root, 'node_modules/.bin'))) return false;
  const wanted = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  if (readFileSync(installed, 'utf8') === wanted) return true;
  // pnpm may leave out what this platform does not need; then our own copy says that the install was made.
  const own = join(root, 'node_modules/.deadbox-lock.yaml');
  return existsSync(own) && readFileSync(own, 'utf8') === wanted;
}

/** Makes sure that node_modules is what the lock file says. Needs only Node and npm. */
export function ensureInstalled() {
  checkNode();
  if (isInstalled()) return;
  process.stderr.write(`Installing with ${pnpm} (once)\n`);
  // CI=true: pnpm must not ask before it replaces a stale node_modules. Its output goes to stderr: stdout is for
  // results.
  exitUnlessOk(
    run('npx', ['-y', pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'], {
      env: { CI: 'true' },
      toStderr: true,
    }),
  );
  writeFileSync(join(root, 'node_modules/.deadbox-lock.yaml'), readFileSync(join(root, 'pnpm-lock.yaml')));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) ensureInstalled();
