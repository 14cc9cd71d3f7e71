import { type Issue, isDamage, type ReadOptions } from '@deadbox/core';
import { MAX_DETECTORS } from '../limits.js';
import type { BootLogReport, CauseReport, StartVerdict } from '../report/cause-report.js';
import type { InstallationReport } from '../report/report-types.js';
import type { DiskSubject } from '../subject/disk-subject.js';
import type { InstallationSubject } from '../subject/installation-subject.js';
import { inFlight } from '../subject/shared.js';
import { missingFiles } from '../subject/whole-windows.js';
import { bootCheckCauses } from './boot-check-causes.js';
import { bootLogReport, withBootLog } from './boot-manager/boot-log-report.js';
import { BOOT_MANAGER_DETECTORS } from './boot-manager/detectors.js';
import { capCauses } from './cap-causes.js';
import { type FoundCause, reportedCause } from './cause.js';
import { CRASH_DETECTORS } from './crash/detectors.js';
import { DATA_DETECTORS, DATA_DISK_DETECTORS } from './data/detectors.js';
import type { DiskDetector, InstallationDetector } from './detector.js';
import { FIRMWARE_DETECTORS } from './firmware/detectors.js';
import { hiveCauses } from './hive-causes.js';
import { KERNEL_DETECTORS } from './kernel/detectors.js';
import { LOADER_DETECTORS, LOADER_DISK_DETECTORS } from './loader/detectors.js';
import { LOGON_DETECTORS, LOGON_DISK_DETECTORS } from './logon/detectors.js';
import { headline, orderCauses, startVerdict } from './order.js';
import { remainsOfWindows } from './remains-of-windows.js';
import { ruleCauses } from './rule-causes.js';
import { SESSION_DETECTORS } from './session/detectors.js';

const DISK_DETECTORS: readonly DiskDetector[] = [
  ...FIRMWARE_DETECTORS,
  ...BOOT_MANAGER_DETECTORS,
  ...LOADER_DISK_DETECTORS,
  ...LOGON_DISK_DETECTORS,
  ...DATA_DISK_DETECTORS,
];
/** What asks after the files and values that a whole Windows has. */
const WINDOWS_DETECTORS: readonly InstallationDetector[] = [
  ...LOADER_DETECTORS,
  ...KERNEL_DETECTORS,
  ...CRASH_DETECTORS,
  ...SESSION_DETECTORS,
  ...LOGON_DETECTORS,
];

/** Why Windows on a disk does not start, as far as the disk tells. */
export interface CauseResult {
  /** The worst first. */
  readonly causes: CauseReport[];
  /** Id of the cause for the headline. */
  readonly cause: CauseReport['id'] | null;
  readonly starts: StartVerdict;
  readonly bootLog: BootLogReport;
  /** What kept causes from being decided. */
  readonly issues: readonly Issue[];
}

/** Asks every detector, and adds what rules, boot check and hives said before. */
export async function findCauses(
  subject: DiskSubject,
  installations: readonly InstallationReport[],
  options: ReadOptions,
): Promise<CauseResult> {
  const active = installations.filter((installation) => installation.active);
  const work = DISK_DETECTORS.map((detector) => () => asked(detector, subject, options));
  for (const installation of subject.installations) {
    const detectors = [...(await detectorsFor(installation, options)), ...DATA_DETECTORS];
    work.push(...detectors.map((detector) => () => asked(detector, installation, options)));
  }
  const detected = await inFlight(work, MAX_DETECTORS, (detect) => detect());
  for (const installation of subject.installations) await doubtExhausted(installation, options);
  const found = [
    ...(await bootCheckCauses(subject.disk, subject.boot, options)),
    ...active.flatMap(hiveCauses),
    ...detected.flat(),
  ];
  const started = startedVolume(subject, active);
  const reported = [
    ...found.map(reportedCause).map((cause) => (isElsewhere(cause, started) ? beside(cause) : cause)),
    ...ruleCauses(installations),
  ];
  const judged = active.length > 0 ? reported : reported.map(unexamined);
  const causes = orderCauses(withBootLog(judged, subject));
  // What cannot be told of a Windows that the machine does not start says nothing of its start.
  const concerned = subject.installations.filter(({ volume }) => started === undefined || volume.number === started);
  const doubted = [subject.doubts, ...concerned.map(({ doubts }) => doubts)].some(({ issues }) => issues.length > 0);
  return {
    causes: capCauses(causes),
    cause: headline(causes),
    starts: isChecked(subject, active, causes)
      ? startVerdict(causes, doubted || isListingIncomplete(active))
      : 'not-checked',
    bootLog: bootLogReport(subject),
    issues: [subject, ...subject.installations].flatMap(({ doubts }) => doubts.issues),
  };
}

