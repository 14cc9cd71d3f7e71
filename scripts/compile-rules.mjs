// Turns packages/triage/rules/*.yaml into typed data, so that a scan needs neither the YAML parser nor the schema at
// run time, and writes the format's JSON Schema beside them. With --check nothing is written: what is out of date is
// named, and the exit code is 1.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { helpIfAsked, root, tool } from './workspace.mjs';

helpIfAsked(import.meta.url);

const triage = join(root, 'packages/triage');
const compiled = join(triage, 'src/rules/shipped-rules');

/** The generated files by path, as they should be. */
export async function compileRules() {
  const { parseRule, ruleJsonSchema } = await loadParser();
  const rules = readdirSync(join(triage, 'rules'))
    .filter((name) => name.endsWith('.yaml'))
    .sort(byPrecedence)
    .map((name) => parseRule(readFileSync(join(triage, 'rules', name), 'utf8'), name));
  const constant = (name) =>
    name
      .toUpperCase()
      .replaceAll('-', '_')
      .replace(/^(?=\d)/, 'OF_');
  const files = new Map([
    [join(triage, 'rules/rule.schema.json'), `${JSON.stringify(ruleJsonSchema(), null, 2)}\n`],
    ...rules.map((rule) => [
      join(compiled, `${rule.name}.ts`),
      [
        `// Generated from rules/${rule.name}.yaml by "node scripts/compile-rules.mjs"; do not edit.`,
        "import type { Rule } from '../rule.js';",
        '',
        `export const ${constant(rule.name)}: Rule = ${JSON.stringify(rule, null, 2)};`,
        '',
      ].join('\n'),
    ]),
    [
      `${compiled}.ts`,
      [
        '// Generated from rules/*.yaml by "node scripts/compile-rules.mjs"; do not edit.',
        "import type { Rule } from './rule.js';",
        // As the formatter orders them.
        ...rules
          .toSorted((left, right) => (left.name < right.name ? -1 : 1))
          .map((rule) => `import { ${constant(rule.name)} } from './shipped-rules/${rule.name}.js';`),
        '',
        '/** The rules that every scan judges by unless others are given, in the order of precedence. */',
        `export const SHIPPED_RULES: readonly Rule[] = [${rules.map((rule) => constant(rule.name)).join(', ')}];`,
        '',
      ].join('\n'),
    ],
  ]);
  return new Map([...files].map(([path, text]) => [path, formatted(path, text)]));
}

/** Rules of one product first, then the incidents that a month names. */
function byPrecedence(left, right) {
  return Number(/^\d/.test(left)) - Number(/^\d/.test(right)) || (left < right ? -1 : 1);
}

/** The parser of rule files, from the sources as they are. */
async function loadParser() {
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
    return await import(pathToFileURL(bundle).href);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function formatted(path, text) {
  const { status, stdout, stderr } = spawnSync(tool('biome'), ['format', `--stdin-file-path=${path}`], {
    cwd: root,
    input: text,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Generated files that are missing, out of date, or of a rule that is gone. */
export async function staleRules() {
  const files = await compileRules();
  const stale = [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path);
  const left = readdirSync(compiled)
    .map((name) => join(compiled, name))
    .filter((path) => !files.has(path));
  return [...stale, ...left].map((path) => relative(root, path));
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) {
    const stale = await staleRules();
    for (const path of stale) console.log(`${path} is out of date: node scripts/compile-rules.mjs`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    const files = await compileRules();
    rmSync(compiled, { recursive: true, force: true });
    for (const [path, text] of files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    console.log(`${files.size} file(s) written`);
  }
}
