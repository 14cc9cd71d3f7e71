import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';

const root = process.cwd();
const home = join(root, '.cache/mutation');
const listOf = (name: string): string[] => (process.env[name] ?? '').split(',').filter((path) => path !== '');
const conditions = ['deadbox-source', 'node', 'import', 'default'];

/** What is used of Stryker's instrumenter, which scripts/mutation.mjs installs. */
interface Instrumenter {
  instrument(
    files: readonly { name: string; content: string; mutate: true }[],
    options: { plugins: null; ignorers: []; excludedMutations: readonly string[] },
  ): Promise<{ files: readonly { name: string; content: string }[]; mutants: readonly { fileName: string }[] }>;
}

/** Gives the files of the part with every change in them, none of which is on; the list of changes goes to the cache. */
async function mutated(): Promise<Plugin> {
  const index = join(home, 'node_modules/@stryker-mutator/instrumenter/dist/src/index.js');
  const { Instrumenter } = await import(pathToFileURL(index).href);
  const logger = { debug: () => undefined, info: () => undefined, isDebugEnabled: () => false };
  const instrumenter: Instrumenter = new Instrumenter(logger);
  const { files, mutants } = await instrumenter.instrument(
    listOf('DEADBOX_MUTATED_FILES').map((path) => {
      const name = join(root, path);
      return { name, content: readFileSync(name, 'utf8'), mutate: true };
    }),
    // What a message or a word is, tests of words judge; a changed one says nothing of the judgement.
    { plugins: null, ignorers: [], excludedMutations: ['StringLiteral', 'ObjectLiteral'] },
  );
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'mutants.json'), JSON.stringify(mutants));
  const contents = new Map(files.map(({ name, content }) => [name, content]));
  return { name: 'mutated', enforce: 'pre', load: (id) => contents.get(id.split('?')[0]) };
}

/** The tests of the part, in one process, by the runner that turns the changes on. */
export default defineConfig({
  plugins: [mutated()],
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions }, noExternal: [/^@deadbox\//, 'deadbox'] },
  test: {
    root,
    include: listOf('DEADBOX_MUTATED_TESTS'),
    runner: join(root, 'tests/mutation/runner.ts'),
    testTimeout: 10_000,
    pool: 'forks',
    maxWorkers: 1,
    isolate: false,
  },
});
