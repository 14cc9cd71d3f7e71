// Bundles the command line, so that a start reads and compiles few files, and in them only what its verb needs.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const target = join(root, 'packages/cli/dist/bundle');
/**
 * What is loaded together, in the order in which a scan needs it, each named by the modules that it begins with: what every start loads; what opens
 * an image, with the format that most images are of (a raw disk is also what every other format is asked for last); what judges files; and what
 * a scan that is not quick reads besides.
 */
const STEPS = [
  { name: 'program', from: ['packages/cli/src/main.node.ts'] },
  { name: 'disk', from: ['packages/cli/src/input/open-target.node.ts', 'packages/image/src/raw/open.ts'] },
  { name: 'scan', from: ['packages/cli/src/verbs/scan.node.ts'] },
  {
    name: 'full-scan',
    from: ['packages/triage/src/scan/full-scan.ts', 'packages/triage/src/obstacles/obstacles-of-files.ts'],
  },
];

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
 * that share it; each costs a start about a millisecond, as much as 18 KB of code do. So what a step always takes goes into one file.
 */
export async function bundleCommandLine() {
  const { rolldown } = await import('rolldown');
  const bundler = await rolldown(input);
  try {
    const groups = groupsOf((await bundler.generate(output)).output);
    const fresh = `${target}.${process.pid}`;
    const written = await bundler.write({ ...output, dir: fresh, codeSplitting: { groups } });
    const modules = written.output.flatMap((chunk) => chunk.moduleIds ?? []);
    writeFileSync(join(fresh, 'LICENSES.txt'), licencesOf(modules));
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } finally {
    await bundler.close();
  }
}

/** The modules that each step loads besides those of the steps before it, as groups for the bundler. */
function groupsOf(files) {
  const chunks = files.filter(({ type }) => type === 'chunk');
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const loadedWith = (name, found) => {
    if (!byName.has(name) || found.has(name)) return found;
    found.add(name);
    for (const next of byName.get(name).imports) loadedWith(next, found);
    return found;
  };
  const chunkOf = (source) => {
    const found = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.replaceAll('\\', '/').endsWith(source)));
    if (found === undefined) throw new Error(`${source} is in no file of the bundle`);
    return found.fileName;
  };
  const taken = new Set();
  return STEPS.map(({ name, from }) => {
    const loaded = from.reduce((found, source) => loadedWith(chunkOf(source), found), new Set());
    // Entries stay files of their own: the bundler names them.
    const modules = [...loaded]
      .filter((file) => !byName.get(file).isEntry)
      .flatMap((file) => byName.get(file).moduleIds);
    const own = new Set(modules.filter((id) => !taken.has(id)));
    for (const id of own) taken.add(id);
    return { name, test: (id) => own.has(id) };
  });
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
