// npm run check [-- --only GATE,GATE] [-- --update-api] [-- --update-samples] [-- --update-causes] [-- --update-man]
// [-- --update-bench] [-- --update-architecture]: everything about the code that is not a test. Every gate runs,
// whatever the ones before said; the exit code is 1 when one failed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { argumentsAsked, helpIfAsked, reports, root, run, tool } from './workspace.mjs';

helpIfAsked(import.meta.url);

/** A gate that is one command; its problems are what it prints. */
const command =
  (name, ...args) =>
  () => {
    const { status, stdout, stderr } = run(name === 'node' ? process.execPath : tool(name), args, { capture: true });
    return status === 0 ? [] : [`${stdout}${stderr}`.trimEnd()];
  };

// A gate with a module of its own is imported when its turn comes: on a fresh clone, what that module imports is
// installed only then.
const updates = ['api', 'man', 'causes', 'samples', 'bench', 'architecture'];
const gates = {
  types: command('tsc', '-b'),
  'test-types': command('tsc', '-p', 'tests/tsconfig.json'),
  'page-types': command('tsc', '-p', 'examples/browser'),
  lint: command('oxlint', '--type-aware', '--deny-warnings'),
  format: command('biome', 'check', '.'),
  'dead-code': command('knip'),
  rules: command('node', join(root, 'scripts/compile-rules.mjs'), '--check'),
  shapes: command('node', join(root, 'scripts/compile-shapes.mjs'), '--check'),
  corridor: command('node', join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'tests/architecture'),
  api: async () => (await import('./check/api.mjs')).checkApi({ update: options['update-api'] }),
  man: async () => (await import('./check/man.mjs')).checkManPage({ update: options['update-man'] }),
  causes: async () => (await import('./check/causes.mjs')).checkCauses({ update: options['update-causes'] }),
  links: async () => {
    const { linkProblems } = await import('./site/links.mjs');
    return linkProblems(root);
  },
  readme: async () => (await import('./check/readme.mjs')).checkReadme(),
  samples: async () => (await import('./check/samples.mjs')).checkSamples({ update: options['update-samples'] }),
  bench: async () => (await import('./check/bench.mjs')).checkBench({ update: options['update-bench'] }),
  architecture: async () =>
    (await import('./check/architecture.mjs')).checkArchitecture({
      update: options['update-architecture'],
    }),
  packages: async () => (await import('./check/packages.mjs')).checkPackages(),
};

const { values: options } = argumentsAsked({
  lists: { only: Object.keys(gates) },
  options: {
    only: { type: 'string' },
    ...Object.fromEntries(updates.map((name) => [`update-${name}`, { type: 'boolean', default: false }])),
  },
});
const only = options.only?.split(',') ?? Object.keys(gates);

await ensureBuilt();
const results = [];
for (const name of only) {
  const started = performance.now();
  const problems = await gates[name]();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  results.push({ name, ok: problems.length === 0 });
  process.stdout.write(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
}
mkdirSync(reports, { recursive: true });
writeFileSync(join(reports, 'check.json'), `${JSON.stringify(results)}\n`);
const failed = results.filter((result) => !result.ok).map((result) => result.name);
process.stdout.write(failed.length === 0 ? `All ${results.length} gates passed\n` : `Failed: ${failed.join(', ')}\n`);
process.exit(failed.length === 0 ? 0 : 1);
