import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeadboxError } from '@deadbox/core';
import { type Rule, SHIPPED_RULES } from '@deadbox/triage';
import { parseRule } from '@deadbox/triage/rule-file';
import { describe, expect, test } from 'vitest';
import { writeDump64 } from '../../support/dump-writer.js';
import { type FileOptions, fileTime } from '../../support/ntfs-writer/tree.js';
import { writePe } from '../../support/pe-writer.js';
import { temporaryFolder } from '../../support/tools.js';
import { judge } from '../../support/triage/decision-disk.js';
import { type ServerSpec, softwareHive, systemHive } from '../../support/windows-hives.js';
import { root } from '../../support/workspace.js';

const documentation = readFileSync(join(root, 'docs/rules.md'), 'utf8');

/** The complete example of the documentation, as a reader would copy it. */
function documentedRule(): Rule {
  const found = /## A complete example[^]*?```yaml\n([^]*?)```/.exec(documentation);
  return parseRule(found?.[1] ?? '', 'docs/rules.md');
}

type Files = Record<string, FileOptions>;

function hives(spec: ServerSpec): Files {
  return {
    '/Windows/System32/config/SYSTEM': { content: systemHive(spec) },
    '/Windows/System32/config/SOFTWARE': { content: softwareHive(spec) },
  };
}

function service(start: number): ServerSpec {
  return { system: { 'ControlSet001\\Services\\exflt': { Start: start, Type: 1 } } };
}

const pe = (fileVersion: string): FileOptions => ({ content: writePe({ fileVersion }) });

const DRIVERS = '/Windows/System32/drivers';

function crashIn(name: string, time: string): Files {
  const drivers = [
    { name: 'ntoskrnl.exe', base: 0xfffff80312000000n, size: 0xab7000 },
    { name, base: 0xfffff80314000000n, size: 0x2c000 },
  ];
  const content = writeDump64({
    code: 0x50,
    parameters: [0xffff8486n, 0n, drivers[1].base + 0x14edn, 0n],
    time: fileTime(time),
    drivers,
    stack: [drivers[0].base + 0x1000n, drivers[1].base + 0x14edn],
  });
  return { '/Windows/Minidump/030126-1000-01.dmp': { content, modified: time } };
}

/** What `rule` says of a disk with `files`, judged beside the shipped rules. */
async function resultOf(folder: string, rule: Rule, files: Files) {
  const report = await judge(
    folder,
    { channelFiles: [], crowdStrikeEntries: 0, windowsFiles: files },
    { mode: 'full', rules: [...SHIPPED_RULES, rule] },
  );
  const result = report.installations[0]?.rules.find((candidate) => candidate.rule === rule.name);
  if (result === undefined) throw new Error(`${rule.name} was not judged`);
  return { ...result, image: report };
}

