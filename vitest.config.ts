import { defineConfig } from 'vitest/config';

// Workspace packages resolve to their src, so that nobody tests a stale build.
const conditions = ['deadbox-source', 'node', 'import', 'default'];
const ALL = ['tests/**/*.test.ts', 'examples/**/*.test.ts'];
/** What `--exclude` of the command line names: the projects below do not hear it otherwise. */
const excluded = process.argv.flatMap((argument, at) =>
  argument === '--exclude' ? process.argv.slice(at + 1, at + 2) : [],
);
const exclude = ['**/node_modules/**', 'tests/bench/**', ...excluded];

/** Tests that only call functions share a process, and load the packages once: a process of its own costs each file 0.4 s. */
const TOGETHER = [
  'core',
  'image',
  'partitions',
  'encryption',
  'ntfs',
  'fat',
  'disk',
  'windows',
  'triage',
  'report',
  'repair',
  'cli',
  'differential',
  'generator',
].map((name) => `tests/${name}/**/*.test.ts`);
/** These replace modules, or measure the process. */
const ALONE = [
  'tests/core/sources/windows-device.test.ts',
  'tests/encryption/bitlocker/many-protectors.test.ts',
  'tests/encryption/bitlocker/web-crypto.test.ts',
  'tests/image/compression/inflate.test.ts',
  'tests/cli/cost.test.ts',
  'tests/cli/hash-budget.test.ts',
];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions }, noExternal: [/^@deadbox\//, 'deadbox'] },
  test: {
    testTimeout: 60_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'together', isolate: false, include: TOGETHER, exclude: [...exclude, ...ALONE] } },
      { extends: true, test: { name: 'alone', include: ALL, exclude: [...exclude, ...TOGETHER] } },
      { extends: true, test: { name: 'measuring', include: ALONE, exclude } },
    ],
  },
});
