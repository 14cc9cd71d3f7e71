import type { NextStep } from '../report/rule-result.js';
import { placeholdersIn } from '../report/rule-text.js';
import type { Rule, StepRow } from './rule.js';
import type { RuleAnswers } from './verdict.js';

/** Steps of the scan that a rule may name without a text of its own. */
export const SCAN_STEPS = ['copy-first', 'keep-disk-identity'] as const;

/** Whether a step's text names files. */
export function namesFiles({ text }: StepRow): boolean {
  return text !== undefined && placeholdersIn(text.en).some((word) => word === 'paths' || word === 'del');
}

/**
 * The steps of a rule that apply: those for `verdict` whose condition holds.
 * @param root - path of the Windows folder
 */
export function ruleSteps(rule: Rule, verdict: string, root: string, answers: RuleAnswers): NextStep[] {
  return rule.steps.flatMap((row): NextStep[] => {
    const { id, verdicts, when, drive, text } = row;
    if (verdicts.length > 0 && !verdicts.includes(verdict)) return [];
    if (when !== undefined && !answers.holds(when)) return [];
    const onDrive = (path: string): string => `${drive}:${path.replaceAll('/', '\\')}`;
    const paths = filesOfStep(row, rule)?.flatMap((name) => answers.filesOf(name).map(({ path }) => onDrive(path)));
    if (paths?.length === 0) return [];
    const data = { ...(paths === undefined ? {} : { paths }), hive: onDrive(`${root}/System32/config/SYSTEM`) };
    if (text !== undefined) return [{ id, data, text }];
    return SCAN_STEPS.filter((known) => known === id).map((known) => ({ id: known, data }));
  });
}

/** The selections whose files a step names; `undefined` for a step that names none. */
function filesOfStep(row: StepRow, rule: Rule): readonly string[] | undefined {
  const { target } = rule.remediation;
  return row.files ?? (namesFiles(row) && target !== undefined ? [target] : undefined);
}
