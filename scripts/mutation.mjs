// npm run mutation [-- --only PART,PART] [--list]: changes the code of verdicts, repairs and the boot check, one place
// at a time, and sees whether a test notices.
//
// Stryker makes the changes; each part's tests run for each change that they reach, all in one process. What no test
// notices is printed, and fails where tests/mutation/unnoticed.json has no reason for it: by file, then by kind of
// change and the text of the line.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { argumentsAsked, cache, exitUnlessOk, helpIfAsked, root, run, tool } from './workspace.mjs';

helpIfAsked(import.meta.url);

/** Installed for whoever asks for it only. */
const INSTRUMENTER = '@stryker-mutator/instrumenter@9.0.1';
const home = join(cache, 'mutation');

/**
 * What is changed, and the tests that have to notice. They run for every change: those that scan disks or start tools
 * would take hours.
 */
const PARTS = {
  verdict: {
    files: ['packages/triage/src/rules/verdict.ts', 'packages/triage/src/rules/judge-rule.ts'],
    tests: ['tests/triage/rules/judge-rule.test.ts'],
  },
  conditions: {
    files: ['packages/triage/src/rules/condition.ts', 'packages/triage/src/rules/safe-pattern.ts'],
    tests: ['condition', 'safe-pattern'].map((name) => `tests/triage/rules/${name}.test.ts`),
  },
  plan: {
    files: sourcesOf('packages/repair/src/plan'),
    tests: ['disk-operations', 'writing/planning'].map((name) => `tests/repair/${name}.test.ts`),
  },
  operations: {
    files: ['packages/repair/src/operations/byte-edit.ts', ...sourcesOf('packages/repair/src/operations/disk')],
    tests: ['tests/repair/disk-operations.test.ts'],
  },
  'operations-hive': {
    files: sourcesOf('packages/repair/src/operations/hive'),
    tests: ['tests/repair/hive-operations.test.ts'],
  },
  'operations-ntfs': {
    files: sourcesOf('packages/repair/src/operations/ntfs'),
    tests: ['tests/repair/ntfs-operations.test.ts'],
  },
  storage: {
    files: ['sector-write', 'stored-write', 'container-rules', 'container-headers'].map(
      (name) => `packages/repair/src/storage/${name}.ts`,
    ),
    tests: ['stored-writes', 'container-rules', 'container-headers'].map(
      (name) => `tests/repair/writing/${name}.test.ts`,
    ),
  },
  overlay: {
    files: ['overlay.node', 'storage/overlay-base', 'storage/qcow2-image'].map(
      (name) => `packages/repair/src/${name}.ts`,
    ),
    tests: ['tests/repair/writing/overlay-file.test.ts'],
  },
  undo: {
    files: [
      ...sourcesOf('packages/repair/src/journal'),
      ...['apply.node', 'errors', 'storage/block-writer.node', 'storage/new-file.node'].map(
        (name) => `packages/repair/src/${name}.ts`,
      ),
    ],
    tests: ['block-writer', 'undo-file', 'apply'].map((name) => `tests/repair/writing/${name}.test.ts`),
  },
  planning: {
    files: ['plan-repair', 'verify-repair', 'storage/stored-places'].map((name) => `packages/repair/src/${name}.ts`),
    tests: ['tests/repair/writing/planning.test.ts'],
  },
  'image-verdict': {
    files: [
      ...['words', 'container-doubts'].map((name) => `packages/triage/src/report/${name}.ts`),
      ...['image-verdict', 'settle-machine', 'unjudged-volumes'].map((name) => `packages/triage/src/scan/${name}.ts`),
    ],
    tests: ['tests/triage/scan/image-verdict.test.ts'],
  },
  causes: {
    files: [
      'packages/triage/src/subject/doubts.ts',
      ...['order', 'cap-causes', 'rule-causes', 'boot-check-causes', 'hive-causes'].map(
        (name) => `packages/triage/src/causes/${name}.ts`,
      ),
    ],
    tests: ['tests/triage/causes/choice.test.ts'],
  },
  servers: {
    files: sourcesOf('packages/triage/src/servers'),
    tests: ['tests/triage/servers/server-states.test.ts'],
  },
  'boot-check': {
    files: ['boot-check', 'device-check', 'boot-file-check'].map((name) => `packages/windows/src/boot/${name}.ts`),
    tests: ['boot-check', 'boot-check-details'].map((name) => `tests/windows/boot/${name}.test.ts`),
  },
  encryption: {
    files: [
      'detect/detect.ts',
      'bitlocker/detect-bitlocker.ts',
      ...['state', 'key-protector', 'metadata-reader'].map((name) => `bitlocker/metadata/${name}.ts`),
    ].map((path) => `packages/encryption/src/${path}`),
    tests: ['verdict', 'odd-keys', 'needs'].map((name) => `tests/encryption/bitlocker/${name}.test.ts`),
  },
};

