import type { ReadOptions } from '@deadbox/core';
import type { ClassFilters, DriverService } from '@deadbox/windows/internals';
import { isWindowsModule } from '@deadbox/windows/internals';
import { type DriverFacts, driverFacts } from '../../drivers/driver-facts.js';
import { valueEvidence } from '../../drivers/hive-evidence.js';
import { ListedNames } from '../../drivers/listed-names.js';
import { isNeededDriver } from '../../drivers/needed-drivers.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtUnreadable, foundIn, isBad, KNOWN, POSSIBLE, PROVEN } from './found.js';

/** Filters of the classes on the way to the Windows volume. */
export const classFilters: InstallationDetector = {
  causes: ['class-filter-dangling', 'class-filter-default-missing', 'class-filter-third-party'],
  async detect(subject, options) {
    const facts = await subject.fact(driverFacts, options);
    if (facts === undefined) return [];
    const found = await missingDefaults(subject, facts, options);
    const names = new ListedNames(subject, ['class-filter-dangling', 'class-filter-third-party']);
    for (const list of facts.filters) {
      for (const name of names.of(list.filters)) {
        const cause = await judged(subject, facts, list, name, options);
        if (cause !== undefined) found.push(cause);
      }
    }
    return found;
  },
};

/** Why a filter that a list names cannot be loaded. */
export type DanglingReason = 'no-service' | 'disabled' | 'file-bad';

/**
 * A filter that a class or device names and that cannot be loaded; `undefined` while it can, or another cause tells of
 * it.
 */
export async function danglingReason(
  subject: InstallationSubject,
  driver: DriverService | undefined,
  options: ReadOptions,
): Promise<{ readonly reason: DanglingReason; readonly path?: string; readonly state?: string } | undefined> {
  if (driver === undefined) return { reason: 'no-service' };
  if (driver.effectiveStart === 4) return { reason: 'disabled' };
  if (driver.file === undefined) return undefined;
  const file = await subject.files.check(driver.file, 'image', options);
  doubtUnreadable(subject, ['class-filter-dangling', 'instance-filter'], [file]);
  return isBad(file) ? { reason: 'file-bad', path: file.path, state: file.state } : undefined;
}

async function judged(
  subject: InstallationSubject,
  { drivers }: DriverFacts,
  list: ClassFilters,
  name: string,
  options: ReadOptions,
): Promise<FoundCause | undefined> {
  const driver = drivers.get(name.toLowerCase());
  // Start types and files of what every machine needs are causes of their own.
  if (driver !== undefined && isNeededDriver(name) && driver.effectiveStart !== undefined) return undefined;
  const data = { name, class: list.class, position: list.position, key: list.filters.key, value: list.filters.name };
  const dangling = await danglingReason(subject, driver, options);
  if (dangling !== undefined) {
    if (dangling.reason === 'file-bad' && driver?.errorControl === 'critical' && driver.effectiveStart === 0)
      return undefined;
    const evidence = await valueEvidence(subject, 'SYSTEM', list.filters, options, list.filters.size);
    return foundIn(subject, 'class-filter-dangling', PROVEN, { ...data, ...dangling }, evidence);
  }
  if (isWindowsModule(`${name}.sys`) || INBOX.has(name.toLowerCase())) return undefined;
  return foundIn(subject, 'class-filter-third-party', KNOWN, data);
}

/** Storage filters of Windows and its roles whose file has another name, or that stand on few stacks. */
const INBOX: ReadonlySet<string> = new Set([
  'clusdisk',
  'csvflt',
  'mpio',
  'msdsm',
  'mpdev',
  'storflt',
  'bttflt',
  'scmvolume',
]);

/**
 * The first build of Windows 10 of which it is known that volsnap stands in the list: in older ones it is no filter of
 * the class.
 */
const VOLSNAP_LISTED = 15_063;

/** Filters that every Windows of this build has and that a list lacks. */
async function missingDefaults(
  subject: InstallationSubject,
  { filters, build, set }: DriverFacts,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const { health } = await subject.hive('SYSTEM', options);
  if (health.verdict === 'damaged') return [];
  const has = (one: ClassFilters['class'], name: string): boolean =>
    filters.some((list) => list.class === one && list.filters.values.some((value) => value.toLowerCase() === name));
  const found: FoundCause[] = [];
  const key = `\\${set.name}\\Control\\Class`;
  if (!has('disk', 'partmgr'))
    found.push(foundIn(subject, 'class-filter-default-missing', PROVEN, { name: 'partmgr', class: 'disk', key }));
  const others = [
    { name: 'volsnap', expected: (build ?? 0) >= VOLSNAP_LISTED },
    { name: 'fvevol', expected: true },
  ];
  for (const { name, expected } of others)
    if (expected && !has('volume', name))
      found.push(foundIn(subject, 'class-filter-default-missing', POSSIBLE, { name, class: 'volume', key }));
  return found;
}
