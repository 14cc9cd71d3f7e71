import type { ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { NtfsVolume } from '@deadbox/ntfs';
import type { FileReport, RuleResult } from '../report/report-types.js';
import type { ProvisionalReason } from '../report/words.js';
import { asksForVersion, type GatheredFiles, gatherFiles } from './gather-files.js';
import type { FileSelection, Rule } from './rule.js';
import { decide, severityWithProof } from './verdict.js';

/** What one rule needs to be judged in one installation. */
export interface RuleContext extends ReadOptions {
  readonly volume: Volume;
  readonly tree: NtfsVolume;
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
  const files = new Map<string, readonly FileReport[]>();
  const gathered: GatheredFiles[] = [];
  const incomplete = new Set<string>();
  const comparedWith = new Set(
    Object.values(rule.selections).map((selection) =>
      selection.type === 'FILE' ? selection.differsFrom?.other : undefined,
    ),
  );
  for (const [name, selection] of Object.entries(rule.selections)) {
    // Looking into a program's version resource is not part of the quick answer.
    if (selection.type !== 'FILE' || (context.mode === 'quick' && needsContent(selection))) continue;
    const versions = comparedWith.has(name);
    const found = await gatherFiles(context.volume, context.tree, context.root, selection, { ...context, versions });
    gathered.push(found);
    files.set(name, found.judged);
    if (!found.complete) incomplete.add(name);
  }
  applyComparisons(rule, files);
  const decision = decide(rule, { files, incomplete, other: context.otherFacts ?? new Map() });
  const doubts: ProvisionalReason[] = [...context.volumeDoubts];
  if (gathered.some((found) => !found.complete)) doubts.push('listing-incomplete');
  doubts.push(...((await context.folderDoubts?.(gathered)) ?? []));
  const { severity, provisional } = severityWithProof(decision?.row.severity ?? 'review', doubts);
  return {
    rule: rule.name,
    verdict: decision?.row.verdict ?? 'review',
    text: rule.texts[decision?.row.verdict ?? ''] ?? null,
    severity,
    confidence: decision?.confidence ?? 'lower',
    notes: [],
    provisional,
    files: shownFiles(rule, files, gathered),
  };
}

/** Whether looking into a program's version resource is needed: not part of the quick answer. */
function needsContent(selection: FileSelection): boolean {
  return asksForVersion(selection) || selection.differsFrom !== undefined;
}

/** Keeps of a `compare` selection only the files that differ from one of the other selection's. */
function applyComparisons(rule: Rule, files: Map<string, readonly FileReport[]>): void {
  for (const [name, selection] of Object.entries(rule.selections)) {
    if (selection.type !== 'FILE' || selection.differsFrom === undefined) continue;
    const { field, other } = selection.differsFrom;
    const others = files.get(other) ?? [];
    const differing = (files.get(name) ?? []).filter((file) =>
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
