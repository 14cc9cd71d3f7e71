// npm test [-- vitest arguments]: sets up what is missing, then runs every test.
// A JSON report is left in .cache/reports/tests.json; DEADBOX_REPORT gives it another name.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { helpIfAsked, reports, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

await ensureBuilt();
const report = join(reports, `${process.env.DEADBOX_REPORT ?? 'tests'}.json`);
mkdirSync(reports, { recursive: true });
rmSync(report, { force: true });
const { status } = run(process.execPath, [
  join(root, 'node_modules/vitest/vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
process.exit(status);
