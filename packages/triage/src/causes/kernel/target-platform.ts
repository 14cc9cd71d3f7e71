import type { ReadOptions } from '@deadbox/core';
import { valueEvidence } from '../../drivers/hive-evidence.js';
import { judgePlatform, type Lack, type PlatformFacts, ranLastOn } from '../../platforms/judge-platform.js';
import { isPlatform, PLATFORM_IDS, type PlatformId } from '../../platforms/platform-table.js';
import { platformFacts } from '../../platforms/platforms.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn, LIKELY, numberChange, PROVEN } from './found.js';

/** Storage drivers of the platform that the machine is meant for; without one, whether there is any platform left. */
export const targetPlatform: InstallationDetector = {
  causes: ['storage-driver-absent', 'start-override', 'vpci-override', 'device-unbound'],
  async detect(subject, options) {
    const facts = await subject.fact(platformFacts, options);
    if (facts === undefined) return [];
    const { target } = subject;
    if (target !== undefined && isPlatform(target)) return lacksOf(subject, facts, target, options);
    const judged = PLATFORM_IDS.map((id) => judgePlatform(id, facts));
    // A file that is missing is a cause of its own, not that of a platform.
    const lost = judged.every(
      ({ starts, lacks }) => starts === 'no' && lacks.every(({ reason }) => reason !== 'file-bad'),
    );
    return lost ? [foundIn(subject, 'storage-driver-absent', PROVEN, { target: null, drivers: [] })] : [];
  },
};

async function lacksOf(
  subject: InstallationSubject,
  facts: PlatformFacts,
  target: PlatformId,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const { lacks } = judgePlatform(target, facts);
  const absent = lacks.filter(({ reason }) => reason === 'no-service' || reason === 'not-boot');
  const found: FoundCause[] = [];
  if (absent.length > 0) {
    const drivers = absent.map(({ name }) => name);
    const reasons = absent.map(({ reason }) => reason);
    found.push(foundIn(subject, 'storage-driver-absent', PROVEN, { target, drivers, reasons }));
  }
  for (const lack of lacks) {
    if (lack.reason === 'overridden') found.push(await overridden(subject, facts, target, lack, options));
    if (lack.reason === 'unknown-device')
      found.push(foundIn(subject, 'device-unbound', LIKELY, { target, name: lack.name }));
  }
  return found;
}

async function overridden(
  subject: InstallationSubject,
  { drivers }: PlatformFacts,
  target: PlatformId,
  { name, driver }: Lack,
  options: ReadOptions,
): Promise<FoundCause> {
  const place = driver?.override;
  // On another machine Windows may find that it does not know it, and then the overrides do not count.
  const sure = ranLastOn(target, drivers);
  const vpci = name.toLowerCase() === 'vpci';
  return foundIn(
    subject,
    vpci ? 'vpci-override' : 'start-override',
    sure && !vpci ? PROVEN : LIKELY,
    { target, name, ...(place === undefined ? {} : numberChange(subject, place, 0)) },
    place === undefined ? [] : await valueEvidence(subject, 'SYSTEM', place, options),
  );
}
