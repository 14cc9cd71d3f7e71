import { type CountingSource, isDeadboxError, type ReadOptions } from '@deadbox/core';
import { type Disk, describeImage, describeTable, describeVolume, type Volume } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { withoutFilePlaces } from '../evidence/evidence-places.js';
import { explainInstallation } from '../evidence/explain.js';
import { checkDiskBoot } from '../machine/boot-report.js';
import { bootRootsOf, type DiskBootStores, findDiskBootStores } from '../machine/boot-stores.js';
import { findWindowsFolders } from '../machine/find-windows.js';
import { refineVolumeRole } from '../machine/volume-role.js';
import { findObstacles, type ImageHint, mayBeStale } from '../obstacles/obstacles.js';
import type { ImageReport } from '../report/report-types.js';
import type { Rule } from '../rules/rule.js';
import { SHIPPED_RULES } from '../rules/shipped-rules.js';
import { judgeImage, unjudgedVolumes } from './image-verdict.js';
import { nextSteps } from './next-steps.js';
import { type ScannedInstallation, scanInstallation, volumeFacts } from './scan-installation.js';
import { scanShadowCopies } from './scan-shadow-copies.js';

/** Options of {@link scanDisk}. */
export interface ScanOptions extends ReadOptions {
  /** `quick` stops at the file verdict; `full` is the default; `deep` adds a pass over the whole MFT. */
  readonly mode?: 'quick' | 'full' | 'deep';
  /** Rules; default the shipped ones. */
  readonly rules?: readonly Rule[];
  /** The counting source below every cache, for `cost`. */
  readonly counting?: CountingSource;
  /** Also examine `Windows.old`, reported as inactive. */
  readonly includeOld?: boolean;
  /** Also examine shadow copies, reported as inactive. */
  readonly includeShadowCopies?: boolean;
  /** Tell how each fact was found, and name the place of evidence in the image file too; left out, the same disk gives the same report whatever container it lies in. */
  explain?: boolean;
  /** What the caller knows about the image and its bytes do not tell. */
  readonly hints?: readonly ImageHint[];
  /** Clock for `cost.milliseconds`; default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Judges one disk: every Windows installation by every rule, the machine, the boot store, volumes that nobody can judge, obstacles, cost.
 * @param disk - from `openDisk`; it stays open
 */
export async function scanDisk(disk: Disk, options: ScanOptions = {}): Promise<ImageReport> {
  const now = options.now ?? (() => performance.now());
  const started = now();
  const quick = options.mode === 'quick';
  const scanned: ScannedInstallation[] = [];
  const failures = new Map<number, string>();
  const stores = quick ? undefined : await findDiskBootStores(disk, readOptions(options));
  for (const volume of disk.volumes) {
    const result = await scanVolume(volume, options, bootRootsOf(disk, stores?.stores ?? [], volume.number));
    if ('reason' in result) failures.set(volume.number, result.reason);
    else scanned.push(...result.installations);
  }
  if (stores !== undefined) await addBoot(disk, scanned, stores, options);
  if (options.explain === true) {
    for (const { report, machine } of scanned)
      if (report.shadowCopy === undefined)
        await explainInstallation(disk, report, machine?.opened, readOptions(options));
  }
  const installations = scanned.map(({ report }) => report);
  const volumes = [];
  for (const volume of disk.volumes) volumes.push(await describeVolume(volume, options));
  if (!quick) for (const installation of installations) installation.nextSteps = nextSteps(installation, { volumes });
  const unjudged = unjudgedVolumes(disk, failures);
  const active = installations.filter((installation) => installation.active);
  const windows = active.map(({ volume, root }) => ({ volume, root }));
  const obstacles = await findObstacles(disk, windows, { ...readOptions(options), quick, hints: options.hints ?? [] });
  const { verdict, severity: judged } = judgeImage(installations, unjudged, disk);
  const severity = judged === 'none' && mayBeStale(obstacles) ? 'review' : judged;
  const report: ImageReport = {
    path: disk.name,
    verdict,
    severity,
    provisional: [...new Set(active.flatMap((installation) => installation.provisional))],
    unjudged: unjudged.filter((volume) => volume.couldHoldWindows).map((volume) => volume.volume),
    unjudgedVolumes: unjudged,
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
      ...(disk.sampling.reads > 0 ? { sampling: { ...disk.sampling } } : {}),
    },
  };
  return options.explain === true ? report : withoutFilePlaces(report);
}

type VolumeResult = { installations: ScannedInstallation[] } | { reason: string };

/** Looks for Windows in one volume; a volume that cannot be read says why. */
async function scanVolume(volume: Volume, options: ScanOptions, bootRoots: readonly string[]): Promise<VolumeResult> {
  if (volume.locked) return { installations: [] };
  const reading = readOptions(options);
  try {
    const tree = await volume.fileTree(reading);
    if (!(tree instanceof NtfsVolume)) return { installations: [] };
    const folders = await findWindowsFolders(tree, { ...reading, includeOld: options.includeOld === true, bootRoots });
    if (folders.some((folder) => folder.active)) volume.refineRole({ holdsWindows: true });
    else if (options.mode !== 'quick') await refineVolumeRole(volume, reading);
    if (folders.length === 0 && options.includeShadowCopies !== true) return { installations: [] };
    const facts = await volumeFacts(volume, tree, options.mode ?? 'full', reading);
    facts.explain = options.explain === true;
    const installations: ScannedInstallation[] = [];
    for (const folder of folders)
      installations.push(await scanInstallation(facts, folder, options.rules ?? SHIPPED_RULES, reading));
    if (options.includeShadowCopies === true)
      installations.push(...(await scanShadowCopies(volume, options.rules ?? SHIPPED_RULES, reading)));
    return { installations };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
    if (error.code === 'FILE_SYSTEM_UNSUPPORTED') return { installations: [] };
    return { reason: error.message };
  }
}

/** The boot check is the disk's; every active installation carries it. */
async function addBoot(
  disk: Disk,
  scanned: readonly ScannedInstallation[],
  stores: DiskBootStores,
  options: ScanOptions,
): Promise<void> {
  const active = scanned.filter(({ report }) => report.active);
  if (active.length === 0) return;
  const examined = active.flatMap(({ report, machine }) =>
    machine === undefined ? [] : [{ volume: report.volume, root: report.root, opened: machine.opened }],
  );
  const boot = await checkDiskBoot(disk, examined, readOptions(options), stores);
  for (const { report } of active) report.boot = boot;
}

function readOptions(options: ReadOptions): ReadOptions {
  return options.signal === undefined ? {} : { signal: options.signal };
}