/** Why no test notices a change. */
const REASONS = JSON.parse(readFileSync(join(root, 'tests/mutation/unnoticed.json'), 'utf8'));

const { values: options } = argumentsAsked({
  lists: { only: Object.keys(PARTS) },
  options: { only: { type: 'string' }, list: { type: 'boolean', default: false } },
});
const chosen = Object.keys(PARTS).filter((name) => options.only?.split(',').includes(name) ?? true);
if (options.list) {
  process.stdout.write(
    Object.entries(PARTS)
      .map(([name, { files }]) => `${name}: ${files.join(', ')}\n`)
      .join(''),
  );
  process.exit(0);
}
await ensureBuilt();
mkdirSync(home, { recursive: true });
if (!existsSync(join(home, 'node_modules/@stryker-mutator/instrumenter'))) {
  process.stderr.write(`Installing ${INSTRUMENTER} (once)\n`);
  exitUnlessOk(
    run('npm', ['install', '--prefix', home, '--no-save', '--no-audit', '--no-fund', INSTRUMENTER], { toStderr: true }),
  );
}
let worst = 0;
for (const name of chosen) worst = Math.max(worst, mutate(name));
process.exit(worst);

/** The source files of a folder. */
function sourcesOf(folder) {
  return readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
}

/** Runs the tests of one part with each change, and prints how many were noticed and which were not. */
function mutate(name) {
  const { files, tests } = PARTS[name];
  const found = join(home, 'noticed.json');
  rmSync(found, { force: true });
  const vitest = ['run', '--config', 'tests/mutation/vitest.config.ts', '--reporter', 'dot'];
  const { status: failed } = run(tool('vitest'), vitest, {
    toStderr: true,
    env: { DEADBOX_MUTATED_TESTS: tests.join(','), DEADBOX_MUTATED_FILES: files.join(',') },
  });
  if (failed !== 0 || !existsSync(found)) return failed || 1;
  const { noticed, loading } = JSON.parse(readFileSync(found, 'utf8'));
  const mutants = JSON.parse(readFileSync(join(home, 'mutants.json'), 'utf8'))
    .filter(({ id, status: state }) => state !== 'Ignored' && !loading.includes(id))
    .map((mutant) => ({
      ...mutant,
      file: relative(root, mutant.fileName),
      line: mutant.location.start.line + 1,
      state: noticed[mutant.id],
    }));
  const alive = mutants.filter(({ state }) => state !== true);
  const unexplained = alive.filter((mutant) => reasonFor(mutant) === undefined);
  process.stdout.write(
    `${name}: ${mutants.length - alive.length} of ${mutants.length} changes noticed, ${alive.length - unexplained.length} others explained\n`,
  );
  for (const { file, line, location, mutatorName, replacement, state } of unexplained) {
    const text = JSON.stringify((replacement ?? '').slice(0, 60));
    const unreached = state === undefined ? ' (no test runs it)' : '';
    process.stdout.write(`  ${file}:${line}:${location.start.column + 1}: ${mutatorName} ${text}${unreached}\n`);
  }
  return unexplained.length === 0 ? 0 : 1;
}

/** The reason that is kept for a change. */
function reasonFor({ file, line, mutatorName }) {
  const text = readFileSync(join(root, file), 'utf8').split('\n')[line - 1].trim();
  return REASONS[file]?.[`${mutatorName}: ${text}`];
}
