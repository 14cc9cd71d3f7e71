import type { FileReport } from '../report/rule-result.js';
import type { ProvisionalReason, RuleConfidence, Severity } from '../report/words.js';
import { type Condition, holds, parseCondition, reasonsOf } from './condition.js';
import type { Rule, VerdictRow } from './rule.js';

/** What was gathered for a rule in one installation. */
export interface RuleFacts {
  /** Judged files by the name of their FILE selection. */
  readonly files: ReadonlyMap<string, readonly FileReport[]>;
  /** FILE selections whose folders could not be listed in full: that they found nothing proves no absence. */
  readonly incomplete?: ReadonlySet<string>;
  /** Other selections: whether they hold; absent from the map where nothing was gathered. */
  readonly other: ReadonlyMap<string, boolean>;
}

/** What decided: the row that fits, and the files by which it does. */
export interface Decision {
  readonly row: VerdictRow;
  /** Place of the row in the verdict table, from 1. */
  readonly number: number;
  /** Files of the selections by which the row's condition holds. */
  readonly files: readonly FileReport[];
  readonly confidence: RuleConfidence;
}

/** The conditions of the rules in use: every image of a run asks for the same. */
const parsed = new WeakMap<Rule, Map<string, Condition>>();

/** A condition of a rule, parsed once. */
export function conditionOf(rule: Rule, when: string): Condition {
  const known = parsed.get(rule) ?? new Map<string, Condition>();
  parsed.set(rule, known);
  const condition = known.get(when) ?? parseCondition(when);
  known.set(when, condition);
  return condition;
}

/** Answers conditions from the facts that were gathered for one rule. */
export class RuleAnswers {
  readonly #rule: Rule;
  readonly #facts: RuleFacts;

  constructor(rule: Rule, facts: RuleFacts) {
    this.#rule = rule;
    this.#facts = facts;
  }

  /** Whether a condition holds. */
  readonly holds = (when: string): boolean => holds(conditionOf(this.#rule, when), this.#fact);

  /** The files of a FILE selection, or those that a derived selection picks. */
  readonly filesOf = (name: string): readonly FileReport[] => {
    const selection = this.#rule.selections[name];
    if (selection?.type !== 'OF') return this.#facts.files.get(name) ?? [];
    return (this.#facts.files.get(selection.of) ?? []).filter(
      (file) =>
        (selection.class === undefined || file.class === selection.class) &&
        (selection.content === undefined || selection.content.includes(file.content)) &&
        (selection.note === undefined || file.notes.includes(selection.note)),
    );
  };

  /** Looks the verdict up: the first row whose condition holds. `undefined` when none does. */
  decide(): Decision | undefined {
    const { verdicts, confidence } = this.#rule;
    const number = verdicts.findIndex(({ when }) => this.holds(when)) + 1;
    const row = verdicts[number - 1];
    if (row === undefined) return undefined;
    const stated = confidence.find(({ when }) => when !== undefined && this.holds(when));
    const reasons = reasonsOf(conditionOf(this.#rule, row.when), this.#fact);
    return {
      row,
      number,
      files: [...new Set(reasons.flatMap(this.filesOf))],
      confidence: stated?.value ?? row.confidence ?? 'normal',
    };
  }

  readonly #fact = (name: string): boolean | undefined => {
    const selection = this.#rule.selections[name];
    if (selection === undefined) return undefined;
    if (selection.type === 'OF') return this.filesOf(name).length > 0;
    const files = this.#facts.files.get(name);
    if (files === undefined) return this.#facts.other.get(name);
    if (files.length === 0 && this.#facts.incomplete?.has(name) === true) return undefined;
    return selection.type === 'FILE' && !selection.exists ? files.length === 0 : files.length > 0;
  };
}

/**
 * A reassuring verdict needs proof (docs/verdicts.md): without it the word stays and the severity becomes `review`.
 * A log that was not examined is said, but leaves the severity.
 */
export function severityWithProof(
  severity: Severity,
  doubts: readonly ProvisionalReason[],
): { severity: Severity; provisional: ProvisionalReason[] } {
  if (severity !== 'none' || doubts.length === 0) return { severity, provisional: [] };
  const serious = doubts.some((doubt) => doubt !== 'log-not-examined');
  return { severity: serious ? 'review' : 'none', provisional: [...doubts] };
}
