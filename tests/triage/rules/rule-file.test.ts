import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isDeadboxError } from '@deadbox/core';
import { SHIPPED_RULES } from '@deadbox/triage';
import { parseRule, ruleJsonSchema } from '@deadbox/triage/rule-file';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { RuleAnswers } from '../../../packages/triage/src/rules/verdict.js';

const folder = new URL('../../../packages/triage/rules/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const shipped = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

/** The faults that a rule text is refused for. */
function faultsOf(text: string): { line: number; column: number; what: string }[] {
  try {
    parseRule(text, 'x.yaml');
  } catch (error) {
    if (isDeadboxError(error, 'RULE_INVALID')) return error.data.faults as never;
    throw error;
  }
  return [];
}

const minimal = `title: Example
id: 0b0a4c1e-7d5c-4f0e-9b1a-2f0f5b1d2911
status: test
references: [https://example.org/advisory]
date: 2026-01-01
level: high
detection:
  file:
    type: FILE
    paths: ['%%environ_systemroot%%\\System32\\bad.sys']
  condition: file
verdicts:
  - {when: file, verdict: present, severity: act}
  - {when: not file, verdict: absent, severity: none}
remediation:
  action: advise
`;

describe('rule files', () => {
  test('the compiled rules are what the rule files say', () => {
    expect(files.length).toBeGreaterThan(0);
    // Rules of one product come before the incidents that a month names.
    const [products, months] = [files.filter((name) => !/^\d/.test(name)), files.filter((name) => /^\d/.test(name))];
    expect(SHIPPED_RULES).toEqual(
      [...products.toSorted(), ...months.toSorted()].map((name) => parseRule(shipped(name), name)),
    );
  });

  test.each(files)('%s has references and a verdict row that always holds at its end', (name) => {
    const rule = parseRule(shipped(name), name);
    expect(rule.references.length).toBeGreaterThan(0);
    expect(rule.verdicts.at(-1)?.severity).toBe('none');
  });

  test('a minimal rule is accepted', () => {
    expect(faultsOf(minimal)).toEqual([]);
    expect(parseRule(minimal).selections.file).toMatchObject({ type: 'FILE', exists: true, kind: 'file' });
  });

  test('faults point at line and column', () => {
    expect(faultsOf(minimal.replace('level: high', 'level: huge'))).toEqual([
      expect.objectContaining({ line: 6, column: 8 }),
    ]);
  });

  test('a rule without references fails', () => {
    expect(faultsOf(minimal.replace('references: [https://example.org/advisory]\n', ''))[0]?.what).toContain(
      'references',
    );
  });

  test('an unknown key is an error', () => {
    const faults = faultsOf(minimal.replace("paths: ['", "modified|before: 1\n    paths: ['"));
    expect(faults[0]?.what).toContain('modified|before');
  });

  test('a time without a zone is an error', () => {
    const faults = faultsOf(minimal.replace("paths: ['", "modified|gte: '2024-07-19T04:09:00'\n    paths: ['"));
    expect(faults[0]?.what).toContain('with a zone');
  });

  test('a condition on a selection that does not exist is an error at its line', () => {
    const faults = faultsOf(minimal.replace('{when: not file', '{when: not fil'));
    expect(faults).toEqual([{ line: 14, column: 12, what: 'there is no selection called "fil"' }]);
  });

  test('broken YAML is an error with its place', () => {
    expect(faultsOf('title: [unclosed')[0]?.line).toBe(1);
  });

  test('aliases are refused, so that a small file cannot grow huge', () => {
    const once = minimal.replace('level: high', 'level: &l high\nauthor: *l');
    expect(faultsOf(once)).toEqual([{ line: 7, column: 9, what: 'aliases (*name) are not allowed' }]);
    const layers = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`);
    expect(faultsOf(['a0: &a0 [x]', ...layers, ''].join('\n'))[0]?.what).toContain('aliases');
  });

  test.each([
    ['(a+)+$', 'repeats a group'],
    ['^(a|aa)+$', 'repeats a group'],
    ['((ab*)c){2,9}', 'repeats a group'],
    ['(a)\\1', 'back reference'],
    ['.*a.*b.*c', 'more than 2 repeats'],
    ['(unclosed', 'not a regular expression'],
  ])('the expression %s, which could take for ever or is none, is refused', (pattern, why) => {
    const faults = faultsOf(
      minimal.replace("paths: ['", () => `name|re: '${pattern.replaceAll('\\\\', '\\')}'\n    paths: ['`),
    );
    expect(faults.map(({ what }) => what).join()).toContain(why);
  });

  test.each(['^rev-1[0-9]$', '^[A-Z]:\\.*\\.otf$', '^csagent(?!\\.(sys|inf|cat)$)', '[(+*]+x', '^a+b+c+$'])(
    'the expression %s is accepted',
    (pattern) => {
      expect(faultsOf(minimal.replace("paths: ['", () => `name|re: '${pattern}'\n    paths: ['`))).toEqual([]);
    },
  );

  test.each([
    ['texts: { present: "{fiel}" }', '{fiel} means nothing here'],
    ['texts: { presnt: x }', 'no verdict is called "presnt"'],
    ['order: [presnt]', 'no verdict is called "presnt"'],
    ['steps: [{ id: go }]', 'needs a text'],
    ['steps: [{ id: go, text: "{del}" }]', 'names files and has no "files" selection'],
    ['steps: [{ id: go, files: fiel, text: x }]', '"fiel" is not a FILE selection'],
    ['history: [{ shows: none, verdicts: [gone], text: x }]', 'no verdict is called "gone"'],
    ['confidence: [{ value: confirmed, text: "{file}" }]', '{file} means nothing here'],
    ['texts: { present: { ja: x } }', 'texts.present'],
  ])('%s is a fault', (more, what) => {
    expect(
      faultsOf(`${minimal}${more}\n`)
        .map((fault) => fault.what)
        .join(),
    ).toContain(what);
  });
});

describe('the JSON Schema of rule files', () => {
  const schema = JSON.parse(readFileSync(new URL('rule.schema.json', folder), 'utf8'));
  const { parse } = createRequire(new URL('../package.json', folder))('yaml') as { parse: (text: string) => any };
  const validate = new Ajv2020({ allErrors: true, strict: false }).compile(schema);

  test('is what the code demands', () => {
    expect(schema).toEqual(ruleJsonSchema());
  });

  test.each(files)('accepts %s', (name) => {
    validate(parse(shipped(name)));
    expect(validate.errors).toBeNull();
  });

  test.each([
    ['level: high', 'level: huge'],
    ["paths: ['", "modified|before: 1\n    paths: ['"],
    ["paths: ['", "modified|gte: '2024-07-19T04:09:00'\n    paths: ['"],
    ['  condition: file\n', ''],
    ["['%%environ_systemroot%%", "['C:"],
  ])('refuses %s → %s', (from, to) => {
    expect(validate(parse(minimal))).toBe(true);
    expect(minimal).toContain(from);
    expect(validate(parse(minimal.replace(from, to)))).toBe(false);
  });
});

describe('absence', () => {
  const rule = parseRule(
    minimal
      .replace('{when: file, verdict: present', '{when: file is absent, verdict: gone')
      .replace('severity: none', 'severity: review'),
  );
  const gone = parseRule(minimal.replace("bad.sys'", "bad.sys']\n    exists: false #").replace("false #']", 'false'));

  test('is a finding only where the folder was listed in full', () => {
    for (const [incomplete, verdict] of [
      [[], 'gone'],
      [['file'], 'absent'],
    ] as const) {
      const facts = { files: new Map([['file', []]]), incomplete: new Set(incomplete), other: new Map() };
      expect(new RuleAnswers(rule, facts).decide()?.row.verdict).toBe(verdict);
      expect(new RuleAnswers(gone, facts).decide()?.row.verdict).toBe(verdict === 'gone' ? 'present' : 'absent');
    }
  });
});
