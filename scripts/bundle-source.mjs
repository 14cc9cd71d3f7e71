// One file of the tests that Node runs as it is: TypeScript, with the packages' sources bundled in.
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cache, root } from './workspace.mjs';

/**
 * Bundles `file` for Node and gives the bundle's path; it is removed when this process ends.
 * @param name - folder below `.cache`
 * @param dirname - what `import.meta.dirname` says in the bundle, which stands elsewhere than its sources
 */
export async function bundleSource(file, name, dirname) {
  // The bundler is installed by the time this is called.
  const { build } = await import('esbuild');
  const target = join(cache, name, `${basename(file, '.ts')}-${process.pid}.mjs`);
  mkdirSync(join(cache, name), { recursive: true });
  process.on('exit', () => rmSync(target, { force: true }));
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
    // It looks for files beside itself.
    external: ['playwright-core'],
    plugins: [withoutVitest],
    define: { 'import.meta.dirname': JSON.stringify(dirname) },
    banner: {
      js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
    },
  });
  return target;
}

/** Support of the tests imports vitest, for what only tests call. */
const withoutVitest = {
  name: 'no-vitest',
  setup(plugins) {
    plugins.onResolve({ filter: /^vitest$/ }, () => ({ path: 'vitest', namespace: 'none' }));
    plugins.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {};' }));
  },
};
