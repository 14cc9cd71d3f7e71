import type { DriverService } from '@deadbox/windows/internals';
import { isCoreFile } from '../../drivers/core-files.js';
import { bootStartFiles, type DriverFacts, driverFacts } from '../../drivers/driver-facts.js';
import { isNeededDriver } from '../../drivers/needed-drivers.js';
import { driversOf } from '../../platforms/platform-table.js';
import type { CheckedFile } from '../../subject/file-state.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtPartial } from '../session/found.js';
import { doubtUnreadable, foundFile, isBad, PROVEN, SUSPECT, type Weight } from './found.js';

/** Files of the drivers that the loader loads. */
export const driverFiles: InstallationDetector = {
  causes: ['boot-driver-file-bad'],
  async detect(subject, options) {
    const facts = await subject.fact(driverFacts, options);
    if (facts === undefined) return [];
    const files = await subject.fact(bootStartFiles, options);
    doubtUnreadable(subject, ['boot-driver-file-bad'], files.values());
    const bad = facts.bootStart.flatMap((driver): [DriverService, CheckedFile][] => {
      const file = files.get(driver.name.toLowerCase());
      return file === undefined || !isBad(file) ? [] : [[driver, file]];
    });
    // Where most of them are not there at all, what is missing is Windows: of those that it needs that is proof enough.
    const absent = bad.filter(([, { state }]) => state === 'absent').length;
    const partial = absent * 2 > files.size;
    if (partial) doubtPartial(subject, 'boot-driver-file-bad', absent);
    doubtUnplaced(subject, facts);
    const found: FoundCause[] = [];
    const filters = filterNames(facts);
    for (const [driver, file] of bad) {
      if (isCoreFile(subject.root, file.path) || isFilterOnly(driver, filters)) continue;
      if (partial && !isNeeded(driver, subject.target)) continue;
      const data = { name: driver.name, errorControl: driver.errorControl ?? null, key: driver.key };
      found.push(
        await foundFile(subject, 'boot-driver-file-bad', weightOf(driver, subject.target), file, data, options),
      );
    }
    return found;
  },
};

/**
 * A driver whose failure stops the start, or that every machine or the target needs, proves it; without another one
 * Windows starts.
 */
function weightOf(driver: DriverService, target: string | undefined): Weight {
  return driver.errorControl === 'critical' || isNeeded(driver, target) ? PROVEN : SUSPECT;
}

/** The loader finds no file on another volume either: without one a driver that must load ends the start, or is no loss. */
function doubtUnplaced(subject: InstallationSubject, { bootStart }: DriverFacts): void {
  for (const driver of bootStart)
    if (driver.file === undefined && (driver.errorControl === 'critical' || isNeeded(driver, subject.target)))
      subject.doubts.add(['boot-driver-file-bad'], { key: driver.key, reason: 'path-unknown' });
}

function isNeeded({ name }: DriverService, target: string | undefined): boolean {
  return isNeededDriver(name) || (target !== undefined && driversOf(target).has(name.toLowerCase()));
}

/** Everything that a class names as a filter, in lower case. */
function filterNames({ filters }: DriverFacts): ReadonlySet<string> {
  return new Set(filters.flatMap((list) => list.filters.values.map((name) => name.toLowerCase())));
}

/**
 * Whether a class names the driver as a filter while Windows could start without it: then the dangling name is the
 * fault.
 */
function isFilterOnly(driver: DriverService, filters: ReadonlySet<string>): boolean {
  if (driver.errorControl === 'critical' || isNeededDriver(driver.name)) return false;
  return filters.has(driver.name.toLowerCase());
}
