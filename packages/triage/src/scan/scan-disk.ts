import {
  type CountingSource,
  defined,
  type Issue,
  isDamage,
  monotonicMilliseconds,
  type ReadOptions,
} from '@deadbox/core';
import { type Disk, describeImage, describeTable, describeVolume, type Volume } from '@deadbox/disk';
import type { ToldParents } from '@deadbox/image';
import { NtfsVolume } from '@deadbox/ntfs';
import type { StartResult } from '../causes/examine-start.js';
import { ruleCauses } from '../causes/rule-causes.js';
import { withoutFilePlaces } from '../evidence/evidence-places.js';
import type { BootHints, DiskBootStores } from '../machine/boot-stores.js';
import { searchWindows } from '../machine/find-windows.js';
import { findObstacles, mayBeStale } from '../obstacles/obstacles.js';
import type { AroundResult } from '../obstacles/obstacles-around.js';
import type { BootReport, ImageReport, InstallationReport, Obstacle } from '../report/report-types.js';
import type { FileReport } from '../report/rule-result.js';
import { compareSeverity, type Severity, worseSeverity } from '../report/words.js';
import type { Rule } from '../rules/rule.js';
import { SHIPPED_RULES } from '../rules/shipped-rules.js';
import { bootNotChecked } from './boot-not-checked.js';
import { judgeImage } from './image-verdict.js';
import {
  type FullScan,
  type JudgedInstallation,
  loadFullScan,
  type ScanMode,
  type ScannedInstallation,
  scanInstallation,
  volumeFacts,
} from './scan-installation.js';
import { unjudgedVolumes, type VolumeFailure } from './unjudged-volumes.js';

/** Options of {@link scanDisk}. */
export interface ScanOptions extends ReadOptions {
  /** `quick` stops at the file verdict; `full` is the default; `deep` adds a pass over the whole MFT. */
  readonly mode?: ScanMode;
  /** Rules; default the shipped ones. */
  readonly rules?: readonly Rule[];
  /** The counting source below every cache; without it the report's `cost` counts no reads. */
  readonly counting?: CountingSource;
  /** Also examine `Windows.old`, reported as inactive. */
  readonly includeOld?: boolean;
  /** Also examine shadow copies, reported as inactive. */
  readonly includeShadowCopies?: boolean;
  /** The platform that the machine is meant to start on, e.g. `hyper-v-gen2`: that it cannot start there is a cause. */
  readonly target?: string;
  /**
   * What the files beside the image say of their parents; handed from scan to scan, it spares each image of a folder
   * asking all others again.
   */
  readonly told?: ToldParents;
  /**
   * When the files around the image are asked whether they were made on it, whatever their names are: `clean` for an
   * image that asks for nothing or holds no Windows, which is the default; `always` before it is changed.
   */
  readonly around?: 'clean' | 'always';
  /**
   * Tell how each fact was found, and name the place of evidence in the image file too; left out, the same disk gives
   * the same report whatever container it lies in.
   */
  readonly explain?: boolean;
}

/**
 * Judges one disk: every Windows installation by every rule, the machine, the boot store, volumes that nobody can
 * judge, obstacles, cost.
 * @param disk - from `openDisk`; it stays open
 */
