import { type ReadOptions, survive } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { MftTable, NtfsVolume, PendingLog, VolumeState } from '@deadbox/ntfs';
import {
  type CrashFacts,
  crashAnswers,
  crashConfidence,
  crashedAfter,
  readCrashFacts,
} from '../evidence/crash-report.js';
import { historyText, readHistory } from '../evidence/history.js';
import { MAX_PROOF_TABLE_BYTES } from '../limits.js';
import type { WindowsFolder } from '../machine/find-windows.js';
import { hiveSource, type MachineFacts, readMachineFacts } from '../machine/machine-report.js';
import type { HistoryReport, InstallationReport } from '../report/report-types.js';
import type { RuleResult } from '../report/rule-result.js';
import { compareSeverity, type ProvisionalReason } from '../report/words.js';
import { deletedFiles } from '../rules/files/deleted-files.js';
import { judgeRule } from '../rules/judge-rule.js';
import { logDoubts, readPendingLog } from '../rules/log-doubts.js';
import { registryFacts } from '../rules/registry-facts.js';
import type { Rule } from '../rules/rule.js';
import { confidenceText } from '../rules/rule-texts.js';

/** What is known of the volume before its installations are judged. */
export interface VolumeFacts {
  readonly volume: Volume;
  readonly tree: NtfsVolume;
  readonly state: VolumeState;
  /** What a replay of a dirty log would still write; `undefined` when it was not examined. */
  readonly pending: PendingLog | undefined;
  readonly mode: 'quick' | 'full';
  /** The whole MFT, deleted records too; only for a deep scan. */
  readonly table: MftTable | undefined;
  /** The names of the file table, read once at the first call; `undefined` where that would cost too much, or it cannot be read. */
  readonly nameTable: () => Promise<MftTable | undefined>;
  /** Whether nothing contradicted the folders in which Windows was looked for. */
  readonly complete: boolean;
  /** Note where each registry value was found. */
  readonly explain: boolean;
}

/** What an installation's own volume tells of it; the boot check is the disk's, and the steps depend on it. */
export type JudgedInstallation = Omit<InstallationReport, 'boot'>;

/** A judged installation, with the hives behind it. */
export interface ScannedInstallation {
  readonly judged: JudgedInstallation;
  readonly machine: MachineFacts | undefined;
}

/** Reads the log of a volume when that is needed and asked for. */
export async function volumeFacts(
  volume: Volume,
  tree: NtfsVolume,
  mode: 'quick' | 'full' | 'deep',
  options: ReadOptions & { explain?: boolean; complete?: boolean },
): Promise<VolumeFacts> {
  const state = await tree.state(options);
  const pending = mode !== 'quick' && state.log !== 'clean' ? await readPendingLog(tree, options) : undefined;
  const table = mode === 'deep' ? await orNothing(() => tree.mft({ ...options, deleted: true }), options) : undefined;
  return {
    volume,
    tree,
    state,
    pending,
    mode: mode === 'quick' ? 'quick' : 'full',
    table,
    nameTable: table === undefined ? nameTableOf(tree, mode, options) : () => Promise.resolve(table),
    explain: options.explain === true,
    complete: options.complete !== false,
  };
}

/** The price of the proof in full mode: at most {@link MAX_PROOF_TABLE_BYTES}, and only for a verdict that would calm. */
function nameTableOf(tree: NtfsVolume, mode: string, options: ReadOptions): VolumeFacts['nameTable'] {
  const { recordCount } = tree.records;
  if (mode === 'quick' || recordCount * tree.geometry.recordSize > MAX_PROOF_TABLE_BYTES)
    return () => Promise.resolve(undefined);
  let table: Promise<MftTable | undefined> | undefined;
  return () => {
    table ??= orNothing(() => tree.mft({ ...options, times: false, streams: false }), options);
    return table;
  };
}