describe('the example of docs/rules.md', () => {
  const folder = temporaryFolder();
  const rule = documentedRule();
  const cases: [string, Files, string, string][] = [
    [
      'a faulty driver that starts',
      { ...hives(service(0)), [`${DRIVERS}/exflt.sys`]: pe('3.1.0.4') },
      'exflt-faulty',
      'act',
    ],
    [
      'a faulty driver that does not start',
      { ...hives(service(4)), [`${DRIVERS}/exflt.sys`]: pe('3.1.0.4') },
      'exflt-idle',
      'review',
    ],
    ['the next version', { ...hives(service(0)), [`${DRIVERS}/exflt.sys`]: pe('3.1.0.9') }, 'exflt-sound', 'none'],
    ['the version before', { ...hives(service(0)), [`${DRIVERS}/exflt.sys`]: pe('3.0.99.99') }, 'exflt-sound', 'none'],
    [
      'a file that is no program',
      { ...hives(service(0)), [`${DRIVERS}/exflt.sys`]: { content: new Uint8Array(900).fill(1) } },
      'exflt-sound',
      'none',
    ],
    ['a service without its driver', hives(service(1)), 'exflt-missing', 'act'],
    ['a disabled service without its driver', hives(service(4)), 'exflt-sound', 'none'],
    [
      'two libraries that differ',
      { ...hives({}), [`${DRIVERS}/exflt.dll`]: pe('3.1.0.0'), '/Program Files/Example/exflt.dll': pe('3.0.0.0') },
      'exflt-mixed',
      'review',
    ],
    [
      'two libraries that agree',
      { ...hives({}), [`${DRIVERS}/exflt.dll`]: pe('3.1.0.0'), '/Program Files/Example/exflt.dll': pe('3.1.0.0') },
      'not-applicable',
      'none',
    ],
    ['a server without it', hives({}), 'not-applicable', 'none'],
  ];

  test.each(cases)('%s', async (_, files, verdict, severity) => {
    expect(await resultOf(folder, rule, files)).toMatchObject({
      verdict,
      severity,
      words: { sentence: rule.texts[verdict]?.sentence ?? null },
    });
  });

  test('names the installation and the image by its verdict, with class, note and confidence', async () => {
    const file = { ...pe('3.1.0.4'), modified: '2026-03-01T00:00:00Z' };
    const files = {
      ...hives(service(0)),
      [`${DRIVERS}/exflt.sys`]: file,
      ...crashIn('exflt.sys', '2026-03-01T05:00:00Z'),
    };
    const { image, ...result } = await resultOf(folder, rule, files);
    expect(result).toMatchObject({ confidence: 'confirmed', files: [{ class: 'faulty-version', notes: ['fresh'] }] });
    expect(image).toMatchObject({
      verdict: 'exflt-faulty',
      severity: 'act',
      installations: [{ rule: 'example-filter' }],
    });
  });

  test('a crash before its time, or in another driver, does not confirm', async () => {
    const files = { ...hives(service(0)), [`${DRIVERS}/exflt.sys`]: pe('3.1.0.4') };
    for (const crash of [crashIn('exflt.sys', '2026-02-27T05:00:00Z'), crashIn('other.sys', '2026-03-01T05:00:00Z')])
      expect((await resultOf(folder, rule, { ...files, ...crash })).confidence).toBe('contradicted');
  });

  test('without a registry nobody knows that the driver is to start', async () => {
    expect(await resultOf(folder, rule, {})).toMatchObject({ verdict: 'not-applicable' });
    expect(await resultOf(folder, rule, { [`${DRIVERS}/exflt.sys`]: pe('3.1.0.4') })).toMatchObject({
      verdict: 'exflt-idle',
    });
  });
});

const CONTENT = Uint8Array.from({ length: 700 }, (_, i) => (i * 7) & 255);

/** The other keys of the documentation. */
const other = parseRule(
  `title: Example Guard removed the logon program
id: 8f0e5a52-6a0c-4b0e-9d57-3f1f5b1d4712
name: example-guard
status: experimental
references: [https://example.org/advisory-8]
date: 2026-03-01
level: high
detection:
  logon-missing:
    type: FILE
    paths: ['%%environ_systemroot%%\\System32\\winlogon-x.exe']
    exists: false
  no-guard:
    type: REGISTRY_KEY
    key: 'HKLM\\SOFTWARE\\Example\\Guard*'
    exists: false
  definition:
    type: REGISTRY_VALUE
    key: 'HKLM\\SOFTWARE\\Example\\Guard*'
    value: Definitions
    data|re: '^rev-1[0-9]$'
  quarantined:
    type: FILE
    paths: ['%%environ_systemdrive%%\\ExampleVault\\**\\*.vir']
    hashes.SHA-256: ${createHash('sha256').update(CONTENT).digest('hex').toUpperCase()}
    name|re: '^winlogon'
    size|gte: 700
    size|lt: 701
  vault:
    type: FILE
    kind: directory
    paths: ['%%environ_systemdrive%%\\ExampleVault']
  stopped:
    type: CRASH
    code: '0x50'
    time|gte: 2026-03-01T00:00:00+01:00
    time|lt: 2026-03-02T00:00:00Z
  condition: logon-missing and definition
verdicts:
  - { when: logon-missing and definition and quarantined, verdict: logon-quarantined, severity: act }
  - { when: logon-missing and not no-guard and (vault or stopped), verdict: logon-lost, severity: review, confidence: lower }
  - { when: not logon-missing, verdict: not-applicable, severity: none }
  - { when: no-guard, verdict: not-applicable, severity: none }
confidence:
  - { when: vault, value: likely }
remediation: { action: advise, warnings: [registry-health] }
`,
  'example-guard.yaml',
);

