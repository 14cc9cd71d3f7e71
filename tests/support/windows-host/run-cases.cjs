// node run-cases.cjs CASES RESULTS: runs a program once for each case and writes what came of it. Output goes to files:
// pipes do not work in Wine 8.
const { spawnSync } = require('node:child_process');
const { closeSync, openSync, readFileSync, writeFileSync } = require('node:fs');

const [cases, results] = process.argv.slice(2);
const outcomes = JSON.parse(readFileSync(cases, 'utf8')).map(({ program, args, cwd, env }, i) => {
  const files = ['out', 'err'].map((stream) => `${results}.${i}.${stream}`);
  const handles = files.map((file) => openSync(file, 'w'));
  const stdio = ['ignore', ...handles];
  const { status } = spawnSync(program, args, { cwd, env: { ...process.env, ...env }, stdio });
  for (const handle of handles) closeSync(handle);
  const [stdout, stderr] = files.map((file) => readFileSync(file, 'utf8'));
  return { code: status, stdout, stderr };
});
writeFileSync(results, JSON.stringify(outcomes));
