import type { DriverService } from '@deadbox/windows/internals';
import { isCoreFile } from '../../drivers/core-files.js';
import { bootStartFiles, type DriverFacts, driverFacts } from '../../drivers/driver-facts.js';
import { isNeededDriver } from '../../drivers/needed-drivers.js';
import { driversOf } from '../../platforms/platform-table.js';
import type { CheckedFile } from '../../subject/file-state.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
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
    // Where most of them are not there at all, what is missing is Windows, and the core files say so.
    if (bad.filter(([, { state }]) => state === 'absent').length * 2 > files.size) return [];
    const found: FoundCause[] = [];
    for (const [driver, file] of bad) {
      if (isCoreFile(subject.root, file.path) || isFilterOnly(driver, facts)) continue;
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
  const needed =
    isNeededDriver(driver.name) || (target !== undefined && driversOf(target).has(driver.name.toLowerCase()));
  return driver.errorControl === 'critical' || needed ? PROVEN : SUSPECT;
}

/**
 * Whether a class names the driver as a filter while Windows could start without it: then the dangling name is the
 * fault.
 */
function isFilterOnly(driver: DriverService, { filters }: DriverFacts): boolean {
  if (driver.errorControl === 'critical' || isNeededDriver(driver.name)) return false;
  const name = driver.name.toLowerCase();
  return filters.some((one) => one.filters.values.some((filter) => filter.toLowerCase() === name));
}
