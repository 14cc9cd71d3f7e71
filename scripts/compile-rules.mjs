// Turns packages/triage/rules/*.yaml into typed data, so that a scan needs neither the YAML parser nor the schema at run time, and writes the
// format's JSON Schema beside them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const triage = fileURLToPath(new URL('../packages/triage/', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'deadbox-rules-'));
try {
  const bundle = join(work, 'rule-file.mjs');
  await build({
    entryPoints: [join(triage, 'src/rules/rule-file.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['deadbox-source'],
    outfile: bundle,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const { parseRule, ruleJsonSchema } = await import(pathToFileURL(bundle).href);
  writeFileSync(join(triage, 'rules/rule.schema.json'), `${JSON.stringify(ruleJsonSchema(), null, 2)}\n`);
  const rules = readdirSync(join(triage, 'rules'))
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => parseRule(readFileSync(join(triage, 'rules', name), 'utf8'), name));
  const folder = join(triage, 'src/rules/shipped-rules');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const constant = (name) => name.toUpperCase().replaceAll('-', '_');
  for (const rule of rules) {
    const text = [
      "import type { Rule } from '../rule.js';",
      '',
      `/** ${rule.title}. Compiled from \`rules/${rule.name}.yaml\` by \`node scripts/compile-rules.mjs\`; do not edit here. */`,
      `export const ${constant(rule.name)}: Rule = ${JSON.stringify(rule, null, 2)};`,
      '',
    ].join('\n');
    writeFileSync(join(folder, `${rule.name}.ts`), text);
  }
  const index = [
    "import type { Rule } from './rule.js';",
    ...rules.map((rule) => `import { ${constant(rule.name)} } from './shipped-rules/${rule.name}.js';`),
    '',
    '/** The shipped rules, compiled from `rules/*.yaml` by `node scripts/compile-rules.mjs`; do not edit here. */',
    `export const SHIPPED_RULES: readonly Rule[] = [${rules.map((rule) => constant(rule.name)).join(', ')}];`,
    '',
  ].join('\n');
  writeFileSync(join(triage, 'src/rules/shipped-rules.ts'), index);
  spawnSync('npx', ['biome', 'check', '--write', join(triage, 'src')], { stdio: 'ignore' });
  console.log(`${rules.length} rule(s): ${rules.map((rule) => rule.name).join(', ')}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
