import type { FileReport } from '../report/report-types.js';
import type { ProvisionalReason, Severity } from '../report/words.js';
import { holds, parseCondition } from './condition.js';
import type { DerivedSelection, Rule, VerdictRow } from './rule.js';

/** What was gathered for a rule in one installation. */
export interface RuleFacts {
  /** Judged files by the name of their FILE selection. */
  readonly files: ReadonlyMap<string, readonly FileReport[]>;
  /** FILE selections whose folders could not be listed in full: that they found nothing proves no absence. */
  readonly incomplete?: ReadonlySet<string>;
  /** Other selections: whether they hold; absent from the map where nothing was gathered. */
  readonly other: ReadonlyMap<string, boolean>;
}

/** The verdict row that fits, and the crash confidence. */
export interface Decision {
  readonly row: VerdictRow;
  readonly confidence: 'normal' | 'lower' | 'confirmed' | 'likely' | 'contradicted';
}

/** Looks a rule's verdict up: the first row whose condition holds. `undefined` when none does. */
export function decide(rule: Rule, facts: RuleFacts): Decision | undefined {
  const fact = (name: string): boolean | undefined => {
    const selection = rule.selections[name];
    if (selection === undefined) return undefined;
    if (selection.type === 'OF') return matching(selection, facts).length > 0;
    const files = facts.files.get(name);
    if (files === undefined) return facts.other.get(name);
    if (files.length === 0 && facts.incomplete?.has(name) === true) return undefined;
    return selection.type === 'FILE' && !selection.exists ? files.length === 0 : files.length > 0;
  };
  const row = rule.verdicts.find((candidate) => holds(parseCondition(candidate.when), fact));
  if (row === undefined) return undefined;
  const stated = rule.confidence.find((candidate) => holds(parseCondition(candidate.when), fact));
  return { row, confidence: (stated?.value as Decision['confidence'] | undefined) ?? row.confidence ?? 'normal' };
}

/** The files of a FILE selection that a derived selection picks. */
function matching(selection: DerivedSelection, facts: RuleFacts): FileReport[] {
  return (facts.files.get(selection.of) ?? []).filter(
    (file) =>
      (selection.class === undefined || file.class === selection.class) &&
      (selection.content === undefined || selection.content.includes(file.content)) &&
      (selection.note === undefined || file.notes.includes(selection.note)),
  );
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
