// npm test [-- vitest arguments]: sets up what is missing, then runs every test.
// A JSON report is kept in .cache/test-report.json, or where DEADBOX_TEST_REPORT says.
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { cache, root, run } from './workspace.mjs';

await ensureBuilt();
const report = process.env.DEADBOX_TEST_REPORT ?? join(cache, 'test-report.json');
mkdirSync(dirname(report), { recursive: true });
rmSync(report, { force: true });
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = run(process.execPath, [
  vitest,
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
process.exit(status);
