import { fileTimeFromUnixMs, fileTimeText, parseFileTime, type ReadOptions, unixMsOfFileTime } from '@deadbox/core';
import { type CodeIntegrityEvents, readCodeIntegrityEvents } from '@deadbox/windows';
import { driverFacts } from '../../drivers/driver-facts.js';
import { valueEvidence } from '../../drivers/hive-evidence.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn } from '../session/found.js';
import { earlyDriver, isOnTheWay } from './driver-path.js';
import { newestCrash } from './third-party-crash.js';

const RECENT_MS = 30 * 24 * 3600_000;
/** CRITICAL_SERVICE_FAILED and INACCESSIBLE_BOOT_DEVICE: what the machine shows when it misses a driver. */
const CODES: ReadonlySet<number> = new Set([0x5a, 0x7b]);

/** What code integrity refused to load. */
export function codeIntegrity(
  subject: InstallationSubject,
  options: ReadOptions,
): Promise<CodeIntegrityEvents | undefined> {
  return readCodeIntegrityEvents(subject.tree, subject.root, options);
}

/** Windows refused to load a driver that every start needs, in the days before the last start. */
export const blockedDriver: InstallationDetector = {
  causes: ['ci-blocked-driver'],
  async detect(subject, options) {
    const events = await subject.fact(codeIntegrity, options);
    if (events === undefined || events.blocked.length === 0) return [];
    const facts = await subject.fact(driverFacts, options);
    if (facts === undefined) return [];
    const since = recently(subject, events.source.newest);
    const found = new Map<string, FoundCause>();
    const failed = subject.crash?.failedStart === true || CODES.has(Number(newestCrash(subject)?.code));
    for (const { image, eventId, time } of events.blocked) {
      const name = image.slice(image.lastIndexOf('\\') + 1);
      const driver = time < since ? undefined : earlyDriver(facts, name);
      if (driver === undefined || found.has(driver.name)) continue;
      const needed =
        driver.errorControl === 'critical' || driver.errorControl === 'severe' || isOnTheWay(facts, driver);
      found.set(
        driver.name,
        foundIn(subject, 'ci-blocked-driver', {
          severity: failed ? 'act' : needed ? 'review' : 'none',
          confidence: failed || needed ? 'strong' : 'hint',
          data: { path: driver.file ?? null, driver: driver.name, image, event: eventId, at: time },
          evidence: driver.start === undefined ? [] : await valueEvidence(subject, 'SYSTEM', driver.start, options),
        }),
      );
    }
    return [...found.values()];
  },
};

/** Thirty days before the last start, as text that compares with times of events. */
function recently({ crash }: InstallationSubject, newest: string | null): string {
  const start = crash?.events.find(({ kind }) => kind === 'start')?.time ?? newest;
  const last = start === null ? undefined : parseFileTime(start);
  if (last === undefined) return '';
  return fileTimeText(fileTimeFromUnixMs(unixMsOfFileTime(last) - RECENT_MS)) ?? '';
}