/** Judges one Windows folder by every rule; in full mode the registry is heard too. */
export async function scanInstallation(
  facts: VolumeFacts,
  folder: WindowsFolder,
  rules: readonly Rule[],
  options: ReadOptions,
): Promise<ScannedInstallation> {
  const { volume, tree, mode } = facts;
  const machine =
    mode === 'full'
      ? await orNothing(() => readMachineFacts(tree, folder.path, { ...options, explain: facts.explain }), options)
      : undefined;
  const crash =
    mode === 'full'
      ? await orNothing(() => readCrashFacts(tree, folder.path, machine?.opened.machine, options), options)
      : undefined;
  const volumeDoubts = doubtsOf(facts);
  const quickRules = rules.filter(judgesFiles);
  const judged = mode === 'quick' && quickRules.length > 0 ? quickRules : rules;
  const judgeAll = async (table: MftTable | undefined): Promise<RuleResult[]> => {
    const found: RuleResult[] = [];
    for (const rule of judged) {
      const answers = machine === undefined ? [] : [...(await registryFacts(rule, machine.opened))];
      if (crash !== undefined) answers.push(...crashAnswers(rule, crash));
      const result = await judgeRule(rule, {
        ...options,
        volume,
        tree,
        root: folder.path,
        mode,
        table,
        volumeDoubts,
        otherFacts: new Map(answers),
        ...(mode === 'quick' || facts.state.log === 'clean'
          ? {}
          : { folderDoubts: (gathered) => logDoubts(tree, facts.pending, gathered, options) }),
      });
      found.push(crash === undefined ? result : withCrash(rule, result, crash));
    }
    return found;
  };
  const first = await judgeAll(undefined);
  // That nothing is to be done is proven by the file table too: the indexes alone may have lost a name.
  const table = first.every(({ severity }) => severity === 'none') ? await facts.nameTable() : undefined;
  const results = table === undefined ? first : await judgeAll(table);
  const worst = [...results].sort((a, b) => compareSeverity(a.severity, b.severity))[0];
  if (worst === undefined) throw new TypeError('a scan needs at least one rule');
  const rule = rules.find(({ name }) => name === worst.rule);
  const history =
    mode === 'full' && rule !== undefined
      ? await orNothing(() => readHistory(tree, folder.path, rule, facts.table, options), options)
      : undefined;
  const gone = history === undefined ? [] : await deletedFiles(volume, tree, history.folder, history.events, options);
  const words =
    history === undefined || rule === undefined
      ? worst.words
      : { ...worst.words, history: historyText(rule, worst.verdict, history) };
  const report: JudgedInstallation = {
    ...worst,
    words,
    files: [...worst.files, ...gone],
    volume: volume.number,
    root: folder.path,
    active: folder.active,
    rules: results,
    host: machine?.host ?? {},
    hives: machine?.hives ?? [],
    sources: [...(machine?.hives.map(hiveSource) ?? []), ...(crash?.sources ?? [])],
    history: history?.events ?? [],
    historySummary: history === undefined ? null : summaryOf(history),
    crash: [...(crash?.reports ?? [])],
  };
  return { judged: report, machine };
}

function summaryOf({
  journalFrom,
  badFrom,
  badUntil,
}: HistoryReport): NonNullable<InstallationReport['historySummary']> {
  return { journalFrom, badFrom, badUntil };
}

/** Whether a rule gives a verdict by files alone: the others need what a quick scan does not read. */
function judgesFiles(rule: Rule): boolean {
  return Object.values(rule.selections).some((selection) => selection.type === 'FILE' && selection.classes.length > 0);
}

/** States after which changes may be only in a memory image; what cannot be told is no proof that there is none. */
const UNPROVEN_SHUTDOWN: ReadonlySet<VolumeState['hibernation']> = new Set([
  'hibernated',
  'restoring',
  'unknown',
  'unreadable',
]);

/** Why nothing reassuring said of this volume is proven. */
function doubtsOf({ state, mode, complete }: VolumeFacts): ProvisionalReason[] {
  const doubts: ProvisionalReason[] = [];
  if (UNPROVEN_SHUTDOWN.has(state.hibernation)) doubts.push('hibernated');
  if (!complete) doubts.push('listing-incomplete');
  if (mode === 'quick' && state.log !== 'clean') doubts.push('log-not-examined');
  return doubts;
}

/** What a rule can be judged without: the verdict of the files stands, whatever becomes of it. */
function orNothing<T>(work: () => Promise<T>, options: ReadOptions): Promise<T | undefined> {
  return survive<Promise<T>, undefined>(work, () => undefined, options);
}

/** Adds what the crash evidence says of a rule's result; a crash after the newest file takes the reassurance away. */
function withCrash(rule: Rule, result: RuleResult, facts: CrashFacts): RuleResult {
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
