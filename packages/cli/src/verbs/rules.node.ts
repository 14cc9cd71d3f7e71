import { isDeadboxError } from '@deadbox/core';
import { escapeText } from '@deadbox/report';
import { SHIPPED_RULES } from '@deadbox/triage';
import { EXIT, UsageError } from '../exit-code.js';
import { readRule } from '../input/user-rules.node.js';
import type { CommonOptions } from '../options.js';
import { Output } from '../output/output.node.js';

/** Lists the shipped rules. */
export function rulesList(options: CommonOptions): Promise<number> {
  const output = new Output(options.output);
  if (options.json === true) output.write(`${JSON.stringify(SHIPPED_RULES, undefined, 2)}\n`);
  else if (options.ndjson === true) for (const rule of SHIPPED_RULES) output.write(`${JSON.stringify(rule)}\n`);
  else
    for (const rule of SHIPPED_RULES) output.write(`${rule.name.padEnd(32)} ${rule.level.padEnd(14)} ${rule.title}\n`);
  output.close();
  return Promise.resolve(EXIT.ok);
}

/** Shows one rule. */
export function rulesShow(name: string): Promise<number> {
  const rule = SHIPPED_RULES.find((candidate) => candidate.name === name || candidate.id === name.toLowerCase());
  if (rule === undefined)
    throw new UsageError(`there is no rule ${escapeText(name)}; deadbox rules list shows all`, EXIT.notFound);
  process.stdout.write(`${JSON.stringify(rule, undefined, 2)}\n`);
  return Promise.resolve(EXIT.ok);
}

/** Validates rule files; every fault with line and column. */
export async function rulesCheck(files: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  for (const file of files) {
    try {
      const rule = await readRule(file);
      process.stdout.write(`${file}: ${rule.name}: valid\n`);
    } catch (error) {
      if (!isDeadboxError(error)) throw error;
      process.stdout.write(`${error.message}\n`);
      code = EXIT.notFound;
    }
  }
  return code;
}
