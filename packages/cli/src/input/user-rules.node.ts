import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Rule, SHIPPED_RULES } from '@deadbox/triage';
import { UsageError } from '../exit-code.js';

/** The shipped rules and those of the folder; a rule of the same name replaces the shipped one. */
export async function rulesWith(folder: string | undefined): Promise<readonly Rule[]> {
  if (folder === undefined) return SHIPPED_RULES;
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter((name) => /\.ya?ml$/i.test(name))
      .sort();
  } catch (error) {
    throw new UsageError(`--rules ${folder} cannot be read: ${(error as Error).message}`);
  }
  if (names.length === 0) throw new UsageError(`--rules ${folder} holds no .yaml file`);
  const own: Rule[] = [];
  for (const name of names) own.push(await readRule(join(folder, name)));
  const twice = own.find((rule, i) => own.findIndex(({ name }) => name === rule.name) !== i);
  if (twice !== undefined) throw new UsageError(`--rules ${folder} holds two rules called ${twice.name}`);
  return [...SHIPPED_RULES.filter((rule) => !own.some((candidate) => candidate.name === rule.name)), ...own];
}

/** One rule file; the YAML parser is loaded only now. */
export async function readRule(path: string): Promise<Rule> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
  const { parseRule } = await import('@deadbox/triage/rule-file');
  return parseRule(text, path);
}
