import type { ReadOptions } from '@deadbox/core';
import type { FileReport, RuleDecision, RuleResult } from '../report/rule-result.js';
import type { ProvisionalReason } from '../report/words.js';
import { namesIn } from './condition.js';
import { type GatheredFiles, needsVersion } from './files/gather-files.js';
import type { FileSelection, Rule } from './rule.js';
import { ruleTexts } from './rule-texts.js';
import { ruleSteps } from './steps.js';
import { conditionOf, type Decision, RuleAnswers, severityWithProof } from './verdict.js';

/** What one rule needs to be judged in one installation. */
export interface RuleContext extends ReadOptions {
  /** Finds the files of a selection; with `versions` it reads version resources although the selection does not ask. */
  readonly gather: (selection: FileSelection, versions: boolean) => Promise<GatheredFiles>;
  /** Path of the Windows folder. */
  readonly root: string;
  readonly mode: 'quick' | 'full';
  /** Doubts that hold for the whole volume. */
  readonly volumeDoubts: readonly ProvisionalReason[];
  /** Doubts that depend on the folders and files that the rule looked at. */
  readonly folderDoubts?: (found: readonly GatheredFiles[]) => Promise<readonly ProvisionalReason[]>;
  /** Answers of registry and crash selections; one without an answer was not gathered. */
  readonly otherFacts?: ReadonlyMap<string, boolean>;
}

/** Judges one rule in one installation. */
export async function judgeRule(rule: Rule, context: RuleContext): Promise<RuleResult> {
  const { files, gathered, answers } = await gatherAll(rule, context);
  const decision = answers.decide();
  const doubts = new Set<ProvisionalReason>(context.volumeDoubts);
  if (gathered.some((found) => !found.complete)) doubts.add('listing-incomplete');
  for (const doubt of (await context.folderDoubts?.(gathered)) ?? []) doubts.add(doubt);
  const { severity, provisional } = severityWithProof(decision?.row.severity ?? 'review', [...doubts]);
  const verdict = decision?.row.verdict ?? 'review';
  const shown = shownFiles(rule, files, gathered);
  return {
    rule: rule.name,
    verdict,
    severity,
    confidence: decision?.confidence ?? 'lower',
    confidenceFrom: null,
    notes: [],
    provisional,
    files: shown,
    decided: decision === undefined ? null : describeDecision(decision, shown),
    ...ruleTexts(rule, decision, shown),
    nextSteps: context.mode === 'quick' ? [] : ruleSteps(rule, verdict, context.root, answers),
  };
}

/** What a rule's FILE selections found. */
interface Gathered {
  readonly files: ReadonlyMap<string, readonly FileReport[]>;
  /** The selections that the verdict depends on. */
  readonly gathered: readonly GatheredFiles[];
  readonly answers: RuleAnswers;
}

async function gatherAll(rule: Rule, context: RuleContext): Promise<Gathered> {
  const files = new Map<string, readonly FileReport[]>();
  const gathered: GatheredFiles[] = [];
  const incomplete = new Set<string>();
  const comparedWith = new Set(
    Object.values(rule.selections).map((selection) =>
      selection.type === 'FILE' ? selection.compare?.other : undefined,
    ),
  );
  const decidingNames = decidingSelections(rule);
  for (const [name, selection] of Object.entries(rule.selections)) {
    if (selection.type !== 'FILE') continue;
    const decides = decidingNames.has(name) || comparedWith.has(name);
    // Looking into a program's version resource is not part of the quick answer, nor is what only the steps need.
    if (context.mode === 'quick' && (needsContent(selection) || !decides)) continue;
    const found = await context.gather(selection, comparedWith.has(name));
    files.set(name, found.judged);
    if (!found.complete) incomplete.add(name);
    if (decides) gathered.push(found);
  }
  applyComparisons(rule, files);
  const answers = new RuleAnswers(rule, { files, incomplete, other: context.otherFacts ?? new Map() });
  return { files, gathered, answers };
}

function describeDecision({ row, number, files }: Decision, shown: readonly FileReport[]): RuleDecision {
  const places = files.map((file) => shown.indexOf(file)).filter((place) => place >= 0);
  return { row: number, when: row.when, files: places };
}

/** Those of the rules in use: every image of a run asks for the same. */
const deciding = new WeakMap<Rule, ReadonlySet<string>>();

/** The FILE selections that the verdict depends on, or that are classified: the others only give names to the steps. */
function decidingSelections(rule: Rule): ReadonlySet<string> {
  const names = deciding.get(rule) ?? findDeciding(rule);
  deciding.set(rule, names);
  return names;
}

function findDeciding(rule: Rule): ReadonlySet<string> {
  const conditions = [...rule.verdicts, ...rule.confidence].flatMap(({ when }) => when ?? []);
  const named = [rule.condition, ...conditions].flatMap((when) => namesIn(conditionOf(rule, when)));
  const classified = Object.entries(rule.selections).flatMap(([name, selection]) =>
    selection.type === 'FILE' && selection.classes.length > 0 ? [name] : [],
  );
  return new Set(
    [...named, ...classified].map((name) => {
      const selection = rule.selections[name];
      return selection?.type === 'OF' ? selection.of : name;
    }),
  );
}

/** Whether looking into a program's version resource is needed: not part of the quick answer. */
function needsContent(selection: FileSelection): boolean {
  return needsVersion(selection) || selection.compare !== undefined;
}

/** Keeps of a `compare` selection only the files that differ from one of the other selection's. */
function applyComparisons(rule: Rule, files: Map<string, readonly FileReport[]>): void {
  for (const [name, selection] of Object.entries(rule.selections)) {
    if (selection.type !== 'FILE' || selection.compare === undefined) continue;
    const { field, other } = selection.compare;
    const [own, others] = [files.get(name), files.get(other)];
    // What nobody looked for, as in a quick scan, is not proven to be equal.
    if (own === undefined || others === undefined) continue;
    const differing = own.filter((file) =>
      others.some((candidate) => differs(fieldOf(file, field), fieldOf(candidate, field))),
    );
    files.set(name, differing);
  }
}

function fieldOf(file: FileReport, field: 'pe.version' | 'sha256' | 'size'): string | number | undefined {
  return field === 'pe.version' ? file.fileVersion : field === 'sha256' ? (file.sha256 ?? undefined) : file.size;
}

/** Two known values that are not equal; what is not known proves no difference. */
function differs(left: string | number | undefined, right: string | number | undefined): boolean {
  return left !== undefined && right !== undefined && left !== right;
}

/** Judged files of selections with classes, then those that are only shown. */
function shownFiles(
  rule: Rule,
  files: ReadonlyMap<string, readonly FileReport[]>,
  gathered: readonly GatheredFiles[],
): FileReport[] {
  const judged = [...files].flatMap(([name, reports]) => {
    const selection = rule.selections[name];
    if (selection?.type !== 'FILE') return [];
    // Without classes a selection is a condition; its files are shown where the rule is about them.
    return selection.classes.length > 0 || name === rule.remediation.target ? reports : [];
  });
  return [...judged, ...gathered.flatMap((found) => found.shown)];
}
