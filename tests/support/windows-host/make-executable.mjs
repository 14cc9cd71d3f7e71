// node make-executable.mjs NODE.EXE OUT.EXE: the executable for Windows, made of the given node.exe of Node 22. The
// Node that released executables are made of needs more of Windows than Wine 8 has; all but Node is the same in both.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundleScripts } from '../../../scripts/executable/bundle.mjs';
import { root, run } from '../../../scripts/workspace.mjs';

/** What marks the place in every Node: https://nodejs.org/docs/latest-v22.x/api/single-executable-applications.html */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const [node, out] = process.argv.slice(2).map((path) => resolve(path));
const folder = mkdtempSync(join(tmpdir(), 'deadbox-executable-'));

function npx(packages, ...command) {
  const { status } = run('npx', ['-y', ...packages.flatMap((name) => ['-p', name]), ...command], { toStderr: true });
  if (status !== 0) throw new Error(`${command.join(' ')} failed`);
}

const scripts = join(folder, 'scripts');
const { names } = await bundleScripts(scripts);
const config = {
  main: join(root, 'scripts/executable/loader.cjs'),
  output: join(folder, 'blob'),
  disableExperimentalSEAWarning: true,
  useCodeCache: false,
  assets: Object.fromEntries(names.map((name) => [name, join(scripts, name)])),
};
writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
npx(['node@22'], 'node', '--experimental-sea-config', join(folder, 'config.json'));
copyFileSync(node, out);
npx(['postject@1.0.0-alpha.6'], 'postject', out, 'NODE_SEA_BLOB', config.output, '--sentinel-fuse', FUSE);
rmSync(folder, { recursive: true });
