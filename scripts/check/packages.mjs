// What npm would hand out: packed, looked into, linted, installed into an empty folder, and run on every runtime that
// is asked for.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledImage } from '../bundled-image.mjs';
import { cache, pnpm, publishedPackages, root, run, tool } from '../workspace.mjs';
import { bundleProblems } from './bundles.mjs';
import { contentProblems, filesOf } from './tarballs.mjs';

/** What an installation of `deadbox` may take, all that it depends on included. */
const INSTALLED_BYTES = 5_000_000;
const INSTALLED_PACKAGES = 8;

/**
 * Each runtime by the package of npm that brings it. The first is quick to fetch and always run; DEADBOX_RUNTIMES=all
 * runs every one.
 */
const RUNTIMES = {
  'node@24': ['node'],
  'node@20': ['node'],
  'node@22': ['node'],
  'node@26': ['node'],
  'bun@1': ['bun'],
  'deno@2': ['deno', 'run', '--allow-all'],
};

/** Packs every published package; `workspace:` ranges become versions. Returns the tarballs' paths. */
export function pack(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { status, stdout, stderr } = run(
    'npx',
    ['-y', pnpm, '-r', '--filter', './packages/*', 'pack', '--pack-destination', folder],
    {
      capture: true,
    },
  );
  if (status !== 0) throw new Error(`pnpm pack failed\n${stdout}${stderr}`);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => join(folder, name));
}

function lint(tarball) {
  const gates = [
    ['publint', 'run', tarball, '--strict'],
    // ESM only: what CommonJS would see is no question here.
    ['attw', tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'],
  ];
  return gates.flatMap(([name, ...args]) => {
    const { status, stdout, stderr } = run(tool(name), args, { capture: true });
    return status === 0 ? [] : [`${name} ${tarball}\n${stdout}${stderr}`.trimEnd()];
  });
}

/** Installs tarballs where nothing else is, and does something there. */
async function installed(tarballs, use) {
  const folder = mkdtempSync(join(tmpdir(), 'deadbox-smoke-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "name": "smoke", "private": true, "type": "module" }\n');
    const install = run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs], {
      capture: true,
      cwd: folder,
    });
    if (install.status !== 0) return [`npm install of the tarballs failed\n${install.stdout}${install.stderr}`];
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `deadbox` alone, as most people install it. */
function commandProblems(folder) {
  copyFileSync(bundledImage(), join(folder, 'disk.img'));
  const asked = process.env.DEADBOX_RUNTIMES ?? Object.keys(RUNTIMES)[0];
  const runtimes = asked === 'all' ? Object.keys(RUNTIMES) : asked.split(',');
  return [
    ...sizeProblems(folder),
    ...scan('this Node', folder, 'npx', ['--no-install', 'deadbox']),
    ...importing('deadbox and deadbox/node', folder, LIBRARY),
    ...runtimes.flatMap((name) =>
      scan(name, folder, 'npx', ['-y', '-p', name, ...RUNTIMES[name], 'node_modules/deadbox/bin/deadbox.js']),
    ),
  ];
}

function sizeProblems(folder) {
  const modules = join(folder, 'node_modules');
  const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const foreign = Object.keys(packages).filter((path) => path !== '' && path !== 'node_modules/deadbox');
  return [
    ...(bytes < INSTALLED_BYTES ? [] : [`an installation of deadbox takes ${bytes} bytes`]),
    ...(foreign.length <= INSTALLED_PACKAGES
      ? []
      : [`deadbox brings ${foreign.length} packages: ${foreign.join(', ')}`]),
  ];
}

function scan(where, cwd, command, args) {
  const { status, stdout, stderr } = run(command, [...args, 'scan', 'disk.img', '--json'], { capture: true, cwd });
  const verdict = stdout.startsWith('{') ? JSON.parse(stdout).images?.[0]?.verdict : undefined;
  return status === 1 && verdict === 'faulty'
    ? []
    : [`deadbox scan on ${where}: exit code ${status}, verdict ${verdict}\n${stdout.slice(0, 500)}${stderr}`];
}

const LIBRARY = `import { scanDisk } from 'deadbox'; import { openPath } from 'deadbox/node';
  const disk = await openPath('disk.img');
  const { verdict } = await scanDisk(disk);
  await disk.close();
  if (verdict !== 'faulty') throw new Error('the library says ' + verdict);`;

function importing(what, cwd, code) {
  const { status, stderr } = run(process.execPath, ['--input-type=module', '-e', code], { capture: true, cwd });
  return status === 0 ? [] : [`${what}, installed, does not load\n${stderr}`];
}

/**
 * Every entry point of every package loads by name, without our sources' condition and without the optional packages.
 */
async function partProblems(folder) {
  const specifiers = publishedPackages()
    .filter(({ manifest }) => manifest.private !== true)
    .flatMap(({ manifest }) =>
      Object.entries(manifest.exports)
        .filter(([path, to]) => typeof to === 'object' && `${manifest.name}${path.slice(1)}` !== OPTIONAL)
        .map(([path]) => `${manifest.name}${path.slice(1)}`),
    );
  const code = `for (const name of ${JSON.stringify(specifiers)})
    if (Object.keys(await import(name)).length === 0) throw new Error(name + ' exports nothing');`;
  return [...importing(specifiers.join(', '), folder, code), ...(await bundleProblems(folder, bundlersAsked()))];
}

/** Bundlers beside those that are always tried: DEADBOX_BUNDLERS names `bun`, `vite`, `webpack` or `all`. */
const bundlersAsked = () =>
  process.env.DEADBOX_RUNTIMES === 'all' ? ['all'] : (process.env.DEADBOX_BUNDLERS ?? '').split(',');

/** What reads rule files wants `yaml` and `zod` beside it. */
const OPTIONAL = '@deadbox/triage/rule-file';

/** Problems with the tarballs. */
export async function checkPackages() {
  const tarballs = pack(join(cache, 'pack'));
  const expected = publishedPackages().filter(({ manifest }) => manifest.private !== true).length;
  const missing = tarballs.length === expected ? [] : [`${tarballs.length} tarballs for ${expected} packages`];
  const licence = readFileSync(join(root, 'LICENSE'), 'utf8');
  const command = tarballs.filter((path) => /[\\/]deadbox-\d[^\\/]*$/.test(path));
  return [
    ...missing,
    ...tarballs.flatMap((tarball) => contentProblems(filesOf(tarball), licence)),
    ...tarballs.flatMap(lint),
    ...(await installed(command, commandProblems)),
    ...(await installed(tarballs, partProblems)),
  ];
}
