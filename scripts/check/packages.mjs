// What npm would hand out: packed, linted, installed into an empty folder, and run on Node 20 and 24.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledImage } from '../bundled-image.mjs';
import { cache, pnpm, publishedPackages, run, tool } from '../workspace.mjs';

/** Packs every published package; `workspace:` ranges become versions. Returns the tarballs' paths. */
function pack(folder) {
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

/** Installs the tarballs where nothing else is, and scans a disk there as a user would. */
function smoke(tarballs) {
  const folder = mkdtempSync(join(tmpdir(), 'deadbox-smoke-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "name": "smoke", "private": true, "type": "module" }\n');
    copyFileSync(bundledImage(), join(folder, 'disk.img'));
    const install = run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs], {
      capture: true,
      cwd: folder,
    });
    if (install.status !== 0) return [`npm install of the tarballs failed\n${install.stdout}${install.stderr}`];
    return [
      ...scan('this Node', folder, 'npx', ['--no-install', 'deadbox']),
      ...scan('Node 24', folder, 'npx', ['-y', '-p', 'node@24', 'node', 'node_modules/deadbox/bin/deadbox.js']),
      ...library(folder),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function scan(where, cwd, command, args) {
  const { status, stdout, stderr } = run(command, [...args, 'scan', 'disk.img', '--json'], { capture: true, cwd });
  const verdict = stdout.startsWith('{') ? JSON.parse(stdout).images?.[0]?.verdict : undefined;
  return status === 1 && verdict === 'faulty'
    ? []
    : [`deadbox scan on ${where}: exit code ${status}, verdict ${verdict}\n${stdout.slice(0, 500)}${stderr}`];
}

/** The published entry points load by name, without our sources' condition. */
function library(cwd) {
  const code = `import * as deadbox from 'deadbox'; import * as node from 'deadbox/node';
    if (typeof deadbox.openDisk !== 'function') throw new Error('deadbox does not export openDisk');
    if (Object.keys(node).length === 0) throw new Error('deadbox/node exports nothing');`;
  const { status, stderr } = run(process.execPath, ['--input-type=module', '-e', code], { capture: true, cwd });
  return status === 0 ? [] : [`the installed library does not load\n${stderr}`];
}

/** Problems with the tarballs. */
export function checkPackages() {
  const tarballs = pack(join(cache, 'pack'));
  const expected = publishedPackages().filter(({ manifest }) => manifest.private !== true).length;
  const missing = tarballs.length === expected ? [] : [`${tarballs.length} tarballs for ${expected} packages`];
  return [...missing, ...tarballs.flatMap(lint), ...smoke(tarballs)];
}
