import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRule } from '@deadbox/triage/rule-file';
import { describe, expect, test } from 'vitest';
import { packageNames, root, sourcesOf, textOf } from '../support/workspace.js';

const RULES = join(root, 'packages/triage/rules');

/**
 * What an incident is known by: vendor and product, files, services, times. Product names of the inventory are no
 * incident.
 */
const INCIDENTS: readonly RegExp[] = [
  /crowd\s?strike/i,
  /falcon/i,
  /cs-?agent/i,
  /C-0{5,}291|channel.file|\b291\b/i,
  /0[45]:(09|27)/,
  /2024-07-19/,
  /fntcache/i,
  /\bKB\d{7}\b/,
];

/** Files that name products for the inventory of a machine, and decide nothing by them. */
const INVENTORY = new Set(['packages/windows/src/machine/security-product-names.ts']);

const isGenerated = (path: string): boolean => textOf(path).startsWith('// Generated from');

/** Every word that a shipped rule invented for its verdicts, classes and notes. */
function ruleWords(): string[] {
  const rules = readdirSync(RULES)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => parseRule(readFileSync(join(RULES, name), 'utf8'), name));
  const words = rules.flatMap((rule) => [
    ...rule.verdicts.map(({ verdict }) => verdict),
    ...Object.values(rule.selections).flatMap((selection) =>
      selection.type === 'FILE'
        ? selection.classes.flatMap((entry) => [entry.class, ...entry.notes.map(({ note }) => note)])
        : [],
    ),
  ]);
  // Words that the engine has a meaning of its own for, whatever the rule.
  const engine = new Set(['review', 'damaged']);
  return [...new Set(words)].filter((word) => !engine.has(word));
}

const quotedRuleWord = new RegExp(`['"\`](${ruleWords().join('|')})['"\`]`, 'g');

describe.each(packageNames)('package %s', (name) => {
  const sources = sourcesOf(name).filter((path) => !isGenerated(path) && !INVENTORY.has(path));

  test('names no incident: only rule files do', () => {
    const found = sources.flatMap((path) =>
      INCIDENTS.flatMap((pattern) => {
        const match = pattern.exec(textOf(path));
        return match === null ? [] : [`${path}: ${match[0]}`];
      }),
    );
    expect(found).toEqual([]);
  });

  test('knows no word of a rule', () => {
    const found = sources.flatMap((path) =>
      [...textOf(path).matchAll(quotedRuleWord)].map(([, word]) => `${path}: ${word}`),
    );
    expect(found).toEqual([]);
  });
});
