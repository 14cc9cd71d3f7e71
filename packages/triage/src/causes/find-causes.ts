import type { Issue, ReadOptions } from '@deadbox/core';
import { MAX_DETECTORS } from '../limits.js';
import type { BootLogReport, CauseReport, StartVerdict } from '../report/cause-report.js';
import type { InstallationReport } from '../report/report-types.js';
import type { DiskSubject } from '../subject/disk-subject.js';
import { inFlight } from '../subject/shared.js';
import { missingFiles } from '../subject/whole-windows.js';
import { asked, doubtExhausted, windowsQuestions } from './ask-windows.js';
import { bootCheckCauses } from './boot-check-causes.js';
import { bootLogReport, withBootLog } from './boot-manager/boot-log-report.js';
import { BOOT_MANAGER_DETECTORS } from './boot-manager/detectors.js';
import { capCauses } from './cap-causes.js';
import { reportedCause } from './cause.js';
import { DATA_DETECTORS, DATA_DISK_DETECTORS } from './data/detectors.js';
import type { DiskDetector } from './detector.js';
import { FIRMWARE_DETECTORS } from './firmware/detectors.js';
import { hiveCauses } from './hive-causes.js';
import { LOADER_DISK_DETECTORS } from './loader/detectors.js';
import { LOGON_DISK_DETECTORS } from './logon/detectors.js';
import { headline, orderCauses, startVerdict } from './order.js';
import { ruleCauses } from './rule-causes.js';
import { SESSION_VOLUME_DETECTORS } from './session/detectors.js';

const DISK_DETECTORS: readonly DiskDetector[] = [
  ...FIRMWARE_DETECTORS,
  ...BOOT_MANAGER_DETECTORS,
  ...LOADER_DISK_DETECTORS,
  ...LOGON_DISK_DETECTORS,
  ...DATA_DISK_DETECTORS,
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
    const { whole } = await installation.fact(missingFiles, options);
    const detectors = [...(whole ? SESSION_VOLUME_DETECTORS : []), ...DATA_DETECTORS];
    work.push(
      ...(await windowsQuestions(installation, options)),
      ...detectors.map((detector) => () => asked(detector, installation, options)),
    );
  }
  const detected = await inFlight(work, MAX_DETECTORS, (detect) => detect());
  for (const installation of subject.installations) await doubtExhausted(installation, options);
  const found = [...(await bootCheckCauses(subject, options)), ...active.flatMap(hiveCauses), ...detected.flat()];
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
