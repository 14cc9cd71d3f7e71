// npm run flips [-- --image NAME] [--mode quick,full,deep] [--bits every|one] [--step N] [--first N] [--only TEXT]
// [--no-settle]
//
// Changes every byte of the structures on the way to the faulty file of the bundled disks, and names each change after
// which a scan says that all is well. Where the files alone still condemn the disk, no mode is run, since none can take
// that back; with --no-settle each is.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { argumentsAsked, cache, helpIfAsked, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

argumentsAsked({
  numbers: ['step'],
  counts: ['first'],
  lists: { bits: ['every', 'one'] },
  options: {
    ...Object.fromEntries(['image', 'mode', 'bits', 'step', 'first', 'only'].map((name) => [name, { type: 'string' }])),
    'no-settle': { type: 'boolean' },
  },
});
const target = join(cache, 'flips', 'run.mjs');
mkdirSync(join(cache, 'flips'), { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: [join(root, 'tests/flips/run.ts')],
  outfile: target,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['deadbox-source'],
  logLevel: 'warning',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
process.exit(run(process.execPath, [target, ...process.argv.slice(2)]).status);
