// What a page gets: the installed library through esbuild, Rolldown, Vite, webpack and Bun, without a module of Node,
// within the sizes of bundle-sizes.json.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as esbuild } from 'esbuild';
import { rolldown } from 'rolldown';
import { root, run } from '../workspace.mjs';

/**
 * Bytes, minified: of all files for `deadbox`, of what one format needs for the others. A tenth more than measured is
 * allowed.
 */
const SIZES = JSON.parse(readFileSync(join(root, 'scripts/check/bundle-sizes.json'), 'utf8'));

const ENTRIES = {
  deadbox: "import { openDisk, scanDisk } from 'deadbox'; globalThis.deadbox = { openDisk, scanDisk };",
  'one-format': `import { openWithFormats, vhdxFormat } from '@deadbox/image';
    globalThis.open = (source) => openWithFormats(source, [vhdxFormat]);`,
};

/** Runs a command of packages that are fetched for it. */
function npx(packages, command, cwd) {
  const { status, stdout, stderr } = run('npx', ['-y', ...packages.flatMap((name) => ['-p', name]), ...command], {
    capture: true,
    cwd,
  });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
}

/** These are fetched, or take long: only where they are asked for. */
const ON_DEMAND = ['bun', 'vite', 'webpack'];

const bundlers = {
  async esbuild(entry, out) {
    // One file: with `splitting` esbuild also writes files that nothing loads, for dynamic imports in code that it
    // leaves out.
    const options = { bundle: true, minify: true, format: 'esm', platform: 'browser', metafile: true };
    const { metafile } = await esbuild({ ...options, entryPoints: [entry], outdir: out, logLevel: 'silent' });
    return Object.values(metafile.outputs).flatMap(({ inputs }) =>
      Object.keys(inputs).filter((path) => inputs[path].bytesInOutput > 0),
    );
  },
  async rolldown(entry, out) {
    const bundler = await rolldown({ input: entry, platform: 'browser' });
    const { output } = await bundler.write({ dir: out, format: 'esm', minify: true });
    await bundler.close();
    return output.flatMap(({ modules }) =>
      Object.keys(modules ?? {}).filter((path) => modules[path].renderedLength > 0),
    );
  },
  async vite(entry, out) {
    // The page's own.
    const { resolve } = createRequire(join(root, 'examples/browser/package.json'));
    const { build } = await import(pathToFileURL(resolve('vite')).href);
    const options = { outDir: out, target: 'es2022', rolldownOptions: { input: entry }, emptyOutDir: true };
    await build({ configFile: false, logLevel: 'silent', build: options });
  },
  webpack(entry, out, folder) {
    const args = [
      '--mode',
      'production',
      '--target',
      'web',
      '--target',
      'es2022',
      '--entry',
      entry,
      '--output-path',
      out,
    ];
    npx(['webpack@5', 'webpack-cli@6'], ['webpack', ...args], folder);
  },
  bun(entry, out, folder) {
    npx(['bun@1'], ['bun', 'build', entry, '--target=browser', '--splitting', '--minify', `--outdir=${out}`], folder);
  },
};

/** The folders of container formats in `@deadbox/image`, from what went into a bundle. */
function formatsAmong(paths) {
  const formats = paths.flatMap((path) => /@deadbox[\\/]image[\\/]dist[\\/]([a-z0-9]+)[\\/]/.exec(path)?.[1] ?? []);
  return [...new Set(formats)].filter((folder) => FORMATS.includes(folder));
}
const FORMATS = ['ewf', 'ova', 'parallels', 'qcow', 'qcow2', 'vdi', 'vhd', 'vmdk'];

async function problemsOf(bundler, name, folder) {
  const out = join(folder, 'out', `${name}-${bundler}`);
  let inputs;
  try {
    inputs = await bundlers[bundler](join(folder, `${name}.js`), out, folder);
  } catch (error) {
    return [`${bundler} cannot bundle ${name}: ${error.message}`];
  }
  const files = readdirSync(out, { recursive: true }).filter((file) => file.endsWith('.js'));
  const code = files.map((file) => readFileSync(join(out, file), 'utf8')).join('\n');
  const limit = Math.round(SIZES[name][bundler] * 1.1);
  return [
    ...(/(?:from|import|require)\s*\(?\s*["'`]node:/.test(code)
      ? [`${bundler}: ${name} imports a module of Node`]
      : []),
    ...(code.length > limit ? [`${bundler}: ${name} has ${code.length} bytes; ${limit} are allowed`] : []),
    ...(name === 'one-format' ? formatsAmong(inputs ?? []) : []).map(
      (format) => `${bundler}: ${name} holds ${format}, which nobody asked for`,
    ),
  ];
}

/**
 * Problems with the bundles of the packages that are installed in `folder`; `asked` may name more bundlers, or `all`.
 */
export async function bundleProblems(folder, asked) {
  mkdirSync(join(folder, 'out'), { recursive: true });
  const problems = [];
  for (const [name, code] of Object.entries(ENTRIES)) {
    writeFileSync(join(folder, `${name}.js`), code);
    for (const bundler of Object.keys(bundlers).filter(
      (each) => asked.includes('all') || asked.includes(each) || !ON_DEMAND.includes(each),
    ))
      problems.push(...(await problemsOf(bundler, name, folder)));
  }
  return problems;
}
