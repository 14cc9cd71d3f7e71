import type { Attack } from './attack.js';
import { MEGABYTE, utf8 } from './text-input.js';

const RULE = `title: x
id: 00000000-0000-4000-8000-000000000001
status: test
references: [https://example.com/]
date: 2026-01-01
level: low
remediation: {action: advise}
`;

const SOUND = `${RULE}detection: {a: {type: FILE, paths: ['%%environ_systemroot%%\\x']}, condition: a}
verdicts: [{when: a, verdict: bad, severity: act}]
`;

const rule = (file: string, name: string, idea: string, text: () => string | Uint8Array<ArrayBuffer>): Attack => ({
  name: `rule file, ${name}`,
  idea,
  file: `${file}.yaml`,
  bytes: () => {
    const made = text();
    return typeof made === 'string' ? utf8(made) : made;
  },
  verbs: [
    ['rules', 'check', 'FILE'],
    ['scan', '--rules', 'FOLDER', 'BUNDLED'],
    ['fix', '--rules', 'FOLDER', 'BUNDLED'],
  ],
});

/** A quarter of a mebibyte, the most that is read of a rule. */
const RULE_SIZE = 262_000;

const RULES: readonly Attack[] = [
  rule('long', 'ten megabytes in one line', 'larger than any rule', () => `title: ${'x'.repeat(10 * MEGABYTE)}`),
  rule('nested', 'lists nested 100,000 deep', 'recursion in a parser', () => '['.repeat(100_000)),
  rule('indented', 'lists nested by dashes', 'as above, in the other notation', () => '- '.repeat(RULE_SIZE / 2)),
  rule('maps', 'maps nested 60,000 deep', 'as above', () => '{a: '.repeat(RULE_SIZE / 4)),
  rule('keys', '24,000 keys', 'each is compared with those before it', () =>
    Array.from({ length: 24_000 }, (_, i) => `k${i}: 1`).join('\n'),
  ),
  rule(
    'flow-keys',
    '24,000 keys in one map',
    'as above',
    () => `{${Array.from({ length: 24_000 }, (_, i) => `k${i}: 1`).join(',')}}`,
  ),
  rule('faults', '60,000 faults', 'each is told with its place', () => `${RULE}tags: [${'1,'.repeat(120_000)}]`),
  rule(
    'selections',
    '6,000 selections',
    'each is a fault',
    () => `${RULE}detection:\n${Array.from({ length: 6000 }, (_, i) => `  s${i}: {type: FILE, q: 1}`).join('\n')}\n`,
  ),
  rule(
    'texts',
    '20,000 texts that no verdict has',
    'each is a fault, looked up in its map',
    () => `${SOUND}texts: {${Array.from({ length: 20_000 }, (_, i) => `t${i}: x`).join(',')}}`,
  ),
  rule('condition', 'conditions of 4096 characters in 60 rows', 'each name is looked up', () => {
    const row = `{when: "${'a or '.repeat(800)}a", verdict: bad, severity: act}`;
    return `${SOUND.split('verdicts')[0]}verdicts: [${Array(60).fill(row).join(',')}]`;
  }),
  rule('brackets', 'a condition nested 2000 deep', 'recursion in a parser', () =>
    SOUND.replace('condition: a', `condition: "${'('.repeat(2000)}a${')'.repeat(2000)}"`),
  ),
  rule('patterns', 'expressions that take for ever', 'each try doubles', () =>
    SOUND.replace("x']", "*'], 'name|re': '^(a+)+$'"),
  ),
  rule('slow-pattern', 'an expression of the third degree on every file', 'each name is tried', () =>
    SOUND.replace("x']", "**\\*'], 'name|re': '^.*.*.*$x'"),
  ),
  rule('zero', 'zeros behind a byte order mark', 'no text at all', () => {
    const bytes = new Uint8Array(10 * MEGABYTE);
    bytes.set([0xef, 0xbb, 0xbf]);
    return bytes;
  }),
  rule('tags', 'anchors, tags and directives', 'each is resolved', () => '%TAG ! tag:x,2000:\n'.repeat(13_000)),
  rule('documents', '60,000 documents', 'one file, many rules', () => '---\n'.repeat(RULE_SIZE / 4)),
  rule('errors', 'a line of colons and quotes', 'each is an error', () => ': "'.repeat(80_000)),
];

/** Rule files. */
export const RULE_ATTACKS: readonly Attack[] = [...RULES];
