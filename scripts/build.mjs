// npm run build: installs, compiles every package with tsc, bundles the command line.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { directImports } from './direct-imports.mjs';
import { ensureInstalled } from './install.mjs';
import { cache, exitUnlessOk, filesBelow, publishedPackages, root, run, stampOf, tool } from './workspace.mjs';

const stampFile = join(cache, 'build.stamp');
const bundle = join(root, 'packages/cli/dist/bundle');

/** What a build depends on. */
function inputs() {
  const sources = filesBelow(join(root, 'packages'), (path) => /\.(ts|json|js)$/.test(path));
  return [
    ...sources,
    ...['tsconfig.json', 'tsconfig.base.json', 'pnpm-lock.yaml', 'scripts/build.mjs', 'scripts/direct-imports.mjs'].map((name) =>
      join(root, name),
    ),
  ];
}

/**
 * One chunk a verb: dynamic imports become files of their own, so that a start reads only what its verb needs.
 * Sources come through the `deadbox-source` condition; `node` picks the Node side of private imports.
 */
async function bundleCommandLine() {
  const esbuild = await import('esbuild');
  const fresh = `${bundle}.${process.pid}`;
  const { metafile } = await esbuild.build({
    metafile: true,
    absWorkingDir: root,
    entryPoints: { main: 'packages/cli/src/main.node.ts' },
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Half the bytes to read and scan at every start.
    minify: true,
    conditions: ['deadbox-source'],
    plugins: [directImports()],
    chunkNames: '[name]-[hash]',
    legalComments: 'eof',
    logLevel: 'warning',
    // commander is CommonJS and requires Node's own modules by name.
    banner: { js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);" },
  });
  writeFileSync(join(fresh, 'LICENSES.txt'), licencesOf(Object.keys(metafile.inputs)));
  rmSync(bundle, { recursive: true, force: true });
  renameSync(fresh, bundle);
}

/** Name, version and licence text of every foreign package that went into the bundle: their licences ask for it. */
function licencesOf(files) {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[sc]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence file, and goes into the bundle`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** Removes what tsc made from sources that are gone: it would be packed and published. */
function pruneOutputs() {
  for (const { folder } of publishedPackages()) {
    const dist = join(folder, 'dist');
    if (!existsSync(dist)) continue;
    for (const path of readdirSync(dist, { recursive: true })) {
      const match = /^(.*?)\.(?:d\.ts|js)(?:\.map)?$/.exec(path);
      if (match === null || path.startsWith('bundle')) continue;
      if (!existsSync(join(folder, 'src', `${match[1]}.ts`))) rmSync(join(dist, path));
    }
  }
}

/** Compiles and bundles, whether stale or not (tsc itself skips what is up to date). */
export async function build() {
  ensureInstalled();
  const stamp = stampOf(inputs());
  exitUnlessOk(run(tool('tsc'), ['-b'], { toStderr: true }));
  pruneOutputs();
  await bundleCommandLine();
  mkdirSync(cache, { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** Builds only when a source changed since the last build. */
export async function ensureBuilt() {
  ensureInstalled();
  const fresh = existsSync(join(bundle, 'main.js')) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stampOf(inputs());
  if (fresh) return;
  process.stderr.write('Building\n');
  await build();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await build();
