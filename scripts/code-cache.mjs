// Keeps compiled code beside the bundle, so that a start with the same Node does not compile it again. Not published:
// other engines cannot take it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundledImage } from './bundled-image.mjs';
import { root } from './workspace.mjs';

/** Runs the common verbs, each of which adds the code that it needed. */
export function keepCompiledCode() {
  const image = bundledImage();
  const runs = [
    ['--version'],
    ['scan', image],
    ['scan', '--quick', '--json', image],
    ['info', image],
    ['ls', '-r', image],
    ['timeline', image],
  ];
  // Quick scans are made by the hundred, so their code is added last: what is kept of it is all that it needs.
  for (const args of runs) {
    // A scan that finds something ends with 1, as a crash does, but prints no stack.
    const { stderr } = spawnSync(process.execPath, [join(root, 'scripts/keep-code.cjs'), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (stderr !== '') throw new Error(`the built command line fails:\n${stderr}`);
  }
}
