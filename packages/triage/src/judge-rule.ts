import type { ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { NtfsVolume } from '@deadbox/ntfs';
import { gatherFiles, type GatheredFiles } from './gather-files.js';
import type { FileReport, RuleResult } from './report-types.js';
import type { FileSelection, Rule } from './rule.js';
import { decide, severityWithProof } from './verdict.js';
import type { ProvisionalReason } from './words.js';

/** What one rule needs to be judged in one installation. */
export interface RuleContext extends ReadOptions {
  volume: Volume;
  tree: NtfsVolume;
  /** Path of the Windows folder. */
  root: string;
  mode: 'quick' | 'full';
  /** Doubts that hold for the whole volume. */
  volumeDoubts: readonly ProvisionalReason[];
  /** Doubts that depend on the folders and files that the rule looked at. */
  folderDoubts?: (found: readonly GatheredFiles[]) => Promise<readonly ProvisionalReason[]>;
  /** Answers of registry and crash selections; one without an answer was not gathered. */
  otherFacts?: ReadonlyMap<string, boolean>;
}

/** Judges one rule in one installation. */
export async function judgeRule(rule: Rule, context: RuleContext): Promise<RuleResult> {
  const files = new Map<string, readonly FileReport[]>();
  const gathered: GatheredFiles[] = [];
  for (const [name, selection] of Object.entries(rule.selections)) {
    // Looking into a program's version resource is not part of the quick answer.
    if (selection.type !== 'FILE' || (context.mode === 'quick' && needsContent(selection))) continue;
    const found = await gatherFiles(context.volume, context.tree, context.root, selection, context);
    gathered.push(found);
    files.set(name, found.judged);
  }
  const decision = decide(rule, { files, other: context.otherFacts ?? new Map() });
  const doubts: ProvisionalReason[] = [...context.volumeDoubts];
  if (gathered.some((found) => !found.complete)) doubts.push('listing-incomplete');
  doubts.push(...((await context.folderDoubts?.(gathered)) ?? []));
  const { severity, provisional } = severityWithProof(decision?.row.severity ?? 'review', doubts);
  return {
    rule: rule.name,
    verdict: decision?.row.verdict ?? 'review',
    severity,
    confidence: decision?.confidence ?? 'lower',
    notes: [],
    provisional,
    files: shownFiles(rule, files, gathered),
  };
}

function needsContent(selection: FileSelection): boolean {
  return selection.tests.peVersion !== undefined || selection.tests.peOriginalName !== undefined || selection.differsFrom !== undefined;
}

/** Judged files of selections with classes, then those that are only shown. */
function shownFiles(rule: Rule, files: ReadonlyMap<string, readonly FileReport[]>, gathered: readonly GatheredFiles[]): FileReport[] {
  const judged = [...files].flatMap(([name, reports]) => {
    const selection = rule.selections[name];
    return selection?.type === 'FILE' && selection.classes.length > 0 ? reports : [];
  });
  return [...judged, ...gathered.flatMap((found) => found.shown)];
}
