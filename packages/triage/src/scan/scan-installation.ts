import { isDeadboxError, type ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { MftTable, NtfsVolume, PendingLog, VolumeState } from '@deadbox/ntfs';
import type { ReadMachineOptions } from '@deadbox/windows';
import {
  type CrashFacts,
  crashAnswers,
  crashConfidence,
  crashedAfter,
  readCrashFacts,
} from '../evidence/crash-report.js';
import { readHistory } from '../evidence/history.js';
import type { WindowsFolder } from '../machine/find-windows.js';
import { type MachineFacts, readMachineFacts } from '../machine/machine-report.js';
import type { BootReport, HistoryReport, InstallationReport, RuleResult } from '../report/report-types.js';
import { compareSeverity, type ProvisionalReason } from '../report/words.js';
import { deletedFiles } from '../rules/deleted-files.js';
import { judgeRule } from '../rules/judge-rule.js';
import { logDoubts, readPendingLog } from '../rules/log-doubts.js';
import { registryFacts } from '../rules/registry-facts.js';
import type { Rule } from '../rules/rule.js';

/** What is known of the volume before its installations are judged. */
export interface VolumeFacts {
  readonly volume: Volume;
  readonly tree: NtfsVolume;
  state: VolumeState;
  /** What a replay of a dirty log would still write; `undefined` when it was not examined. */
  readonly pending: PendingLog | undefined;
  readonly mode: 'quick' | 'full';
  /** The whole MFT, deleted records too; only for a deep scan. */
  readonly table: MftTable | undefined;
  /** Note where each registry value was found. */
  explain?: boolean;
}

/** An installation's report, with the hives behind it. */
export interface ScannedInstallation {
  readonly report: InstallationReport;
  readonly machine: MachineFacts | undefined;
}

/** Said until the boot store was looked at. */
export const BOOT_NOT_CHECKED: BootReport = {
  verdict: 'not-checked',
  severity: 'none',
  findings: [],
  codes: [],
  remedies: [],
  store: null,
  identity: null,
  entries: [],
  flags: {},
};

/** Reads the log of a volume when that is needed and asked for. */
export async function volumeFacts(
  volume: Volume,
  tree: NtfsVolume,
  mode: 'quick' | 'full' | 'deep',
  options: ReadOptions,
): Promise<VolumeFacts> {
  const state = await tree.state(options);
  const pending = mode !== 'quick' && state.log !== 'clean' ? await readPendingLog(tree, options) : undefined;
  const table = mode === 'deep' ? await tree.mft({ ...options, deleted: true }) : undefined;
  return { volume, tree, state, pending, mode: mode === 'quick' ? 'quick' : 'full', table };
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
      ? await machineFacts(tree, folder.path, { ...options, explain: facts.explain === true })
      : undefined;
  const crash = mode === 'full' ? await crashFacts(tree, folder.path, machine, options) : undefined;
  const volumeDoubts = doubtsOf(facts);
  const results: RuleResult[] = [];
  const quickRules = rules.filter(judgesFiles);
  for (const rule of mode === 'quick' && quickRules.length > 0 ? quickRules : rules) {
    const answers = machine === undefined ? [] : [...(await registryFacts(rule, machine.opened))];
    if (crash !== undefined) answers.push(...crashAnswers(rule, crash));
    const result = await judgeRule(rule, {
      volume,
      tree,
      root: folder.path,
      mode,
      volumeDoubts,
      otherFacts: new Map(answers),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(mode === 'quick' || facts.state.log === 'clean'
        ? {}
        : { folderDoubts: (found) => logDoubts(tree, facts.pending, found, options) }),
    });
    results.push(crash === undefined ? result : withCrash(rule, result, crash));
  }
  const worst = [...results].sort((a, b) => compareSeverity(a.severity, b.severity))[0];
  if (worst === undefined) throw new TypeError('a scan needs at least one rule');
  const history = mode === 'full' ? await ruleHistory(facts, folder.path, rules, worst.rule, options) : undefined;
  const gone = history === undefined ? [] : await deletedFiles(volume, tree, history.folder, history.events, options);
  const report: InstallationReport = {
    ...worst,
    files: [...worst.files, ...gone],
    volume: volume.number,
    root: folder.path,
    active: folder.active,
    rules: results,
    host: machine?.host ?? {},
    hives: machine?.hives ?? [],
    history: history?.events ?? [],
    historySummary:
      history === undefined
        ? null
        : { journalFrom: history.journalFrom, faultyFrom: history.faultyFrom, faultyUntil: history.faultyUntil },
    crash: crash?.reports ?? [],
    boot: BOOT_NOT_CHECKED,
    nextSteps: [],
  };
  return { report, machine };
}

/** Whether a rule gives a verdict by files alone: the others need what a quick scan does not read. */
function judgesFiles(rule: Rule): boolean {
  return Object.values(rule.selections).some((selection) => selection.type === 'FILE' && selection.classes.length > 0);
}

/** Why nothing reassuring said of this volume is proven. */
function doubtsOf({ state, mode }: VolumeFacts): ProvisionalReason[] {
  const doubts: ProvisionalReason[] = [];
  if (state.hibernation === 'hibernated' || state.hibernation === 'restoring') doubts.push('hibernated');
  if (mode === 'quick' && state.log !== 'clean') doubts.push('log-not-examined');
  return doubts;
}

async function machineFacts(
  tree: NtfsVolume,
  root: string,
  options: ReadMachineOptions,
): Promise<MachineFacts | undefined> {
  try {
    return await readMachineFacts(tree, root, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
    return undefined;
  }
}

async function crashFacts(
  tree: NtfsVolume,
  root: string,
  machine: MachineFacts | undefined,
  options: ReadOptions,
): Promise<CrashFacts | undefined> {
  try {
    return await readCrashFacts(tree, root, machine?.opened.machine, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
    return undefined;
  }
}

/** Adds what the crash evidence says of a rule's result; a crash after the newest file takes the reassurance away. */
function withCrash(rule: Rule, result: RuleResult, crash: CrashFacts): RuleResult {
  const confidence = crashConfidence(rule, crash);
  if (confidence === undefined) return result;
  const judged = result.files.filter(
    (file) => !file.deleted && file.class !== 'quarantined' && file.class !== 'look-alike',
  );
  const stronger = confidence === 'file-only' && result.confidence === 'lower' ? result.confidence : confidence;
  if (result.severity !== 'none' || !crashedAfter(rule, crash, judged)) return { ...result, confidence: stronger };
  return { ...result, confidence: stronger, severity: 'review', notes: [...result.notes, 'crash-after-newest-file'] };
}

function ruleHistory(
  facts: VolumeFacts,
  root: string,
  rules: readonly Rule[],
  name: string,
  options: ReadOptions,
): Promise<HistoryReport | undefined> {
  const rule = rules.find((candidate) => candidate.name === name);
  return rule === undefined ? Promise.resolve(undefined) : readHistory(facts.tree, root, rule, facts.table, options);
}
