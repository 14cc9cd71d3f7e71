import { type FileTree, type ReadOptions, survive } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { MftTable, NtfsVolume } from '@deadbox/ntfs';
import type { BootLogFailure } from '@deadbox/windows';
import {
  type CrashFacts,
  crashAnswers,
  crashConfidence,
  crashedAfter,
  readCrashFacts,
} from '../evidence/crash-report.js';
import { historyText, readHistory } from '../evidence/history.js';
import { hiveSource, type MachineFacts, readMachineFacts } from '../machine/machine-report.js';
import type { InstallationReport } from '../report/report-types.js';
import type { FileReport, RuleResult } from '../report/rule-result.js';
import { bootFailureAnswers } from '../rules/boot-failure.js';
import { deletedFiles } from '../rules/files/deleted-files.js';
import { machineFacts } from '../rules/machine-facts.js';
import { registryFacts } from '../rules/registry-facts.js';
import type { Rule } from '../rules/rule.js';
import { confidenceText } from '../rules/rule-texts.js';

// All that a quick scan does without, in one module, so that it loads none of it.
export { examineStart } from '../causes/examine-start.js';
export { examineFolder } from '../causes/folder-causes.js';
export { checkDiskBoot } from '../machine/boot-report.js';
export { bootHintsOf, findDiskBootStores } from '../machine/boot-stores.js';
export { refineVolumeRole } from '../machine/volume-role.js';
export { logDoubts, readPendingLog } from '../rules/log-doubts.js';
export { nextSteps } from './next-steps.js';
export { withRepairStep } from './repair-step.js';

/** What an installation tells besides its files; a part that cannot be read is missing. */
export interface OtherEvidence {
  readonly machine: MachineFacts | undefined;
  readonly crash: CrashFacts | undefined;
  /** How the last start failed before Windows ran. */
  readonly bootFailure: BootLogFailure | undefined;
}

/**
 * Reads the hives and the crash evidence of the Windows at `root`.
 * @param options - `explain`: note where each registry value was found
 */
export async function readOtherEvidence(
  tree: FileTree,
  root: string,
  options: ReadOptions & { readonly explain: boolean; readonly bootFailure: BootLogFailure | undefined },
): Promise<OtherEvidence> {
  const { explain, bootFailure, ...reading } = options;
  const machine = await orNothing(() => readMachineFacts(tree, root, { ...reading, explain }), reading);
  const crash = await orNothing(() => readCrashFacts(tree, root, machine?.opened.machine, reading), reading);
  return { machine, crash, bootFailure };
}

/** The files behind that evidence, as sources of the report. */
export function sourcesOf({ machine, crash }: OtherEvidence): InstallationReport['sources'] {
  return [...(machine?.hives.map(hiveSource) ?? []), ...(crash?.sources ?? [])];
}

/** Answers of a rule's registry and crash selections; one without an answer was not gathered. */
export async function otherAnswers(
  rule: Rule,
  { machine, crash, bootFailure }: OtherEvidence,
): Promise<Map<string, boolean>> {
  const answers =
    machine === undefined
      ? []
      : [...(await registryFacts(rule, machine.opened)), ...(await machineFacts(rule, machine.opened))];
  if (crash !== undefined) answers.push(...crashAnswers(rule, crash));
  return new Map([...answers, ...bootFailureAnswers(rule, bootFailure)]);
}

/** Adds what the crash evidence says of a rule's result; a crash after the newest file takes the reassurance away. */
export function withCrash(rule: Rule, result: RuleResult, { crash: facts }: OtherEvidence): RuleResult {
  if (facts === undefined) return result;
  const judged = result.files.filter(
    (file) => !file.deleted && file.class !== 'quarantined' && file.class !== 'look-alike',
  );
  const found = crashConfidence(rule, facts, judged);
  if (found === undefined) return result;
  const confidence = found.confidence === 'file-only' && result.confidence === 'lower' ? 'lower' : found.confidence;
  const answered: RuleResult = {
    ...result,
    confidence,
    confidenceFrom: found.crash === undefined ? null : facts.reports.indexOf(found.crash),
    words: { ...result.words, confidence: confidenceText(rule, confidence) },
  };
  if (result.severity !== 'none' || !crashedAfter(rule, facts, judged)) return answered;
  return { ...answered, severity: 'review', notes: [...result.notes, 'crash-after-newest-file'] };
}

/** What became of a rule's files before. */
export interface FileHistory extends Pick<InstallationReport, 'history' | 'historySummary'> {
  /** Files that are gone. */
  readonly gone: readonly FileReport[];
  /** What the rule says of it. */
  readonly text: RuleResult['words']['history'];
}

/**
 * The history of the files that a rule is about; `undefined` when it cannot be read.
 * @param table - the whole MFT, deleted records too, where it was read
 */
export async function readFileHistory(
  place: { readonly volume: Volume; readonly tree: NtfsVolume; readonly root: string },
  rule: Rule,
  verdict: string,
  table: MftTable | undefined,
  options: ReadOptions,
): Promise<FileHistory | undefined> {
  const { volume, tree, root } = place;
  const found = await orNothing(() => readHistory(tree, root, rule, table, options), options);
  if (found === undefined) return undefined;
  const { journalFrom, badFrom, badUntil } = found;
  return {
    history: found.events,
    historySummary: { journalFrom, badFrom, badUntil },
    gone: await deletedFiles(volume, tree, found.folder, found.events, options),
    text: historyText(rule, verdict, found),
  };
}

/** What a rule can be judged without: the verdict of the files stands, whatever becomes of it. */
function orNothing<T>(work: () => Promise<T>, options: ReadOptions): Promise<T | undefined> {
  return survive<Promise<T>, undefined>(work, () => undefined, options);
}
