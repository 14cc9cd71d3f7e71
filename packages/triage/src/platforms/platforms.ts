import type { ReadOptions } from '@deadbox/core';
import { bootStartFiles, deviceFacts, driverFacts } from '../drivers/driver-facts.js';
import type { PlatformReport } from '../report/cause-report.js';
import type { InstallationSubject } from '../subject/installation-subject.js';
import { judgePlatform, lackOf, type PlatformFacts } from './judge-platform.js';
import { PLATFORM_IDS } from './platform-table.js';

/** Drivers without which Windows starts nowhere. */
const EVERYWHERE = ['acpi', 'pci', 'disk', 'partmgr', 'volmgr'];

/** What decides where an installation can start; `undefined` where its drivers could not be read. */
export async function platformFacts(
  subject: InstallationSubject,
  options: ReadOptions,
): Promise<PlatformFacts | undefined> {
  const drivers = await subject.fact(driverFacts, options);
  if (drivers === undefined) return undefined;
  const devices = await subject.fact(deviceFacts, options);
  return { drivers, devices, files: await subject.fact(bootStartFiles, options) };
}

/** On which platforms an installation can start; none is named of which that could not be decided. */
export async function platformsOf(
  subject: InstallationSubject,
  options: ReadOptions,
): Promise<Readonly<Record<string, PlatformReport>>> {
  const facts = await subject.fact(platformFacts, options);
  if (facts === undefined) return {};
  const common = EVERYWHERE.map((name) => lackOf(name, facts)?.name).filter((name) => name !== undefined);
  const reports: [string, PlatformReport][] = [];
  for (const id of PLATFORM_IDS) {
    const { starts, lacks } = judgePlatform(id, facts);
    const judged = common.length > 0 ? 'no' : starts;
    if (judged !== 'unknown')
      reports.push([id, { starts: judged, missing: [...common, ...lacks.map(({ name }) => name)] }]);
  }
  // Without those of which it is unknown, a list of refusals alone would say that it starts nowhere.
  const isWhole = reports.length === PLATFORM_IDS.length || reports.some(([, { starts }]) => starts !== 'no');
  return isWhole ? Object.fromEntries(reports) : {};
}
