import { isDeadboxError, type CountingSource, type ReadOptions } from '@deadbox/core';
import { describeImage, describeTable, describeVolume, type Disk, type Volume } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { findWindowsFolders, type WindowsFolder } from './find-windows.js';
import { judgeRule } from './judge-rule.js';
import { findObstacles } from './obstacles.js';
import type { ImageReport, InstallationReport, UnjudgedVolume } from './report-types.js';
import type { Rule } from './rule.js';
import { SHIPPED_RULES } from './shipped-rules.js';
import { compareSeverity, VERDICT_ORDER, worseSeverity, type ProvisionalReason, type Severity } from './words.js';

/** Options of {@link scanDisk}. */
export interface ScanOptions extends ReadOptions {
  /** `quick` stops at the file verdict; `full` is the default; `deep` adds a pass over the whole MFT. */
  mode?: 'quick' | 'full' | 'deep';
  /** Rules; default the shipped ones. */
  rules?: readonly Rule[];
  /** The counting source below every cache, for `cost`. */
  counting?: CountingSource;
  /** Also examine `Windows.old`, reported as inactive. */
  includeOld?: boolean;
  /** Clock for `cost.milliseconds`; default `performance.now`. */
  now?: () => number;
}

/** A volume of this size could hold Windows even when it is not the largest. */
const COULD_HOLD_WINDOWS = 4 * 2 ** 30;

/**
 * Judges one disk: every Windows installation by every rule, volumes that nobody can judge, obstacles, cost.
 * @param disk - from `openDisk`; it stays open
 */
export async function scanDisk(disk: Disk, options: ScanOptions = {}): Promise<ImageReport> {
  const now = options.now ?? (() => performance.now());
  const started = now();
  const installations: InstallationReport[] = [];
  const failures = new Map<number, string>();
  for (const volume of disk.volumes) {
    const result = await scanVolume(volume, options);
    if ('reason' in result) failures.set(volume.number, result.reason);
    else installations.push(...result.installations);
  }
  const volumes = [];
  for (const volume of disk.volumes) volumes.push(await describeVolume(volume, options));
  const unjudgedVolumes = unjudged(disk, failures);
  const obstacles = await findObstacles(disk, options);
  const { verdict, severity } = judgeImage(installations, unjudgedVolumes, disk);
  const provisional = [...new Set(installations.filter((found) => found.active).flatMap((found) => found.provisional))];
  return {
    path: disk.name,
    verdict,
    severity,
    provisional,
    unjudged: unjudgedVolumes.filter((volume) => volume.couldHoldWindows).map((volume) => volume.volume),
    unjudgedVolumes,
    image: describeImage(disk),
    disk: describeTable(disk),
    volumes,
    installations,
    obstacles,
    issues: [...disk.issues.issues],
    cost: {
      reads: options.counting?.reads ?? 0,
      bytes: options.counting?.bytes ?? 0,
      milliseconds: Math.round((now() - started) * 1000) / 1000,
    },
  };
}

type VolumeResult = { installations: InstallationReport[] } | { reason: string };

/** Looks for Windows in one volume; a volume that cannot be read says why. */
async function scanVolume(volume: Volume, options: ScanOptions): Promise<VolumeResult> {
  if (volume.locked) return { installations: [] };
  try {
    const tree = await volume.fileTree(options);
    if (!(tree instanceof NtfsVolume)) return { installations: [] };
    const folders = await findWindowsFolders(tree, options);
    if (folders.some((folder) => folder.active)) volume.refineRole({ holdsWindows: true });
    const installations: InstallationReport[] = [];
    for (const folder of folders) {
      if (folder.active || options.includeOld === true) installations.push(await scanFolder(volume, tree, folder, options));
    }
    return { installations };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
    if (error.code === 'FILE_SYSTEM_UNSUPPORTED') return { installations: [] };
    return { reason: error.message };
  }
}