describe('a rule with the other keys of the documentation', () => {
  const folder = temporaryFolder();
  const guard = (...definitions: string[]): ServerSpec => ({
    software: { 'Example\\Guard 7': { Definitions: definitions } },
  });
  const vault = (content: Uint8Array, name = 'winlogon-x.exe.vir'): Files => ({
    [`/ExampleVault/2026/03/${name}`]: { content },
  });
  const logon: Files = { '/Windows/System32/winlogon-x.exe': { content: CONTENT } };
  const { ...crash } = crashIn('any.sys', '2026-03-01T20:00:00Z');

  test.each<[string, Files, string]>([
    ['gone, and in quarantine', { ...hives(guard('rev-09', 'rev-11')), ...vault(CONTENT) }, 'logon-quarantined'],
    [
      'another file in quarantine',
      { ...hives(guard('rev-11')), ...vault(CONTENT.map((byte) => byte ^ 1)) },
      'logon-lost',
    ],
    [
      'a file of another name in quarantine',
      { ...hives(guard('rev-11')), ...vault(CONTENT, 'other.vir') },
      'logon-lost',
    ],
    ['no quarantine, but a crash in its time', { ...hives(guard('rev-09')), ...crash }, 'logon-lost'],
    ['a crash after its time', { ...hives(guard('rev-09')), ...crashIn('any.sys', '2026-03-02T00:00:00Z') }, 'review'],
    ['still there', { ...hives(guard('rev-11')), ...vault(CONTENT), ...logon }, 'not-applicable'],
    ['gone, without the product', hives({}), 'not-applicable'],
  ])('%s', async (_, files, verdict) => {
    const result = await resultOf(folder, other, files);
    expect(result.verdict).toBe(verdict);
    if (verdict === 'logon-quarantined') expect(result).toMatchObject({ severity: 'act', text: null });
  });
});

describe('faults that the documentation promises to find', () => {
  const example = /## A complete example[^]*?```yaml\n([^]*?)```/.exec(documentation)?.[1] ?? '';
  const faultOf = (from: string, to: string): string => {
    expect(example).toContain(from);
    try {
      parseRule(example.replace(from, to), 'x.yaml');
    } catch (error) {
      if (isDeadboxError(error, 'RULE_INVALID')) return error.message;
      throw error;
    }
    return 'accepted';
  };

  test.each([
    ['class: faulty-version }', 'class: faulty-versoin }', '"driver" has no class "faulty-versoin"'],
    ["drivers\\exflt.sys'", "dri*rs\\exflt.sys'", 'wildcards only in its last part'],
    ["Services\\exflt'\n  boot", "Serv*\\exflt'\n  boot", 'wildcards only in its last part'],
    ["exflt'\n  boot", "exflt'\n    value: Start\n  boot", 'use REGISTRY_VALUE'],
    ['exflt-mixed: ', 'exflt-mxied: ', 'no verdict is called "exflt-mxied"'],
    ['target: driver', 'target: drvier', '"drvier" is not a FILE selection'],
    ["header: '4D 5A'", "header: '4D 5'", 'hex bytes'],
    ["header: '4D 5A'", 'hashes.SHA-256: abcd', '64 hexadecimal digits'],
    ['other: library-in-drivers', 'other: service', '"service" is not a FILE selection'],
    ['when: library-differs', 'when: library-differ', 'no selection called "library-differ"'],
    ['type: CRASH', 'type: CRASH\n    modules: x', 'modules'],
  ])('%s → %s', (from, to, what) => {
    const message = faultOf(from, to);
    expect(message).toMatch(/^x\.yaml:\d+:\d+: /);
    expect(message).toContain(what);
  });
});
