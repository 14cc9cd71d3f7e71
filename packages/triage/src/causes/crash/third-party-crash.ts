import type { ReadOptions } from '@deadbox/core';
import { isWindowsModule } from '@deadbox/windows/internals';
import { driverFacts } from '../../drivers/driver-facts.js';
import { valueEvidence } from '../../drivers/hive-evidence.js';
import type { CrashReport } from '../../report/report-types.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn } from '../session/found.js';
import { startsSince } from '../session/starts.js';
import { earlyDriver, isOnTheWay } from './driver-path.js';

/** The newest crash names a driver of another maker that Windows can do without. */
export const thirdPartyCrash: InstallationDetector = {
  causes: ['third-party-crash'],
  async detect(subject, options) {
    const crash = newestCrash(subject);
    const module = crash?.module ?? undefined;
    if (crash === undefined || module === undefined || isWindowsModule(module)) return [];
    return named(subject, crash, module, options);
  },
};

/** Reports of a live system tell of no start, and an event names no driver. */
export function newestCrash({ crash }: InstallationSubject): CrashReport | undefined {
  return (crash?.reports ?? [])
    .filter(({ source }) => source !== 'live-report' && source !== 'event')
    .sort((left, right) => ((left.time ?? '') < (right.time ?? '') ? 1 : -1))[0];
}

async function named(
  subject: InstallationSubject,
  crash: CrashReport,
  module: string,
  options: ReadOptions,
): Promise<readonly FoundCause[]> {
  const facts = await subject.fact(driverFacts, options);
  const driver = facts === undefined ? undefined : earlyDriver(facts, module);
  if (facts === undefined || driver === undefined || isOnTheWay(facts, driver)) return [];
  const starts = startsSince(subject, crash.time ?? undefined);
  const over = starts.atRest || (starts.started && starts.failed === 0);
  const now = crash.source === 'page-file' || crash.source === 'startup-repair' || subject.crash?.failedStart === true;
  const place = driver.start;
  return [
    foundIn(subject, 'third-party-crash', {
      severity: over ? 'none' : now || starts.failed > 0 ? 'act' : 'review',
      confidence: over ? 'hint' : 'strong',
      codes: crash.code === null ? [] : [crash.code],
      data: {
        driver: driver.name,
        path: driver.file ?? null,
        module,
        code: crash.code,
        at: crash.time,
        source: crash.source,
        dump: crash.path,
      },
      evidence: place === undefined ? [] : await valueEvidence(subject, 'SYSTEM', place, options),
    }),
  ];
}
