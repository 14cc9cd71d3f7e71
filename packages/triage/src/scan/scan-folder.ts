import { type FileTree, monotonicMilliseconds, type ReadOptions, SECTOR, survive } from '@deadbox/core';
import { capCauses } from '../causes/cap-causes.js';
import { reportedCause } from '../causes/cause.js';
import type { FolderResult } from '../causes/folder-causes.js';
import { hiveCauses } from '../causes/hive-causes.js';
import { headline, orderCauses, startVerdict } from '../causes/order.js';
import { ruleCauses } from '../causes/rule-causes.js';
import { obstacle } from '../obstacles/obstacle.js';
import type { ImageReport, InstallationReport } from '../report/report-types.js';
import type { RuleResult } from '../report/rule-result.js';
import { compareSeverity, type FolderReason, worseSeverity } from '../report/words.js';
import { FileContents } from '../rules/files/describe-file.js';
import { gatherInTree } from '../rules/files/gather-in-tree.js';
import { judgeRule } from '../rules/judge-rule.js';
import type { Rule } from '../rules/rule.js';
import { SHIPPED_RULES } from '../rules/shipped-rules.js';
import { bootNotChecked } from './boot-not-checked.js';
import type { OtherEvidence } from './full-scan.js';
import { type FullScan, judgesFiles, loadFullScan } from './scan-installation.js';

/** The files of a mounted volume, and what of them the system did not give. */
export interface MountedFiles extends FileTree {
  /** Paths that were asked for and refused, each once. */
  readonly unread: readonly string[];
}

/** Options of {@link scanFolder}. */
export interface FolderScanOptions extends ReadOptions {
  /** Path of the folder, as it was given. */
  readonly path: string;
  readonly reason: FolderReason;
  /** The device behind it, where that is why. */
  readonly device?: string;
  /** `quick` stops at the file verdict; `full` is the default. */
  readonly mode?: 'quick' | 'full';
  readonly rules?: readonly Rule[];
}

/** Refused paths that the report names. */
const MAX_NAMED = 8;
const NAMES: readonly string[] = ['/Windows', '/WINNT'];

/**
 * Judges the Windows in a mounted folder by its files, for want of a disk that can be read: rules, registry, crash
 * evidence, and what keeps it from starting between the loader and the logon. Nothing is called well by that: a report
 * without findings asks for a look at the disk.
 */
export async function scanFolder(tree: MountedFiles, options: FolderScanOptions): Promise<ImageReport> {
  const started = monotonicMilliseconds();
  const { path, reason, device } = options;
  const full = await loadFullScan(options.mode ?? 'full');
  const judged: JudgedFolder[] = [];
  for (const name of NAMES) {
    const root = await windowsAt(tree, name, options);
    if (root !== undefined) judged.push(await judgeWindows(tree, root, full, options));
  }
  const installations = judged.map(({ report }) => report);
  const causes = orderCauses([
    ...installations.flatMap(hiveCauses).map(reportedCause),
    ...judged.flatMap(({ start }) => start?.causes ?? []),
    ...ruleCauses(installations),
  ]);
  const worst = [...installations].sort((left, right) => compareSeverity(left.severity, right.severity)).at(0);
  const severities = [...installations, ...causes].map(({ severity }) => severity);
  const unread = tree.unread;
  return {
    path,
    verdict: worst?.verdict ?? (unread.length > 0 ? 'unreadable' : 'no-windows'),
    severity: severities.reduce(worseSeverity, worst === undefined ? 'attention' : 'review'),
    provisional: ['files-only'],
    unjudged: [],
    unjudgedVolumes: [],
    image: { path, format: 'folder', variant: '', virtualSize: 0, parents: [], details: {}, issues: [] },
    disk: { partitionTable: 'none', sectorSize: SECTOR, diskId: null, encryption: [], issues: [] },
    volumes: [],
    installations,
    cause: headline(causes),
    starts: causes.some(({ severity }) => severity !== 'none') ? startVerdict(causes, true) : 'not-checked',
    causes: capCauses(causes),
    bootLog: { starts: [], lastFailure: null },
    obstacles: [
      obstacle('files-only', null, {
        data: {
          reason,
          ...(device === undefined ? {} : { device }),
          ...(unread.length === 0 ? {} : { unread: unread.length, files: unread.slice(0, MAX_NAMED) }),
        },
      }),
    ],
    issues: judged.flatMap(({ start }) => start?.issues ?? []),
    cost: { reads: 0, bytes: 0, milliseconds: Math.round((monotonicMilliseconds() - started) * 1000) / 1000 },
  };
}

