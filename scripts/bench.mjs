// npm run bench [-- NAME [arguments]]: runs tests/bench/NAME*.bench.ts, or lists what there is.
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { cache, filesBelow, helpIfAsked, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

const [name, ...rest] = process.argv.slice(2);
const all = filesBelow(join(root, 'tests/bench'), (path) => /\.bench\.(ts|mjs)$/.test(path));
const chosen = all.filter((path) => name !== undefined && basename(path).startsWith(name));
if (chosen.length === 0) {
  const names = all.map((path) => `  ${basename(path).replace(/\.bench\.(ts|mjs)$/, '')}\n`).join('');
  process.stderr.write(
    `${name === undefined ? 'Which benchmark?' : `No benchmark is called ${name}.`} There are:\n${names}`,
  );
  process.exit(2);
}
await ensureBuilt();
let worst = 0;
for (const file of chosen)
  worst = Math.max(worst, run(process.execPath, ['--expose-gc', await runnable(file), ...rest]).status);
process.exit(worst);

/** A file that Node runs as it is: TypeScript is bundled with the packages' sources first. */
async function runnable(file) {
  if (file.endsWith('.mjs')) return file;
  const { build } = await import('esbuild');
  const target = join(cache, 'bench', `${basename(file, '.ts')}.mjs`);
  mkdirSync(join(cache, 'bench'), { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: [file],
    outfile: target,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['deadbox-source'],
    logLevel: 'warning',
    // It reads files beside itself.
    external: ['playwright-core'],
    // The bundle stands elsewhere than its source: paths are meant from the source.
    define: { 'import.meta.dirname': JSON.stringify(join(root, 'tests/bench')) },
    banner: {
      js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
    },
  });
  return target;
}
