// npm run mutation [-- --only PART,PART] [--files PATTERN] [--list]: changes the code of verdicts, repairs and the boot
// check, one place at a time, and sees whether a test notices.
//
// Each part's tests run for each change that they reach. What no test notices is printed, and fails where
// tests/mutation/unnoticed.json has no reason for it: by file, then by kind of change and the text of the line. Takes
// minutes to hours.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './build.mjs';
import { cache, exitUnlessOk, helpIfAsked, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

/** Stryker is installed for whoever asks for it only: it brings more packages than all other tools together. */
const STRYKER = ['@stryker-mutator/core@9.0.1', '@stryker-mutator/vitest-runner@9.0.1'];
const home = join(cache, 'mutation');

/** What is changed, and the tests that have to notice: those that call it in their own process. */
const PARTS = {
  verdict: {
    files: ['packages/triage/src/rules/verdict.ts', 'packages/triage/src/rules/judge-rule.ts'],
    // Those that scan disks take 10 s for each change.
    tests: ['tests/triage/rules/judge-rule.test.ts'],
  },
  conditions: {
    files: ['packages/triage/src/rules/condition.ts', 'packages/triage/src/rules/safe-pattern.ts'],
    tests: ['condition', 'safe-pattern'].map((name) => `tests/triage/rules/${name}.test.ts`),
  },
  plan: { files: ['packages/repair/src/plan/*.ts'], tests: ['tests/repair/disk-operations.test.ts'] },
  operations: {
    files: ['packages/repair/src/operations/byte-edit.ts', 'packages/repair/src/operations/disk/*.ts'],
    tests: ['tests/repair/disk-operations.test.ts'],
  },
  // Their tests repair whole disks: hours.
  'file-operations': {
    files: ['packages/repair/src/operations/hive/*.ts', 'packages/repair/src/operations/ntfs/*.ts'],
    tests: ['tests/repair/**/*.test.ts'],
  },
  'boot-check': {
    files: [
      'packages/windows/src/boot/boot-check.ts',
      'packages/windows/src/boot/device-check.ts',
      'packages/windows/src/boot/boot-file-check.ts',
    ],
    // Those that need no tool: a change costs milliseconds then.
    tests: ['boot-check', 'boot-check-details'].map((name) => `tests/windows/boot/${name}.test.ts`),
  },
};

/** Why no test notices a change. */
const REASONS = JSON.parse(readFileSync(join(root, 'tests/mutation/unnoticed.json'), 'utf8'));

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, files: { type: 'string' }, list: { type: 'boolean', default: false } },
});
const chosen = Object.keys(PARTS).filter((name) => options.only?.split(',').includes(name) ?? true);
if (options.list || chosen.length === 0) {
  process.stdout.write(
    Object.entries(PARTS)
      .map(([name, { files }]) => `${name}: ${files.join(', ')}\n`)
      .join(''),
  );
  process.exit(options.list ? 0 : 2);
}
await ensureBuilt();
const stryker = join(home, 'node_modules/@stryker-mutator/core/bin/stryker.js');
mkdirSync(home, { recursive: true });
if (!existsSync(stryker)) {
  process.stderr.write(`Installing ${STRYKER.join(' and ')} (once)\n`);
  // Its vitest is the project's own, which it finds in the folder above.
  exitUnlessOk(
    run(
      'npm',
      ['install', '--prefix', home, '--no-save', '--legacy-peer-deps', '--no-audit', '--no-fund', ...STRYKER],
      { toStderr: true },
    ),
  );
}
let worst = 0;
for (const name of chosen) worst = Math.max(worst, mutate(name));
process.exit(worst);

/** Runs Stryker on one part, and prints its score and survivors. */
function mutate(name) {
  const { files, tests } = PARTS[name];
  const report = join(home, 'report.json');
  const args = ['run', 'stryker.config.mjs', '--mutate', options.files ?? files.join(',')];
  const { status } = run(process.execPath, [stryker, ...args], {
    toStderr: true,
    env: { DEADBOX_MUTATED_TESTS: tests.join(',') },
  });
  if (status !== 0) return status;
  const mutants = Object.entries(JSON.parse(readFileSync(report, 'utf8')).files).flatMap(([file, found]) =>
    found.mutants.map((mutant) => ({ file, ...mutant })),
  );
  const counted = mutants.filter(({ status: state }) =>
    ['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(state),
  );
  const alive = counted.filter(({ status: state }) => state === 'Survived' || state === 'NoCoverage');
  const unexplained = alive.filter((mutant) => reasonFor(mutant) === undefined);
  process.stdout.write(
    `${name}: ${counted.length - alive.length} of ${counted.length} changes noticed, ${alive.length - unexplained.length} others explained\n`,
  );
  for (const { file, location, mutatorName, replacement, status: state } of unexplained)
    process.stdout.write(
      `  ${file}:${location.start.line}: ${mutatorName} ${JSON.stringify((replacement ?? '').slice(0, 60))}${state === 'NoCoverage' ? ' (no test runs it)' : ''}\n`,
    );
  return unexplained.length === 0 ? 0 : 1;
}

/** The reason that is kept for a change. */
function reasonFor({ file, location, mutatorName }) {
  const line = readFileSync(join(root, file), 'utf8').split('\n')[location.start.line - 1].trim();
  return REASONS[file]?.[`${mutatorName}: ${line}`];
}
