import { isDeadboxError } from '@deadbox/core';
import { type Block, type Phrase } from '@deadbox/report';
import { data, ruleRow } from '@deadbox/report/internals';
import { SHIPPED_RULES } from '@deadbox/triage';
import { closest } from '../../closest.js';
import { EXIT, usageError } from '../../exit-code.js';
import type { Session } from '../../input/session.node.js';
import { readRule } from '../../input/user-rules.node.js';
import type { CommonOptions } from '../../options.js';
import { withOutput } from '../../output/output.node.js';
import { writerFor } from '../../output/show.node.js';

/** Lists the shipped rules. */
export async function rulesList(options: CommonOptions, session: Session): Promise<number> {
  await withOutput(session.output(options), (output) => {
    if (options.json === true) output.writeJson(SHIPPED_RULES, false);
    else if (options.ndjson === true) for (const rule of SHIPPED_RULES) output.writeJson(rule, true);
    else output.write(writerFor(options, output)(SHIPPED_RULES.map((rule) => ruleRow(rule, session.reader))));
  });
  return EXIT.ok;
}

export async function rulesShow(name: string, options: CommonOptions, session: Session): Promise<number> {
  const rule = SHIPPED_RULES.find((candidate) => candidate.name === name || candidate.id === name.toLowerCase());
  if (rule === undefined) {
    const meant = closest(
      name,
      SHIPPED_RULES.map((known) => known.name),
    );
    throw usageError('no-rule', { name, meant: meant ?? null }, EXIT.notFound);
  }
  await withOutput(session.output(options), (output) => output.writeJson(rule, false));
  return EXIT.ok;
}

/** Validates rule files; every fault with line and column. */
export async function rulesCheck(files: readonly string[], options: CommonOptions, session: Session): Promise<number> {
  let code: number = EXIT.ok;
  await withOutput(session.output(options), async (output) => {
    const write = writerFor(options, output);
    for (const file of files) {
      try {
        const rule = await readRule(file, session.inputs);
        output.write(write([row(session.language.notices.ruleValid(file, rule.name))]));
      } catch (error) {
        if (!isDeadboxError(error)) throw error;
        output.write(write(error.message.split('\n').map((line) => row([data(line)]))));
        code = EXIT.notFound;
      }
    }
  });
  return code;
}

const row = (content: Phrase): Block => ({ kind: 'row', cells: [{ content }] });
