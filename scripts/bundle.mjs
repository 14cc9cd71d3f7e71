// Bundles what the package `deadbox` ships: the command line with the library for Node, so that a start reads and
// compiles few files, and in them
// only what its verb needs; and the library for browsers.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shipTypes } from './ship-types.mjs';
import { toScript } from './to-script.mjs';
import { root } from './workspace.mjs';

const dist = join(root, 'packages/cli/dist');
/**
 * Modules that a file of the bundle is named by: what opens an image, with the format that most images are of, and each
 * verb.
 */
const OPENING = ['packages/cli/src/input/open-target.node.ts', 'packages/image/src/raw/open.ts'];
const PROGRAM = 'packages/cli/src/start.node.ts';
const VERBS = 'packages/cli/src/verbs/';

/** Sources come through the condition `deadbox-source`; `node` picks the Node side of private imports. */
export const forNode = {
  cwd: root,
  input: {
    main: 'packages/cli/src/main.node.ts',
    index: 'packages/cli/src/index.ts',
    node: 'packages/cli/src/open-path.node.ts',
    worker: 'packages/cli/src/runs/worker.node.ts',
  },
  platform: 'node',
  resolve: { conditionNames: ['deadbox-source', 'node', 'import'] },
  treeshake: { moduleSideEffects: false },
  // The version would take a file of its own with it.
  optimization: { inlineConst: true },
  plugins: [withoutUnused()],
};

/** What a worker thread starts with. */
const forThreads = {
  ...forNode,
  input: { worker: 'packages/cli/node_modules/tinypool/dist/entry/worker.js' },
};

const forBrowsers = {
  ...forNode,
  input: { index: 'packages/cli/src/index.ts' },
  platform: 'browser',
  resolve: { conditionNames: ['deadbox-source', 'browser', 'import'] },
  plugins: [],
};

const files = { format: 'esm', chunkFileNames: '[name]-[hash].js' };
/** Half the bytes to read and scan at every start. */
const nodeFiles = { ...files, minify: true };
/** A page's own bundler makes names short; until then they help whoever debugs. */
const browserFiles = { ...files, minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } } };

/**
 * Everything that `deadbox` ships, from the sources; the declarations come from what the compiler made of them. Returns
 * the modules that went into it.
 */
export async function bundleDeadbox() {
  const forCommand = await bundle(
    forNode,
    join(dist, 'bundle'),
    async (bundler) => ({
      ...nodeFiles,
      codeSplitting: { groups: groupsOf((await bundler.generate(nodeFiles)).output) },
    }),
    writeScripts,
  );
  // A module: it imports what it is told to at run time. The pool looks for it in this place.
  const forPool = await bundle(forThreads, join(dist, 'bundle/entry'), () => nodeFiles);
  const forPages = await bundle(forBrowsers, join(dist, 'web'), () => browserFiles);
  shipTypes(join(dist, 'types'));
  return [...forCommand, ...forPool, ...forPages];
}

/** Writes one bundle in place of the one before. Returns the modules that went into it. */
async function bundle(input, target, outputOf, finish = () => undefined) {
  const { rolldown } = await import('rolldown');
  const bundler = await rolldown(input);
  try {
    const fresh = `${target}.${process.pid}`;
    const written = await bundler.write({ ...(await outputOf(bundler)), dir: fresh });
    finish(
      written.output.filter(({ type }) => type === 'chunk'),
      fresh,
    );
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
    return written.output.flatMap((chunk) => chunk.moduleIds ?? []);
  } finally {
    await bundler.close();
  }
}

/** A worker thread's part is loaded as the command line is, with the code that the build kept of it. */
const WORKER_EXPORTS = `import { fileURLToPath } from 'node:url';
import loader from '../../bin/load-bundle.js';
const all = loader.loadWorker(fileURLToPath(new URL('.', import.meta.url)));`;

/**
 * Scripts in place of modules: see `toScript`. Who imports the library gets a module that hands the script's exports
 * on.
 */
function writeScripts(chunks, folder) {
  for (const { fileName, name, code, isEntry, exports } of chunks) {
    const script = fileName.replace(/\.js$/, '.cjs');
    writeFileSync(join(folder, script), toScript(code));
    if (isEntry && name !== 'main') {
      const all = name === 'worker' ? WORKER_EXPORTS : `import all from './${script}';`;
      writeFileSync(join(folder, fileName), `${all}\nexport const { ${exports.join(', ')} } = all;\n`);
    } else rmSync(join(folder, fileName));
  }
}

/**
 * Every dynamic import becomes a file of its own. What they share, the bundler would put into dozens of small files,
 * one for each set of those
 * that share it; each costs a start about a millisecond, as much as 18 KB of code do. So what a step always takes goes
 * into one file.
 *
 * The groups, each without the modules of those before it: what every start but that of `--version` loads; what opens
 * an image, with what several verbs then take; and what judges files, for the verbs that do. A raw disk is also what
 * every other format is asked for last.
 */
export function groupsOf(written) {
  const chunks = written.filter(({ type }) => type === 'chunk');
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const loadedWith = (name, found = new Set()) => {
    if (!byName.has(name) || found.has(name)) return found;
    found.add(name);
    for (const next of byName.get(name).imports) loadedWith(next, found);
    return found;
  };
  const holding = (source) =>
    chunks.filter(({ moduleIds }) => moduleIds.some((id) => id.replaceAll('\\', '/').includes(source)));
  const chunkOf = (source) => {
    const [found] = holding(source);
    if (found === undefined) throw new Error(`${source} is in no file of the bundle`);
    return found.fileName;
  };
  const judging = loadedWith(chunkOf(`${VERBS}scan.node.ts`));
  const judge = chunkOf('packages/triage/src/scan/scan-disk.ts');
  const others = holding(VERBS).map(({ fileName }) => loadedWith(fileName));
  const opening = chunkOf(OPENING[0]);
  const elsewhere = new Set(
    others.filter((loaded) => loaded.has(opening) && !loaded.has(judge)).flatMap((loaded) => [...loaded]),
  );
  const groups = [
    { name: 'program', loaded: loadedWith(chunkOf(PROGRAM)) },
    {
      name: 'disk',
      loaded: [
        ...OPENING.map(chunkOf).flatMap((name) => [...loadedWith(name)]),
        ...[...judging].filter((name) => elsewhere.has(name)),
      ],
    },
    { name: 'scan', loaded: judging },
  ];
  const taken = new Set();
  return groups.map(({ name, loaded }) => {
    // The entry stays a file of its own: the bundler names it.
    const modules = [...loaded]
      .filter((file) => !byName.get(file).isEntry)
      .flatMap((file) => byName.get(file).moduleIds);
    const own = new Set(modules.filter((id) => !taken.has(id)));
    for (const id of own) taken.add(id);
    return { name, test: (id) => own.has(id) };
  });
}

/**
 * What commander would load and nothing here asks of it: help, which has pages of its own here, and what starts
 * programs, for verbs that are programs of their own.
 */
const UNUSED = {
  'node:child_process': 'module.exports = {};',
  './help.js': 'exports.Help = class {}; exports.stripColor = (text) => text;',
};

function withoutUnused() {
  const mark = '\0unused-';
  return {
    name: 'without-unused',
    resolveId: (id, importer) =>
      Object.hasOwn(UNUSED, id) && /[\\/]commander[\\/]/.test(importer ?? '') ? `${mark}${id}` : null,
    load: (id) => (id.startsWith(mark) ? UNUSED[id.slice(mark.length)] : null),
  };
}
