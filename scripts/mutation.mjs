// npm run mutation [-- --only PART,PART] [--files PATTERN] [--list]: changes the code of verdicts, repairs and the boot
// check, one place at a time, and sees whether a test notices.
//
// Each part's tests run for each change that they reach. What no test notices is printed. Takes minutes to hours.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './build.mjs';
import { cache, exitUnlessOk, helpIfAsked, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

/** Stryker is installed for whoever asks for it only: it brings more packages than all other tools together. */
const STRYKER = ['@stryker-mutator/core@9.0.1', '@stryker-mutator/vitest-runner@9.0.1'];
const home = join(cache, 'mutation');

const RULE_TESTS = ['condition', 'decision-facts', 'decision-table', 'incident-rules', 'path-pattern'].map(
  (name) => `tests/triage/rules/${name}.test.ts`,
);

/** What is changed, and the tests that have to notice: those that call it in their own process. */
const PARTS = {
  verdict: {
    files: ['packages/triage/src/rules/verdict.ts', 'packages/triage/src/rules/judge-rule.ts'],
    tests: RULE_TESTS,
  },
  conditions: {
    files: ['packages/triage/src/rules/condition.ts', 'packages/triage/src/rules/safe-pattern.ts'],
    tests: RULE_TESTS,
  },
  plan: { files: ['packages/repair/src/plan/*.ts'], tests: ['tests/repair/**/*.test.ts'] },
  operations: { files: ['packages/repair/src/operations/**/*.ts'], tests: ['tests/repair/**/*.test.ts'] },
  'boot-check': {
    files: [
      'packages/windows/src/boot/boot-check.ts',
      'packages/windows/src/boot/device-check.ts',
      'packages/windows/src/boot/boot-file-check.ts',
    ],
    tests: ['tests/windows/boot/*.test.ts'],
  },
};

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
  process.stdout.write(`${name}: ${counted.length - alive.length} of ${counted.length} changes noticed\n`);
  for (const { file, location, mutatorName, replacement, status: state } of alive)
    process.stdout.write(
      `  ${file}:${location.start.line}: ${mutatorName} ${JSON.stringify((replacement ?? '').slice(0, 60))}${state === 'NoCoverage' ? ' (no test runs it)' : ''}\n`,
    );
  return 0;
}
