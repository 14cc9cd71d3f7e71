// npm run build: installs, compiles every package with tsc, bundles what `deadbox` ships.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { keepCompiledCode } from './code-cache.mjs';
import { ensureInstalled } from './install.mjs';
import { foldersOf, thirdPartyText } from './release/third-party.mjs';
import {
  cache,
  exitUnlessOk,
  filesBelow,
  helpIfAsked,
  publishedPackages,
  root,
  run,
  stampOf,
  tool,
} from './workspace.mjs';

helpIfAsked(import.meta.url);

const stampFile = join(cache, 'build.stamp');
const bundle = join(root, 'packages/cli/dist/bundle');
/** The page that `deadbox page` writes, packed. */
export const packedPage = join(root, 'packages/cli/dist/page/deadbox.html.br');
const thirdParty = join(root, 'packages/cli/dist/THIRD-PARTY.txt');

/** What a build depends on. */
function inputs() {
  const sources = filesBelow(join(root, 'packages'), (path) => /\.(ts|json|js)$/.test(path));
  const page = filesBelow(join(root, 'examples/browser'), (path) => /\.(ts|css|js|mjs)$/.test(path));
  return [
    ...sources,
    ...page,
    ...[
      'tsconfig.json',
      'tsconfig.base.json',
      'pnpm-lock.yaml',
      'scripts/build.mjs',
      'scripts/bundle.mjs',
      'scripts/ship-types.mjs',
      'scripts/to-script.mjs',
      'scripts/release/third-party.mjs',
      'scripts/keep-code.cjs',
    ].map((name) => join(root, name)),
  ];
}

/** Removes what tsc made from sources that are gone: it would be packed and published. */
function pruneOutputs() {
  for (const { folder } of publishedPackages()) {
    const dist = join(folder, 'dist');
    if (!existsSync(dist)) continue;
    for (const path of readdirSync(dist, { recursive: true })) {
      const match = /^(.*?)\.(?:d\.ts|js)(?:\.map)?$/.exec(path);
      if (match === null || /^(bundle|page|web|types)\b/.test(path)) continue;
      if (!existsSync(join(folder, 'src', `${match[1]}.ts`))) rmSync(join(dist, path));
    }
  }
}

/** Page and worker hold the same code: a window of 16 MiB sees both, a sixth is saved. */
const WIDE = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS },
};

/** Packs the page for `deadbox page`. Returns the modules in it. */
async function writePage() {
  const { buildPage } = await import('../examples/browser/build.mjs');
  const { page, modules } = await buildPage();
  rmSync(dirname(packedPage), { recursive: true, force: true });
  mkdirSync(dirname(packedPage), { recursive: true });
  writeFileSync(packedPage, brotliCompressSync(page, WIDE));
  return modules;
}

/** Compiles and bundles, whether stale or not (tsc itself skips what is up to date). */
export async function build() {
  ensureInstalled();
  const stamp = stampOf(inputs());
  exitUnlessOk(run(tool('tsc'), ['-b'], { toStderr: true }));
  pruneOutputs();
  // What the bundler imports is there only now, on a fresh clone.
  const bundled = await (await import('./bundle.mjs')).bundleDeadbox();
  const inPage = await writePage();
  writeFileSync(thirdParty, thirdPartyText(foldersOf([...bundled, ...inPage])));
  keepCompiledCode();
  mkdirSync(cache, { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** Builds only when a source changed since the last build. */
export async function ensureBuilt() {
  ensureInstalled();
  const fresh =
    existsSync(join(bundle, 'main.cjs')) &&
    existsSync(thirdParty) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stampOf(inputs());
  if (fresh) return;
  process.stderr.write('Building\n');
  await build();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await build();