/** A hive whose questions cost more than an honest one's leaves some unanswered: that is no "nothing found". */
async function doubtExhausted(installation: InstallationSubject, options: ReadOptions): Promise<void> {
  for (const name of ['SYSTEM', 'SOFTWARE'] as const) {
    const { hive, path } = await installation.hive(name, options);
    if (hive === undefined || hive.issues.count('hive.work-exhausted') === 0) continue;
    installation.doubts.add([name === 'SYSTEM' ? 'system-hive-damaged' : 'software-hive-bad'], {
      path,
      reason: 'hive.work-exhausted',
    });
  }
}

async function detectorsFor(
  installation: InstallationSubject,
  options: ReadOptions,
): Promise<readonly InstallationDetector[]> {
  const { whole } = await installation.fact(missingFiles, options);
  return whole ? WINDOWS_DETECTORS : [remainsOfWindows];
}

/** One detector. Damage that ends it is a doubt about everything that it might have found; anything else passes. */
async function asked<S extends DiskSubject | InstallationSubject>(
  {
    causes,
    detect,
  }: {
    readonly causes: InstallationDetector['causes'];
    detect(subject: S, options: ReadOptions): Promise<readonly FoundCause[]>;
  },
  subject: S,
  options: ReadOptions,
): Promise<readonly FoundCause[]> {
  try {
    return await detect(subject, options);
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    subject.doubts.add(causes, { reason: error.message, code: error.code }, error.at);
    return [];
  }
}

/**
 * What speaks against a start of a Windows that nobody could read (a locked volume) is for a person to weigh: it proves
 * nothing alone.
 */
function unexamined(cause: CauseReport): CauseReport {
  return {
    ...cause,
    severity: cause.severity === 'act' ? 'review' : cause.severity,
    confidence: cause.confidence === 'proves' ? 'strong' : cause.confidence,
  };
}

/**
 * The volume of the Windows that the machine starts by itself, where the disk has several and the boot store is in
 * order; else each of them may be meant.
 */
function startedVolume({ boot }: DiskSubject, active: readonly InstallationReport[]): number | undefined {
  if (active.length < 2 || boot?.verdict !== 'consistent') return undefined;
  const entry = boot.entries.find(({ role }) => role === 'default');
  const volume = entry?.devices.find(({ element }) => element === 'osdevice')?.partition;
  return active.some((one) => one.volume === volume) ? volume : undefined;
}

function isElsewhere({ installation, volume }: CauseReport, started: number | undefined): boolean {
  return started !== undefined && installation !== null && volume !== started;
}

/** What ends the start of another Windows than the one that the machine starts is worth knowing only. */
function beside({ requests: _, ...cause }: CauseReport): CauseReport {
  return { ...cause, severity: 'none', data: { ...cause.data, otherWindows: true } };
}

/** A disk without Windows, or whose start leads elsewhere, says nothing, unless something was found. */
function isChecked(
  { boot }: DiskSubject,
  active: readonly InstallationReport[],
  causes: readonly CauseReport[],
): boolean {
  if (causes.some(({ severity }) => severity !== 'none')) return true;
  return active.length > 0 && boot !== undefined && boot.verdict !== 'not-checked';
}

function isListingIncomplete(active: readonly InstallationReport[]): boolean {
  return active.some(({ provisional }) => provisional.includes('listing-incomplete'));
}
