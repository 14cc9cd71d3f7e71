// Adds up what the steps of .ci/run reported and prints "N passed, N failed, N skipped".
// Arguments: REPORT=STATUS for every step, the report's name and the exit code of the step.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { helpIfAsked, reports } from './workspace.mjs';

helpIfAsked(import.meta.url);

/** Gates of npm run check count like tests. */
function countGates(gates) {
  return {
    passed: gates.filter((gate) => gate.ok).length,
    failed: gates.filter((gate) => !gate.ok).length,
    skipped: 0,
  };
}

function countTests({ testResults }) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { assertionResults, status } of testResults) {
    const count = (...states) => assertionResults.filter((result) => states.includes(result.status)).length;
    const failed = count('failed');
    total.passed += count('passed');
    total.skipped += count('skipped', 'pending', 'todo', 'disabled');
    // A file that could not even be loaded fails without a failed test of its own.
    total.failed += failed > 0 || status !== 'failed' ? failed : 1;
  }
  return total;
}

function countStep(name, status) {
  const file = join(reports, `${name}.json`);
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const total = Array.isArray(report) ? countGates(report) : countTests(report);
  // Something went wrong that is nobody's test: an unhandled error, a crash.
  if (status !== '0' && total.failed === 0) total.failed = 1;
  return total;
}

const totals = process.argv.slice(2).map((step) => countStep(...step.split('=')));
const sum = (key) => totals.reduce((all, total) => all + total[key], 0);
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
process.exit(sum('failed') === 0 && totals.length > 0 ? 0 : 1);