export async function scanDisk(disk: Disk, options: ScanOptions = {}): Promise<ImageReport> {
  const started = monotonicMilliseconds();
  const reading = readOptions(options);
  const full = await loadFullScan(options.mode ?? 'full');
  const rules = options.rules ?? SHIPPED_RULES;
  const stores = await full?.findDiskBootStores(disk, reading);
  const hintsOf = (volume: number): BootHints =>
    (stores && full?.bootHintsOf(disk, stores, volume)) ?? { roots: [], failure: undefined };
  const { scanned, failures } = await scanVolumes(disk, full, hintsOf, options);
  const boot = stores && (await checkBootOf(disk, scanned, stores, full, reading));
  const volumes = [];
  for (const volume of disk.volumes) volumes.push(await describeVolume(volume, options));
  const installations: InstallationReport[] = [];
  for (const found of scanned) {
    const explained = options.explain === true ? await explain(disk, found, reading) : found.judged;
    const logs = explained.active ? (stores?.bootLogs.map(({ source }) => source) ?? []) : [];
    const report = {
      ...explained,
      sources: [...explained.sources, ...logs],
      boot: (explained.active ? boot : undefined) ?? bootNotChecked(),
    };
    installations.push({
      ...report,
      nextSteps: full?.nextSteps(report, volumes) ?? [],
    });
  }
  const named = new Set(disk.volumes.flatMap(({ number }) => (hintsOf(number).roots.length > 0 ? [number] : [])));
  const unjudged = await unjudgedVolumes(disk, failures, named, reading);
  const active = installations.filter((installation) => installation.active);
  const windows = active.map(({ volume, root }) => ({ volume, root }));
  const look = { quick: full === undefined, rules, told: options.told };
  const obstacles = await findObstacles(disk, windows, { ...reading, ...look });
  const start =
    full === undefined || stores === undefined
      ? startByRules(installations)
      : await full.examineStart(
          { disk, volumes, stores, boot, obstacles, installations, read: scanned, target: options.target },
          reading,
        );
  const judged = judgeImage(installations, unjudged, disk, rules);
  const severity = start.causes.map((cause) => cause.severity).reduce(worseSeverity, judged.severity);
  disk.throwIfSourceFailed();
  const around = await lookAround(disk, { ...judged, severity }, obstacles, options);
  const report: ImageReport = {
    path: disk.name,
    verdict: judged.verdict,
    severity: severity === 'none' && mayBeStale([...obstacles, ...around.obstacles]) ? 'review' : severity,
    provisional: [...new Set(active.flatMap((installation) => installation.provisional))],
    unjudged: unjudged.filter((volume) => volume.couldHoldWindows).map((volume) => volume.volume),
    unjudgedVolumes: unjudged,
    image: describeImage(disk),
    disk: describeTable(disk),
    volumes,
    installations: installations.map((installation, index) => ({
      ...installation,
      ...defined({ platforms: start.platforms[index], timeline: start.timelines[index] }),
    })),
    cause: start.cause,
    starts: start.starts,
    causes: start.causes,
    bootLog: start.bootLog,
    obstacles: [...obstacles, ...around.obstacles],
    issues: [...disk.issues.issues, ...leftOut(disk), ...start.issues, ...around.issues],
    cost: {
      reads: options.counting?.reads ?? 0,
      bytes: options.counting?.bytes ?? 0,
      milliseconds: Math.round((monotonicMilliseconds() - started) * 1000) / 1000,
      ...(disk.sampling.reads > 0 ? { sampling: { ...disk.sampling } } : {}),
    },
  };
  const advised = full?.withRepairStep(report) ?? report;
  return options.explain === true ? advised : withoutFilePlaces(advised);
}

/**
 * What lies around an image that the report would call well, or that holds no Windows: its newest state may lie in a
 * file that nothing in its name connects with it. Where something is to be done already, not a byte is read for that.
 */
async function lookAround(
  disk: Disk,
  { verdict, severity }: { readonly verdict: string; readonly severity: Severity },
  obstacles: readonly Obstacle[],
  { around, signal, told }: ScanOptions,
): Promise<AroundResult> {
  const isLeft = severity === 'none' || verdict === 'no-windows';
  if ((!isLeft && around !== 'always') || obstacles.some(({ id }) => id === 'snapshot-beside'))
    return { obstacles: [], issues: [] };
  const { lookAround: look } = await import('../obstacles/obstacles-around.js');
  return look(disk, { ...defined({ signal }), told });
}

/** What the scan noted of a volume. */
function leftOut({ volumes }: Disk): Issue[] {
  return volumes.flatMap(({ issues }) => issues.issues.filter(({ code }) => code.startsWith('triage.')));
}

/** What a quick scan knows of the start: what its rules found. */
function startByRules(installations: readonly InstallationReport[]): StartResult {
  const causes = ruleCauses(installations).sort((left, right) => compareSeverity(left.severity, right.severity));
  const bootLog = { starts: [], lastFailure: null };
  return {
    causes,
    cause: causes[0]?.id ?? null,
    starts: 'not-checked',
    bootLog,
    issues: [],
    platforms: [],
    timelines: [],
  };
}

/** Every volume's installations, and why a volume could not be read. */
async function scanVolumes(
  disk: Disk,
  full: FullScan | undefined,
  hintsOf: (volume: number) => BootHints,
  options: ScanOptions,
): Promise<{ scanned: ScannedInstallation[]; failures: Map<number, VolumeFailure> }> {
  const scanned: ScannedInstallation[] = [];
  const failures = new Map<number, VolumeFailure>();
  for (const volume of disk.volumes) {
    const result = await scanVolume(volume, full, hintsOf(volume.number), options);
    if (result.failure !== undefined) failures.set(volume.number, result.failure);
    scanned.push(...result.installations);
  }
  return { scanned, failures };
}

