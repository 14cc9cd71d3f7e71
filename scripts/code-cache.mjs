// Keeps compiled code beside the bundle, so that a start with the same Node does not compile it again. Not published:
// other engines cannot take it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bundledImage } from './bundled-image.mjs';
import { root } from './workspace.mjs';

/** Runs the common verbs, each of which has the code that it needed kept; a second run of a verb adds to it. */
export function keepCompiledCode() {
  keepFunctions();
  const image = bundledImage();
  const runs = [
    ['scan', image],
    ['scan', '--json', image],
    ['scan', '--quick', '--json', image],
    ['info', image],
    ['ls', '-r', image],
    ['ls', '-r', '--json', image],
    ['timeline', image],
    ['timeline', '--format', 'bodyfile', image],
    ['reg', '-r', '--ndjson', image, 'SYSTEM'],
  ];
  // Of the last of them is kept all that it needs.
  const workers = ['full', 'quick'].map((mode) => ['scripts/keep-worker-code.mjs', image, mode]);
  for (const [script, ...args] of [...runs.map((run) => ['scripts/keep-code.cjs', ...run]), ...workers]) {
    // A scan that finds something ends with 1, as a crash does, but prints no stack.
    const { stderr } = spawnSync(process.execPath, [join(root, script), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (stderr !== '') throw new Error(`the built command line fails:\n${stderr}`);
  }
}

/**
 * The bundle's files as functions of what a script does not have of itself. Put together at a start, they would lie in
 * memory twice, which alone makes the engine collect garbage once more.
 */
function keepFunctions() {
  const { CODE_CACHE } = createRequire(import.meta.url)('../packages/cli/bin/load-bundle.js');
  const bundle = join(root, 'packages/cli/dist/bundle');
  const folder = join(bundle, CODE_CACHE);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(bundle).filter((file) => file.endsWith('.cjs'))) {
    const code = readFileSync(join(bundle, name), 'utf8');
    writeFileSync(join(folder, name), `(function (exports, require, __filename) {${code}\n})`);
  }
}
