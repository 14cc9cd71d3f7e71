import type { ReadOptions } from '@deadbox/core';
import type { DriverService } from '@deadbox/windows/internals';
import { type DriverFacts, driverFacts } from '../../drivers/driver-facts.js';
import { valueEvidence } from '../../drivers/hive-evidence.js';
import { NEEDED_DRIVERS, type NeededDriver } from '../../drivers/needed-drivers.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn, LIKELY, numberChange, PROVEN } from './found.js';

/** Drivers that Windows loads with the kernel on every machine, and that this one does not load. */
export const startTypes: InstallationDetector = {
  causes: ['boot-driver-not-boot', 'boot-driver-key-missing'],
  async detect(subject, options) {
    const facts = await subject.fact(driverFacts, options);
    if (facts === undefined) return [];
    const { health } = await subject.hive('SYSTEM', options);
    const found: FoundCause[] = [];
    for (const needed of NEEDED_DRIVERS) {
      if (needed.encryptedOnly === true && subject.volume?.encryption.verdict !== 'unlocked') continue;
      const driver = facts.drivers.get(needed.name.toLowerCase());
      if (driver === undefined) {
        // A damaged hive may have lost the key: that is what its condition says.
        if (isExpected(needed, facts) && health.verdict !== 'damaged') found.push(keyMissing(subject, needed, facts));
      } else if (driver.effectiveStart !== 0) found.push(await notBoot(subject, needed, driver, options));
    }
    return found;
  },
};

/** Whether this Windows is new enough to have the driver. */
function isExpected({ since }: NeededDriver, { build, hardware }: DriverFacts): boolean {
  // Without SOFTWARE only what is known of hardware tells Windows 8 and later apart from Windows 7.
  const oldest = hardware.lastId === undefined ? 7600 : 9200;
  return (build ?? oldest) >= since;
}

function keyMissing(subject: InstallationSubject, needed: NeededDriver, { set }: DriverFacts): FoundCause {
  const weight = needed.confidence === 'proves' ? PROVEN : LIKELY;
  const key = `\\${set.name}\\Services\\${needed.name}`;
  return foundIn(subject, 'boot-driver-key-missing', weight, { name: needed.name, key });
}

async function notBoot(
  subject: InstallationSubject,
  needed: NeededDriver,
  driver: DriverService,
  options: ReadOptions,
): Promise<FoundCause> {
  const weight = needed.confidence === 'proves' ? PROVEN : LIKELY;
  const overridden = driver.start?.value === 0 && driver.override !== undefined;
  const place = overridden ? driver.override : driver.start;
  return foundIn(
    subject,
    'boot-driver-not-boot',
    weight,
    { name: driver.name, overridden, ...(place === undefined ? { key: driver.key } : numberChange(subject, place, 0)) },
    place === undefined ? [] : await valueEvidence(subject, 'SYSTEM', place, options),
  );
}