/** The installation with how each of its facts was found. */
async function explain(
  disk: Disk,
  { judged, machine }: ScannedInstallation,
  options: ReadOptions,
): Promise<JudgedInstallation> {
  if (judged.shadowCopy !== undefined) return judged;
  const { explainInstallation } = await import('../evidence/explain.js');
  const found = await explainInstallation(disk, judged, machine?.opened, options);
  if (found === undefined) return judged;
  const withSteps = (file: FileReport): FileReport => {
    const steps = found.steps.get(file);
    return steps === undefined ? file : { ...file, steps };
  };
  return {
    ...judged,
    files: judged.files.map(withSteps),
    rules: judged.rules.map((rule) => ({ ...rule, files: rule.files.map(withSteps) })),
    ...(found.registrySources === undefined ? {} : { registrySources: found.registrySources }),
  };
}

/** The boot check is the disk's; every active installation carries it. `undefined` without one. */
async function checkBootOf(
  disk: Disk,
  scanned: readonly ScannedInstallation[],
  stores: DiskBootStores,
  full: FullScan | undefined,
  options: ReadOptions,
): Promise<BootReport | undefined> {
  const active = scanned.filter(({ judged }) => judged.active);
  if (active.length === 0) return undefined;
  const examined = active.flatMap(({ judged, machine }) =>
    machine === undefined ? [] : [{ volume: judged.volume, root: judged.root, opened: machine.opened }],
  );
  return full?.checkDiskBoot(disk, examined, options, stores);
}

/** The installations of a volume, and what kept others from being found. */
interface VolumeResult {
  readonly installations: readonly ScannedInstallation[];
  readonly failure: VolumeFailure | undefined;
}

function contradictedReason(volume: Volume, tree: NtfsVolume): string {
  const [first] = tree.contradictions;
  const what = first === undefined ? '' : ` (${first.kind} at byte ${first.offset} of the volume)`;
  return `Volume ${volume.number}: a folder in which Windows would lie is damaged${what}`;
}

/** Looks for Windows in one volume; a volume that cannot be read says why. */
async function scanVolume(
  volume: Volume,
  full: FullScan | undefined,
  hints: BootHints,
  options: ScanOptions,
): Promise<VolumeResult> {
  const installations: ScannedInstallation[] = [];
  if (volume.locked) return { installations, failure: undefined };
  const reading = readOptions(options);
  try {
    const tree = await volume.fileTree(reading);
    if (!(tree instanceof NtfsVolume)) return { installations, failure: undefined };
    const { folders, complete } = await searchWindows(tree, {
      ...reading,
      includeOld: options.includeOld === true,
      bootRoots: hints.roots,
    });
    if (folders.some((folder) => folder.active)) volume.refineRole({ holdsWindows: true });
    else await full?.refineVolumeRole(volume, reading);
    // Where an index on the way is contradicted and no Windows was found, one may be there.
    const hidden = !complete && !folders.some((folder) => folder.active);
    const failure = hidden ? { code: 'NTFS_INDEX_CONTRADICTED', reason: contradictedReason(volume, tree) } : undefined;
    if (folders.length === 0 && options.includeShadowCopies !== true) return { installations: [], failure };
    const facts = await volumeFacts(volume, tree, options.mode ?? 'full', {
      ...reading,
      explain: options.explain === true,
      complete,
      bootFailure: hints.failure,
    });
    for (const folder of folders)
      installations.push(await scanInstallation(facts, folder, options.rules ?? SHIPPED_RULES, reading));
    if (options.includeShadowCopies === true) {
      const { scanShadowCopies } = await import('./scan-shadow-copies.js');
      installations.push(...(await scanShadowCopies(volume, options.rules ?? SHIPPED_RULES, reading)));
    }
    return { installations, failure };
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    // What was judged before stands; what comes after it is not known.
    if (error.code === 'FILE_SYSTEM_UNSUPPORTED') return { installations, failure: undefined };
    return { installations, failure: { code: error.code, reason: error.message } };
  }
}

function readOptions(options: ReadOptions): ReadOptions {
  return options.signal === undefined ? {} : { signal: options.signal };
}
