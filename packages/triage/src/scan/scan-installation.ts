import { type ReadOptions, survive } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { MftTable, NtfsVolume, PendingLog, VolumeState } from '@deadbox/ntfs';
import type { BootLogFailure } from '@deadbox/windows';
import type { CrashFacts } from '../evidence/crash-report.js';
import { MAX_PROOF_TABLE_BYTES } from '../limits.js';
import type { WindowsFolder } from '../machine/find-windows.js';
import type { MachineFacts } from '../machine/machine-report.js';
import type { InstallationReport } from '../report/report-types.js';
import type { RuleResult } from '../report/rule-result.js';
import { compareSeverity, type ProvisionalReason } from '../report/words.js';
import { FileContents } from '../rules/files/describe-file.js';
import { type LookedAt, TableProof } from '../rules/files/folder-walk.js';
import { gatherFiles } from '../rules/files/gather-files.js';
import { judgeRule } from '../rules/judge-rule.js';
import type { Rule } from '../rules/rule.js';
import type { OtherEvidence } from './full-scan.js';

/** How much a scan reads. */
export type ScanMode = 'quick' | 'full' | 'deep';

/** The parts of a scan that is not quick; a quick one does not load them. */
export type FullScan = typeof import('./full-scan.js');

/** The parts that a scan of this mode needs besides judging files; `undefined` for a quick one. */
export async function loadFullScan(mode: ScanMode): Promise<FullScan | undefined> {
  return mode === 'quick' ? undefined : import('./full-scan.js');
}

/** What is known of the volume before its installations are judged. */
export interface VolumeFacts {
  readonly volume: Volume;
  readonly tree: NtfsVolume;
  readonly state: VolumeState;
  /** What a replay of a dirty log would still write; `undefined` when it was not examined. */
  readonly pending: PendingLog | undefined;
  /** `undefined` when only files are judged. */
  readonly full: FullScan | undefined;
  /** The whole MFT, deleted records too; only for a deep scan. */
  readonly table: MftTable | undefined;
  /**
   * The names of the file table, read once at the first call; `undefined` where that would cost too much, or it cannot
   * be read.
   */
  readonly nameTable: () => Promise<MftTable | undefined>;
  /** Whether nothing contradicted the folders in which Windows was looked for. */
  readonly complete: boolean;
  /** The contents of its files that were read already, and how many more may be. */
  readonly contents: FileContents;
  /** Note where each registry value was found. */
  readonly explain: boolean;
  /** How the last start failed before Windows ran. */
  readonly bootFailure: BootLogFailure | undefined;
}

/** What an installation's own volume tells of it; the boot check is the disk's, and the steps depend on it. */
export type JudgedInstallation = Omit<InstallationReport, 'boot'>;

/** A judged installation, with the hives behind it. */
export interface ScannedInstallation {
  readonly judged: JudgedInstallation;
  readonly machine: MachineFacts | undefined;
  readonly crash: CrashFacts | undefined;
}

/** What is known of a volume from elsewhere. */
export interface VolumeOptions extends ReadOptions {
  readonly explain?: boolean;
  readonly complete?: boolean;
  readonly bootFailure?: BootLogFailure | undefined;
}

/** Reads the log of a volume when that is needed and asked for. */
export async function volumeFacts(
  volume: Volume,
  tree: NtfsVolume,
  mode: ScanMode,
  options: VolumeOptions,
): Promise<VolumeFacts> {
  const state = await tree.state(options);
  const full = await loadFullScan(mode);
  const pending = state.log === 'clean' ? undefined : await full?.readPendingLog(tree, options);
  const table = mode === 'deep' ? await orNothing(() => tree.mft({ ...options, deleted: true }), options) : undefined;
  return {
    volume,
    tree,
    state,
    pending,
    full,
    table,
    nameTable: table === undefined ? nameTableOf(tree, mode, options) : () => Promise.resolve(table),
    contents: new FileContents(),
    explain: options.explain === true,
    complete: options.complete !== false,
    bootFailure: options.bootFailure,
  };
}

/**
 * The price of the proof in full mode: at most {@link MAX_PROOF_TABLE_BYTES}, and only for a verdict that would calm.
 */