/** The Windows folder as it is called, where it holds `System32\drivers` or that cannot be told. */
async function windowsAt(tree: MountedFiles, path: string, options: ReadOptions): Promise<string | undefined> {
  const folder = await survive(
    () => tree.lookup(path, options),
    () => undefined,
    options,
  );
  if (folder?.type !== 'directory') return undefined;
  const holds = await survive(
    async () => (await tree.lookup(`${path}/System32/drivers`, options))?.type === 'directory',
    () => true,
    options,
  );
  return holds ? folder.path : undefined;
}

/** A Windows in the folder, and what its files and hives tell of its start, unless the scan is a quick one. */
interface JudgedFolder {
  readonly report: InstallationReport;
  readonly start: FolderResult | undefined;
}

async function judgeWindows(
  tree: MountedFiles,
  root: string,
  full: FullScan | undefined,
  options: FolderScanOptions,
): Promise<JudgedFolder> {
  const { rules = SHIPPED_RULES } = options;
  const other = await full?.readOtherEvidence(tree, root, { ...options, explain: false, bootFailure: undefined });
  const quickRules = rules.filter(judgesFiles);
  const contents = new FileContents();
  const results: RuleResult[] = [];
  for (const rule of full === undefined && quickRules.length > 0 ? quickRules : rules)
    results.push(await judgeByFiles(rule, { tree, root, full, other, contents }, options));
  const [worst] = [...results].sort((left, right) => compareSeverity(left.severity, right.severity));
  if (worst === undefined) throw new TypeError('a scan needs at least one rule');
  const facts = { tree, root, machine: other?.machine?.opened, crash: other?.crash };
  const start = await full?.examineFolder(facts, options.signal === undefined ? {} : { signal: options.signal });
  // A hive that the system keeps to itself is neither missing nor damaged.
  const refused = new Set(tree.unread.map((path) => path.toUpperCase()));
  const isSeen = ({ path }: { path: string }): boolean =>
    ![...refused].some((one) => path.toUpperCase() === one || path.toUpperCase().startsWith(`${one}/`));
  const report = {
    ...worst,
    volume: 1,
    root,
    active: true,
    rules: results,
    host: other?.machine?.host ?? {},
    hives: (other?.machine?.hives ?? []).filter(isSeen),
    sources: ((other && full?.sourcesOf(other)) ?? []).filter(isSeen),
    history: [],
    historySummary: null,
    crash: [...(other?.crash?.reports ?? [])],
    boot: bootNotChecked(),
    ...(start === undefined ? {} : { platforms: start.platforms, timeline: start.timeline }),
  };
  return { report: { ...report, nextSteps: full?.nextSteps(report, []) ?? [] }, start };
}

/** What judging a rule by files needs. */
interface FileJudging {
  readonly tree: FileTree;
  readonly root: string;
  readonly full: FullScan | undefined;
  readonly other: OtherEvidence | undefined;
  readonly contents: FileContents;
}

async function judgeByFiles(rule: Rule, judging: FileJudging, options: ReadOptions): Promise<RuleResult> {
  const { tree, root, full, other, contents } = judging;
  const mode = full === undefined ? 'quick' : 'full';
  const result = await judgeRule(rule, {
    ...options,
    gather: (selection, versions) => gatherInTree(selection, { ...options, tree, root, mode, contents, versions }),
    root,
    mode,
    volumeDoubts: ['files-only'],
    otherFacts: (other && (await full?.otherAnswers(rule, other))) ?? new Map(),
  });
  return (other && full?.withCrash(rule, result, other)) ?? result;
}
