import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, type Json, MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { type Rule, scanDisk } from '@deadbox/triage';
import { parseRule } from '@deadbox/triage/rule-file';
import { parse, stringify } from 'yaml';
import { smallDisk } from '../../support/disk-writer/small-disk.js';
import { root } from '../../support/workspace.js';
import { KINDS, mutateRule, TAPE } from '../mutate-rule.js';
import type { FuzzTarget, Range, Seed } from '../target.js';

const folder = join(root, 'packages/triage/rules');

const texts = (): Uint8Array[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => readFileSync(join(folder, name)));

let documents: readonly Json[] | undefined;
let disk: Uint8Array<ArrayBuffer> | undefined;

/** The shipped rules as data; a tape changes one of them. */
const shipped = (): readonly Json[] =>
  (documents ??= texts().map((text) => parse(new TextDecoder().decode(text)) as Json));

/** Reads a rule that somebody changed. */
const read = (tape: Bytes): Rule => parseRule(stringify(mutateRule(shipped(), tape)));

/** Reads a rule that somebody changed, and judges a crashed disk by it. */
async function judge(tape: Bytes): Promise<string> {
  const rule = read(tape);
  disk ??= smallDisk('mbr');
  await using opened = await openDisk(new MemorySource(disk), { name: 'disk.img' });
  const report = await scanDisk(opened, { mode: 'full', rules: [rule] });
  const found = report.installations.flatMap(({ rules, nextSteps }) => [
    ...rules.map(({ verdict, confidence }) => `${verdict} ${confidence}`),
    ...nextSteps.map(({ id }) => id),
  ]);
  return [report.severity, rule.remediation.action, ...found].join(' ');
}

const tapes = {
  seeds: () =>
    shipped().map((_, i): Seed => ({ name: `rule ${i}`, bytes: Uint8Array.of(i, ...new Uint8Array(TAPE - 1)) })),
  structures: (): Range[] => [...KINDS.map((at): Range => [at, at + 4]), [0, TAPE]],
};

export const triageTargets: readonly FuzzTarget[] = [
  {
    ...tapes,
    name: 'triage/rule',
    parse(tape): string {
      const { remediation, selections, verdicts, steps } = read(tape);
      const types = Object.values(selections).map(({ type }) => type);
      return [remediation.action, verdicts.length, steps.length, ...new Set(types)].join(' ');
    },
  },
  { ...tapes, name: 'triage/rule-scan', parse: judge },
  {
    name: 'triage/rule-text',
    seeds: () => texts().map((bytes, i) => ({ name: `rule ${i}`, bytes })),
    parse: (input) => Object.keys(parseRule(new TextDecoder().decode(input))).length,
  },
];