function nameTableOf(tree: NtfsVolume, mode: ScanMode, options: ReadOptions): VolumeFacts['nameTable'] {
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
  const { volume, tree, full } = facts;
  const root = folder.path;
  const other = await full?.readOtherEvidence(tree, root, {
    ...options,
    explain: facts.explain,
    bootFailure: facts.bootFailure,
  });
  const quickRules = rules.filter(judgesFiles);
  const judged = full === undefined && quickRules.length > 0 ? quickRules : rules;
  const heard = otherFactsOf(facts, other);
  const first = await judgeByAll(judged, facts, root, heard, undefined, options);
  // That nothing is to be done is proven by the file table too: the indexes alone may have lost a name.
  const table = first.every(({ result }) => result.severity === 'none') ? await facts.nameTable() : undefined;
  const last = table === undefined ? first : await judgeByAll(judged, facts, root, heard, { table, first }, options);
  const results = last.map(({ result }) => result);
  const worst = [...results].sort((a, b) => compareSeverity(a.severity, b.severity))[0];
  if (worst === undefined) throw new TypeError('a scan needs at least one rule');
  const rule = rules.find(({ name }) => name === worst.rule);
  const past = rule && (await full?.readFileHistory({ volume, tree, root }, rule, worst.verdict, facts.table, options));
  const report: JudgedInstallation = {
    ...worst,
    words: past === undefined ? worst.words : { ...worst.words, history: past.text },
    files: [...worst.files, ...(past?.gone ?? [])],
    volume: volume.number,
    root,
    active: folder.active,
    rules: results,
    host: other?.machine?.host ?? {},
    hives: other?.machine?.hives ?? [],
    sources: (other && full?.sourcesOf(other)) ?? [],
    history: past?.history ?? [],
    historySummary: past?.historySummary ?? null,
    crash: [...(other?.crash?.reports ?? [])],
  };
  return { judged: report, machine: other?.machine, crash: other?.crash };
}

/** What besides files is heard of an installation. */
interface HeardEvidence {
  readonly evidence: OtherEvidence | undefined;
  /** Answers of a rule's selections, asked for once. */
  answers(rule: Rule): Promise<ReadonlyMap<string, boolean>>;
}

function otherFactsOf({ full }: VolumeFacts, evidence: OtherEvidence | undefined): HeardEvidence {
  const known = new Map<Rule, ReadonlyMap<string, boolean>>();
  return {
    evidence,
    async answers(rule) {
      const found = known.get(rule) ?? (evidence && (await full?.otherAnswers(rule, evidence))) ?? new Map();
      known.set(rule, found);
      return found;
    },
  };
}

/** What a rule says, and where it looked for files. */
interface JudgedRule {
  readonly result: RuleResult;
  /** None where the file table was asked. */
  readonly lookedAt: readonly LookedAt[];
}

/** The names of the file table, and what each rule says without them. */
interface SecondLook {
  readonly table: MftTable;
  readonly first: readonly JudgedRule[];
}

/**
 * What each rule says of the Windows at `root`.
 * @param again - hears the names of the file table, too: a rule for which they add nothing is not judged again
 */
async function judgeByAll(
  rules: readonly Rule[],
  facts: VolumeFacts,
  root: string,
  heard: HeardEvidence,
  again: SecondLook | undefined,
  options: ReadOptions,
): Promise<JudgedRule[]> {
  const { volume, tree, full, state, pending } = facts;
  const volumeDoubts = doubtsOf(facts);
  const mode = full === undefined ? 'quick' : 'full';
  const table = again?.table;
  const proof = table && new TableProof(table);
  const found: JudgedRule[] = [];
  for (const [index, rule] of rules.entries()) {
    const before = again?.first[index];
    if (before?.lookedAt.every((place) => proof?.confirms(place)) === true) {
      found.push(before);
      continue;
    }
    const lookedAt: LookedAt[] = [];
    const result = await judgeRule(rule, {
      ...options,
      gather: async (selection, versions) => {
        const { contents } = facts;
        const files = await gatherFiles(selection, { ...options, volume, tree, root, mode, table, contents, versions });
        for (const place of files.lookedAt) lookedAt.push(place);
        return files;
      },
      root,
      mode,
      volumeDoubts,
      otherFacts: await heard.answers(rule),
      ...(full === undefined || state.log === 'clean'
        ? {}
        : { folderDoubts: (gathered) => full.logDoubts(tree, pending, gathered, options) }),
    });
    const { evidence } = heard;
    found.push({ result: (evidence && full?.withCrash(rule, result, evidence)) ?? result, lookedAt });
  }
  return found;
}

/** Whether a rule gives a verdict by files alone: the others need what a quick scan does not read. */
export function judgesFiles(rule: Rule): boolean {
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
function doubtsOf({ state, full, complete }: VolumeFacts): ProvisionalReason[] {
  const doubts: ProvisionalReason[] = [];
  if (UNPROVEN_SHUTDOWN.has(state.hibernation)) doubts.push('hibernated');
  if (!complete) doubts.push('listing-incomplete');
  // A dirty log is not read in a quick scan; one that cannot be read may hold anything, as in every other mode.
  if (full === undefined && state.log === 'dirty') doubts.push('log-not-examined');
  if (full === undefined && state.log === 'unreadable') doubts.push('log-pending');
  return doubts;
}

/** What a rule can be judged without: the verdict of the files stands, whatever becomes of it. */
function orNothing<T>(work: () => Promise<T>, options: ReadOptions): Promise<T | undefined> {
  return survive<Promise<T>, undefined>(work, () => undefined, options);
}
