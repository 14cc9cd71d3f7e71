// Adds up what the runs of .ci/run reported and prints "N passed, N failed, N skipped".
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './workspace.mjs';

const total = { passed: 0, failed: 0, skipped: 0 };

/** A gate of npm run check counts like a test. A run that left no report counts as one failure. */
function addCheck() {
  const file = join(cache, 'check-report.json');
  if (!existsSync(file)) total.failed += 1;
  else for (const { ok } of JSON.parse(readFileSync(file, 'utf8'))) total[ok ? 'passed' : 'failed'] += 1;
}

function addTests(name) {
  const file = join(cache, 'reports', name);
  if (!existsSync(file)) {
    total.failed += 1;
    return;
  }
  for (const suite of JSON.parse(readFileSync(file, 'utf8')).testResults) {
    const count = (...states) => suite.assertionResults.filter((result) => states.includes(result.status)).length;
    const broken = count('failed');
    total.passed += count('passed');
    total.skipped += count('skipped', 'pending', 'todo', 'disabled');
    // A file that could not even be loaded fails without a failed test of its own.
    total.failed += broken > 0 || suite.status !== 'failed' ? broken : 1;
  }
}

addCheck();
addTests('tests.json');
addTests('node-24.json');
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(total.failed === 0 ? 0 : 1);