async function scanFolder(volume: Volume, tree: NtfsVolume, folder: WindowsFolder, options: ScanOptions): Promise<InstallationReport> {
  const mode = options.mode === 'quick' ? 'quick' : 'full';
  const volumeDoubts = await doubtsOf(tree, options);
  const results = [];
  for (const rule of options.rules ?? SHIPPED_RULES) {
    results.push(await judgeRule(rule, { volume, tree, root: folder.path, mode, volumeDoubts, ...readOptions(options) }));
  }
  const worst = [...results].sort((a, b) => compareSeverity(a.severity, b.severity))[0];
  if (worst === undefined) throw new TypeError('scanDisk needs at least one rule');
  return {
    ...worst,
    volume: volume.number,
    root: folder.path,
    active: folder.active,
    rules: results,
    host: {},
    history: [],
    crash: [],
    boot: { verdict: 'not-checked', findings: [] },
    nextSteps: [],
  };
}

/** Why nothing reassuring said of this volume is proven. */
async function doubtsOf(tree: NtfsVolume, options: ScanOptions): Promise<ProvisionalReason[]> {
  const state = await tree.state(options);
  const doubts: ProvisionalReason[] = [];
  if (state.hibernation === 'hibernated') doubts.push('hibernated');
  if (state.log !== 'clean') doubts.push('log-not-examined');
  return doubts;
}

function unjudged(disk: Disk, failures: ReadonlyMap<number, string>): UnjudgedVolume[] {
  const largest = Math.max(...disk.volumes.map((volume) => volume.length));
  return disk.volumes.flatMap((volume) => {
    const reason = volume.locked ? (volume.encryption.product ?? 'encryption') : failures.get(volume.number);
    if (reason === undefined || volume.role === 'microsoft-reserved') return [];
    const couldHoldWindows = volume.length >= COULD_HOLD_WINDOWS || volume.length === largest;
    return [
      {
        volume: volume.number,
        verdict: volume.locked ? ('blocked-encrypted' as const) : ('unreadable' as const),
        couldHoldWindows,
        reason,
      },
    ];
  });
}

/** The image's verdict: the worst of its active installations and of the volumes that nobody can judge. */
function judgeImage(
  installations: readonly InstallationReport[],
  unjudgedVolumes: readonly UnjudgedVolume[],
  disk: Disk,
): { verdict: string; severity: Severity } {
  const candidates: { verdict: string; severity: Severity }[] = installations.filter((found) => found.active);
  const barriers = unjudgedVolumes
    .filter((volume) => volume.couldHoldWindows || (candidates.length === 0 && isRealVolume(volume)))
    .map(({ verdict }) => ({ verdict, severity: 'attention' as const }));
  const all = [...candidates, ...barriers];
  if (all.length === 0) {
    // A damaged table may hide the very partition that is looked for.
    const damaged = disk.volumes.length === 0 || disk.table.issues.some((issue) => issue.severity === 'error');
    return { verdict: damaged ? 'unreadable' : 'no-windows', severity: 'attention' };
  }
  const verdict =
    [...all].sort((a, b) => rankOf(a.verdict) - rankOf(b.verdict) || compareSeverity(a.severity, b.severity))[0]?.verdict ?? 'no-windows';
  return { verdict, severity: all.reduce<Severity>((worst, { severity }) => worseSeverity(worst, severity), 'none') };
}

/** A small locked volume counts when nothing else was found; a small unrecognised one (reserved, empty) does not. */
function isRealVolume(volume: UnjudgedVolume): boolean {
  return volume.verdict === 'blocked-encrypted';
}

/** Place in the order of badness; words of other rules count as a review. */
function rankOf(verdict: string): number {
  const rank = VERDICT_ORDER.indexOf(verdict);
  return rank < 0 ? VERDICT_ORDER.indexOf('review') : rank;
}

function readOptions(options: ReadOptions): ReadOptions {
  return options.signal === undefined ? {} : { signal: options.signal };
}
