import { type CountingSource, isDamage, type ReadOptions } from '@deadbox/core';
import { type Disk, describeImage, describeTable, describeVolume, type Volume } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { withoutFilePlaces } from '../evidence/evidence-places.js';
import { explainInstallation } from '../evidence/explain.js';
import { checkDiskBoot } from '../machine/boot-report.js';
import { bootRootsOf, type DiskBootStores, findDiskBootStores } from '../machine/boot-stores.js';
import { searchWindows } from '../machine/find-windows.js';
import { refineVolumeRole } from '../machine/volume-role.js';
import { findObstacles, mayBeStale } from '../obstacles/obstacles.js';
import type { BootReport, ImageReport, InstallationReport } from '../report/report-types.js';
import type { FileReport } from '../report/rule-result.js';
import type { Rule } from '../rules/rule.js';
import { SHIPPED_RULES } from '../rules/shipped-rules.js';
import { judgeImage } from './image-verdict.js';
import { nextSteps } from './next-steps.js';
import {
  type JudgedInstallation,
  type ScannedInstallation,
  scanInstallation,
  volumeFacts,
} from './scan-installation.js';
import { scanShadowCopies } from './scan-shadow-copies.js';
import { unjudgedVolumes, type VolumeFailure } from './unjudged-volumes.js';

/** Options of {@link scanDisk}. */
export interface ScanOptions extends ReadOptions {
  /** `quick` stops at the file verdict; `full` is the default; `deep` adds a pass over the whole MFT. */
  readonly mode?: 'quick' | 'full' | 'deep';
  /** Rules; default the shipped ones. */
  readonly rules?: readonly Rule[];
  /** The counting source below every cache; without it the report's `cost` counts no reads. */
  readonly counting?: CountingSource;
  /** Also examine `Windows.old`, reported as inactive. */
  readonly includeOld?: boolean;
  /** Also examine shadow copies, reported as inactive. */
  readonly includeShadowCopies?: boolean;
  /** Tell how each fact was found, and name the place of evidence in the image file too; left out, the same disk gives the same report whatever container it lies in. */
  readonly explain?: boolean;
}

/**
 * Judges one disk: every Windows installation by every rule, the machine, the boot store, volumes that nobody can judge, obstacles, cost.
 * @param disk - from `openDisk`; it stays open
 */
export async function scanDisk(disk: Disk, options: ScanOptions = {}): Promise<ImageReport> {
  const started = performance.now();
  const reading = readOptions(options);
  const quick = options.mode === 'quick';
  const rules = options.rules ?? SHIPPED_RULES;
  const stores = quick ? undefined : await findDiskBootStores(disk, reading);
  const { scanned, failures } = await scanVolumes(disk, stores, options);
  const boot = stores === undefined ? undefined : await checkBootOf(disk, scanned, stores, reading);
  const volumes = [];
  for (const volume of disk.volumes) volumes.push(await describeVolume(volume, options));
  const installations: InstallationReport[] = [];
  for (const found of scanned) {
    const explained = options.explain === true ? await explain(disk, found, reading) : found.judged;
    const logs = explained.active ? (stores?.logs ?? []) : [];
    const report = {
      ...explained,
      sources: [...explained.sources, ...logs],
      boot: (explained.active ? boot : undefined) ?? bootNotChecked(),
    };
    installations.push({ ...report, nextSteps: quick ? [] : nextSteps(report, volumes) });
  }
  const named = namedByStores(disk, stores);
  const unjudged = await unjudgedVolumes(disk, failures, named, reading);
  const active = installations.filter((installation) => installation.active);
  const windows = active.map(({ volume, root }) => ({ volume, root }));
  const obstacles = await findObstacles(disk, windows, { ...reading, quick, rules });
  const { verdict, severity } = judgeImage(installations, unjudged, disk, rules);
  disk.throwIfSourceFailed();
  const report: ImageReport = {
    path: disk.name,
    verdict,
    severity: severity === 'none' && mayBeStale(obstacles) ? 'review' : severity,
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
      milliseconds: Math.round((performance.now() - started) * 1000) / 1000,
      ...(disk.sampling.reads > 0 ? { sampling: { ...disk.sampling } } : {}),
    },
  };
  return options.explain === true ? report : withoutFilePlaces(report);
}

/** Numbers of the volumes that a boot store starts Windows from. */
function namedByStores(disk: Disk, stores: DiskBootStores | undefined): ReadonlySet<number> {
  return new Set(
    disk.volumes.flatMap(({ number }) => (bootRootsOf(disk, stores?.stores ?? [], number).length > 0 ? [number] : [])),
  );
}

/** Every volume's installations, and why a volume could not be read. */
async function scanVolumes(
  disk: Disk,
  stores: DiskBootStores | undefined,
  options: ScanOptions,
): Promise<{ scanned: ScannedInstallation[]; failures: Map<number, VolumeFailure> }> {
  const scanned: ScannedInstallation[] = [];
  const failures = new Map<number, VolumeFailure>();
  for (const volume of disk.volumes) {
    const result = await scanVolume(volume, options, bootRootsOf(disk, stores?.stores ?? [], volume.number));
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
  options: ReadOptions,
): Promise<BootReport | undefined> {
  const active = scanned.filter(({ judged }) => judged.active);
  if (active.length === 0) return undefined;
  const examined = active.flatMap(({ judged, machine }) =>
    machine === undefined ? [] : [{ volume: judged.volume, root: judged.root, opened: machine.opened }],
  );
  return checkDiskBoot(disk, examined, options, stores);
}

function bootNotChecked(): BootReport {
  return {
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
async function scanVolume(volume: Volume, options: ScanOptions, bootRoots: readonly string[]): Promise<VolumeResult> {
  const installations: ScannedInstallation[] = [];
  if (volume.locked) return { installations, failure: undefined };
  const reading = readOptions(options);
  try {
    const tree = await volume.fileTree(reading);
    if (!(tree instanceof NtfsVolume)) return { installations, failure: undefined };
    const { folders, complete } = await searchWindows(tree, {
      ...reading,
      includeOld: options.includeOld === true,
      bootRoots,
    });
    if (folders.some((folder) => folder.active)) volume.refineRole({ holdsWindows: true });
    else if (options.mode !== 'quick') await refineVolumeRole(volume, reading);
    // Where an index on the way is contradicted and no Windows was found, one may be there.
    const hidden = !complete && !folders.some((folder) => folder.active);
    const failure = hidden ? { code: 'NTFS_INDEX_CONTRADICTED', reason: contradictedReason(volume, tree) } : undefined;
    if (folders.length === 0 && options.includeShadowCopies !== true) return { installations: [], failure };
    const facts = await volumeFacts(volume, tree, options.mode ?? 'full', {
      ...reading,
      explain: options.explain === true,
      complete,
    });
    for (const folder of folders)
      installations.push(await scanInstallation(facts, folder, options.rules ?? SHIPPED_RULES, reading));
    if (options.includeShadowCopies === true)
      installations.push(...(await scanShadowCopies(volume, options.rules ?? SHIPPED_RULES, reading)));
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
