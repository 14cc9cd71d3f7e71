import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeadboxError } from '@deadbox/core';
import { parseMachine } from '@deadbox/image';
import { parseRule } from '@deadbox/triage/rule-file';
import { expect, test } from 'vitest';
import { describedDisks } from '../../packages/cli/src/input/machines.node.js';
import { readJournal } from '../../packages/cli/src/runs/journal.js';
import { parseConfig } from '../../packages/cli/src/settings/config-file.js';
import { MACHINE_ATTACKS } from '../support/attack/machine-attacks.js';
import { RULE_ATTACKS } from '../support/attack/rule-attacks.js';

/** What is said of a rule file. */
function faultsOf(text: string): string {
  try {
    parseRule(text);
  } catch (error) {
    if (isDeadboxError(error, 'RULE_INVALID')) return error.message;
    throw error;
  }
  return '';
}

const ruleText = (file: string): string => {
  const attack = RULE_ATTACKS.find((candidate) => candidate.file === file);
  return new TextDecoder().decode(attack?.bytes());
};

test.each(['nested.yaml', 'indented.yaml', 'maps.yaml'])(
  'a rule file nested beyond use is refused before it is parsed: %s',
  (file) => {
    expect(faultsOf(ruleText(file))).toMatch(/nested more than 64 deep$/);
  },
);

test('keys in a row count as nesting too, those in quotes as well', () => {
  expect(faultsOf(': "'.repeat(80_000))).toMatch(/nested more than 64 deep$/);
  expect(faultsOf('a: '.repeat(80_000))).toMatch(/nested more than 64 deep$/);
});

test('tags and anchors in a row count as nesting too', () => {
  expect(faultsOf(`title: ${'!a '.repeat(80_000)}`)).toMatch(/nested more than 64 deep$/);
  expect(faultsOf(`title: ${'&a '.repeat(80_000)}`)).toMatch(/nested more than 64 deep$/);
});

test('brackets in quotes and dashes in words are no nesting', () => {
  expect(faultsOf(`title: "${'['.repeat(200)}"\ndescription: ${'a-b '.repeat(200)}\n`)).not.toContain('nested');
});

test('the first hundred faults of a rule file are told, and the others counted', () => {
  const lines = faultsOf(`tags: [${'1,'.repeat(500)}]`).split('\n');
  expect(lines).toHaveLength(101);
  expect(lines.at(-1)).toMatch(/: 4\d\d more faults$/);
});

test('a list or map of a rule file with more entries than any rule has is one fault, not thousands', () => {
  const told = 'a list or map has more than 8192 entries';
  expect(faultsOf(`tags: [${'1,'.repeat(8193)}]`)).toBe(`rule:1:7: ${told}`);
  expect(faultsOf(Array.from({ length: 8193 }, (_, i) => `k${i}: 1`).join('\n'))).toBe(`rule:1:1: ${told}`);
  expect(faultsOf(`tags: [${'1,'.repeat(8192)}]`)).toMatch(/ more faults$/);
});

test('a key of a rule file that comes twice is a fault with its place', () => {
  expect(faultsOf('title: a\nlevel: low\ntitle: b\n')).toBe('rule:3:1: Map keys must be unique');
});

test.each(['name.xml', 'attribute.xml', 'quotes.xml', 'deep.vbox', 'deep.ovf'])(
  'a description of a machine that no parser should follow is read once from its beginning to its end: %s',
  (file) => {
    const attack = MACHINE_ATTACKS.find((candidate) => candidate.file === file);
    const used = process.cpuUsage();
    // A disk that names no file counts; it has no name of four megabytes.
    expect(parseMachine(attack?.bytes() ?? new Uint8Array())?.disks ?? []).toEqual(
      file === 'attribute.xml' ? ['disk 1'] : [],
    );
    // A search from each place of four megabytes takes hours.
    expect(process.cpuUsage(used).user).toBeLessThan(10_000_000);
  },
);

test('a description of little more than empty elements is none, and one with disks in every line is read', () => {
  const xml = (disks: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(`<domain>${disks}</domain>`);
  expect(parseMachine(xml('<a/>'.repeat(2000)))).toBeUndefined();
  expect(parseMachine(xml('<disk><source file="/var/lib/a.qcow2"/></disk>'.repeat(2000)))?.disks).toHaveLength(2000);
});

test('lines of a configuration file are counted once, however many entries it has', () => {
  const entries = parseConfig(`{\n\n"a":1,${'"b":2,\n'.repeat(6000)}"c":3}`, 'config.json');
  expect([entries[0].line, entries[1].line, entries.at(-1)?.line]).toEqual([3, 3, 6003]);
});

test('a file of lines that cannot be read is no journal', () => {
  const head = {
    schema: 'deadbox.run/1',
    type: 'run',
    run: 'x',
    images: 1,
    provenance: { version: '1', startedAt: '2026-01-01T00:00:00Z', rules: [], options: {} },
  };
  function* lines(): Generator<{ text: string }> {
    yield { text: JSON.stringify(head) };
    for (let i = 0; i < 1_000_000; i += 1) yield { text: '{"type":' };
  }
  const journal = readJournal(lines(), 'a.ndjson');
  expect(() => Array.from({ length: 10_002 }, () => journal.next())).toThrow();
});

test('a line of a journal that lacks parts of a report is as good as cut', () => {
  const head = { schema: 'deadbox.run/1', type: 'run', run: 'a', images: 1 };
  const provenance = { tool: 'deadbox', version: '1', rules: [], options: {}, startedAt: '2026-01-01T00:00:00Z' };
  const line = (image: object): string => JSON.stringify({ type: 'image', key: 'a', index: 0, files: [], image });
  const failed = { path: 'a.img', error: { code: 'X', message: 'm' } };
  const whole = { ...failed, cause: null, starts: 'not-checked', causes: [], obstacles: [] };
  const images = [failed, { path: 'a.img', severity: 'none' }, { ...whole, causes: [null] }, whole];
  const lines = [JSON.stringify({ ...head, provenance }), ...images.map(line)].map((text) => ({ text }));
  expect(Array.from(readJournal(lines, 'a.ndjson'), ([{ type }]) => type)).toEqual([
    'run',
    'cut',
    'cut',
    'cut',
    'image',
  ]);
});

test('a machine description that names one disk often has one disk, and one of thousands is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'deadbox-attack-'));
  const disksOf = async (file: string): Promise<number | undefined> => {
    const path = join(folder, file);
    writeFileSync(path, MACHINE_ATTACKS.find((candidate) => candidate.file === file)?.bytes() ?? '');
    return (await describedDisks(path))?.length;
  };
  expect(await disksOf('same.vmx')).toBe(1);
  await expect(disksOf('disks.vmx')).rejects.toThrow('machine-too-many-disks');
  rmSync(folder, { recursive: true });
});
