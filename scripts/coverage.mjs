// npm run coverage [-- --only image,ntfs,…]: how many branches of the parsers the tests take, package by package, and
// each that they do not.
//
// Below 95 % of a package's branches it fails, and for each that is not taken without a reason in
// tests/support/untaken-branches.json: by file and by the text of the line. Without the images that DEADBOX_CORPUS and
// DEADBOX_CASES name, less is reached.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { argumentsAsked, cache, helpIfAsked, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

/** Packages that read what others wrote, and the tests of each that are run for it. */
const PARSERS = {
  image: ['tests/image', 'tests/differential', 'tests/disk/bad-sectors.test.ts'],
  partitions: ['tests/partitions', 'tests/disk', 'tests/generator', 'tests/cli/disk-layouts.test.ts'],
  encryption: ['tests/encryption'],
  ntfs: ['tests/ntfs', 'tests/differential', 'tests/generator'],
  fat: ['tests/fat'],
  disk: [
    'tests/disk',
    'tests/partitions',
    'tests/encryption',
    'tests/ntfs',
    'tests/fat',
    'tests/generator',
    'tests/triage/walk',
  ],
  windows: ['tests/windows'],
};
const LEAST = 95;
/** Why no test takes a branch: by path, then by the line's text. */
const REASONS = JSON.parse(readFileSync(join(root, 'tests/support/untaken-branches.json'), 'utf8'));

const { values: options } = argumentsAsked({
  lists: { only: Object.keys(PARSERS) },
  options: { only: { type: 'string' } },
});
const chosen = Object.keys(PARSERS).filter((name) => options.only?.split(',').includes(name) ?? true);
await ensureBuilt();
const results = [];
for (const name of chosen) results.push(measure(name));
process.exit(results.every(Boolean) ? 0 : 1);

/** Runs a package's tests and prints what they do not reach. */
function measure(name) {
  const folder = join(cache, 'coverage', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...PARSERS[name], '--maxWorkers', '1'];
  const coverage = [
    'provider=v8',
    'reporter=json',
    `include=packages/${name}/src/**/*.ts`,
    `reportsDirectory=${folder}`,
  ];
  const args = [...vitest, '--coverage', '--coverage.reportOnFailure', ...coverage.map((one) => `--coverage.${one}`)];
  const { status, stdout } = run(process.execPath, args, { capture: true });
  const file = join(folder, 'coverage-final.json');
  if (!existsSync(file)) {
    process.stdout.write(`FAILED ${name}: no coverage came out\n${stdout.slice(-2000)}\n`);
    return false;
  }
  const files = Object.values(JSON.parse(readFileSync(file, 'utf8'))).map(untaken);
  const all = files.reduce((sum, one) => sum + one.branches, 0);
  const missed = files.reduce((sum, one) => sum + one.lines.length, 0);
  const share = all === 0 ? 100 : (100 * (all - missed)) / all;
  const unexplained = files.flatMap(withoutReason);
  const good = share > LEAST && status === 0 && unexplained.length === 0;
  const explained = `${missed - unexplained.length} of ${missed} others explained`;
  process.stdout.write(
    `${good ? 'ok    ' : 'FAILED'} ${name}: ${share.toFixed(1)} % of ${all} branches, ${explained}${status === 0 ? '' : ', tests failed'}\n`,
  );
  for (const line of unexplained) process.stdout.write(`  ${line}\n`);
  return good;
}

/** The branches of a file that no test takes and no reason excuses, with the text of their lines. */
function withoutReason({ path, lines }) {
  if (lines.length === 0) return [];
  const text = readFileSync(join(root, path), 'utf8').split('\n');
  const reasons = REASONS[path] ?? {};
  // The compiler adds lines for which a file has none.
  const at = (line) => text[line - 1]?.trim() ?? '';
  return lines.filter((line) => reasons[at(line)] === undefined).map((line) => `${path}:${line}: ${at(line)}`);
}

/** How many branches a file has, and the lines of those that no test takes. */
function untaken({ path, b, branchMap }) {
  let branches = 0;
  const lines = [];
  for (const [id, counts] of Object.entries(b)) {
    branches += counts.length;
    for (const [i, count] of counts.entries())
      if (count === 0) lines.push(branchMap[id].locations[i]?.start?.line ?? branchMap[id].line);
  }
  return { path: relative(root, path), branches, lines };
}
