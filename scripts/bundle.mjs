// Bundles the command line, so that a start reads and compiles few files, and in them only what its verb needs.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const target = join(root, 'packages/cli/dist/bundle');
/** Whatever opens an image begins here. */
const OPENING = 'packages/cli/src/input/open-target.node.ts';
const RAW = 'packages/image/src/raw/open.ts';

/** Sources come through the condition `deadbox-source`; `node` picks the Node side of private imports. */
const input = {
  cwd: root,
  input: { main: 'packages/cli/src/main.node.ts' },
  platform: 'node',
  resolve: { conditionNames: ['deadbox-source', 'node', 'import'] },
  treeshake: { moduleSideEffects: false },
  plugins: [withoutChildProcess()],
};

/** Half the bytes to read and scan at every start. */
const output = { format: 'esm', minify: true, chunkFileNames: '[name]-[hash].js' };

/**
 * Every dynamic import becomes a file of its own. What they share, the bundler would put into dozens of small files, one for each set of those
 * that share it; each costs a start more than its bytes. So all that opening an image always takes goes into one.
 */
export async function bundleCommandLine() {
  const { rolldown } = await import('rolldown');
  const bundler = await rolldown(input);
  try {
    const { program, always } = modulesOf((await bundler.generate(output)).output);
    const fresh = `${target}.${process.pid}`;
    const groups = [
      { name: 'program', test: (id) => program.has(id) },
      { name: 'disk', test: (id) => always.has(id) },
    ];
    const written = await bundler.write({ ...output, dir: fresh, codeSplitting: { groups } });
    const modules = written.output.flatMap((chunk) => chunk.moduleIds ?? []);
    writeFileSync(join(fresh, 'LICENSES.txt'), licencesOf(modules));
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } finally {
    await bundler.close();
  }
}

/**
 * What every start loads, and what is loaded besides with the module that opens images and with the format that most images are of: a raw
 * disk is also what every other format is asked for last.
 */
function modulesOf(chunks) {
  const byName = new Map(chunks.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
  const loadedWith = (name, found = new Set()) => {
    if (!byName.has(name) || found.has(name)) return found;
    found.add(name);
    for (const next of byName.get(name).imports) loadedWith(next, found);
    return found;
  };
  const chunkOf = (source) => {
    const found = [...byName.values()].find(({ moduleIds }) =>
      moduleIds.some((id) => id.replaceAll('\\', '/').endsWith(source)),
    );
    if (found === undefined) throw new Error(`${source} is in no file of the bundle`);
    return found.fileName;
  };
  const modulesIn = (names) => new Set(names.flatMap((name) => byName.get(name).moduleIds));
  const program = loadedWith('main.js');
  const opening = new Set([...loadedWith(chunkOf(OPENING)), ...loadedWith(chunkOf(RAW))]);
  return {
    program: modulesIn([...program].filter((name) => name !== 'main.js')),
    always: modulesIn([...opening].filter((name) => !program.has(name))),
  };
}

/** commander loads what starts programs, for verbs that are programs of their own; there are none here. */
function withoutChildProcess() {
  const empty = '\0no-child-process';
  return {
    name: 'without-child-process',
    resolveId: (id, importer) =>
      id === 'node:child_process' && /[\\/]commander[\\/]/.test(importer ?? '') ? empty : null,
    load: (id) => (id === empty ? 'module.exports = {};' : null),
  };
}

/** Name, version and licence text of every foreign package that went into the bundle: their licences ask for it. */
function licencesOf(files) {
  const folders = new Set(
    files.flatMap((file) => /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(file)?.[0] ?? []),
  );
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence file, and goes into the bundle`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
