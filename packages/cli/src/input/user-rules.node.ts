import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Rule, SHIPPED_RULES } from '@deadbox/triage';
import { usageError } from '../exit-code.js';
import type { InputFiles } from '../output/input-files.node.js';

/** The shipped rules and those of the folder; a rule of the same name replaces the shipped one. */
export async function rulesWith(folder: string | undefined, inputs: InputFiles): Promise<readonly Rule[]> {
  if (folder === undefined) return SHIPPED_RULES;
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter((name) => /\.ya?ml$/i.test(name))
      .sort();
  } catch (error) {
    throw usageError('rules-unreadable', { folder, reason: (error as Error).message });
  }
  if (names.length === 0) throw usageError('rules-empty', { folder });
  const own: Rule[] = [];
  for (const name of names) own.push(await readRule(join(folder, name), inputs));
  const known = new Set<string>();
  for (const { name } of own) {
    if (known.has(name)) throw usageError('rules-twice', { folder, name });
    known.add(name);
  }
  return [...SHIPPED_RULES.filter(({ name }) => !known.has(name)), ...own];
}

/** One rule file; the YAML parser is loaded only now. */
export async function readRule(path: string, inputs: InputFiles): Promise<Rule> {
  inputs.add(path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError('rule-unreadable', { path, reason: (error as Error).message });
  }
  const { parseRule } = await import('@deadbox/triage/rule-file');
  return parseRule(text, path);
}
