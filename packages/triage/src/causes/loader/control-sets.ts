import type { ReadOptions } from '@deadbox/core';
import { controlSetNames, type PlacedNumber, placedNumber } from '@deadbox/windows/internals';
import { valueEvidence } from '../../drivers/hive-evidence.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn, KNOWN, numberChange, PROVEN } from '../kernel/found.js';

const MAX_CONTROL_SET = 999;
const nameOf = (number: number): string => `ControlSet${String(number).padStart(3, '0')}`;

/** Which control set `Select` makes the loader use. */
export const controlSets: InstallationDetector = {
  causes: ['select-broken', 'lkg-available'],
  async detect(subject, options) {
    const { hive } = await subject.hive('SYSTEM', options);
    const select = await hive?.key('Select');
    if (hive === undefined || select === undefined) return [];
    const exists = async (number: number): Promise<boolean> =>
      number <= MAX_CONTROL_SET && (await hive.key(nameOf(number))) !== undefined;
    const { names, complete } = await controlSetNames(hive);
    const present = names.map((name) => Number(name.slice(-3)));
    if (!complete) subject.doubts.add(controlSets.causes, { key: '\\', reason: 'too-many' });
    // A hive without any set lacks more than a number.
    if (present.length === 0) return [];
    const found: FoundCause[] = [];
    const read = (name: string): Promise<PlacedNumber | undefined> => placedNumber(select, name);
    for (const value of [await read('Default'), await read('Current')]) {
      if (value === undefined || (await exists(value.value))) continue;
      found.push(await broken(subject, value, present, options));
      break;
    }
    const standard = await read('Default');
    const known = await read('LastKnownGood');
    if (found.length === 0 && known !== undefined && known.value !== standard?.value && (await exists(known.value)))
      found.push(foundIn(subject, 'lkg-available', KNOWN, { set: nameOf(known.value), used: standard?.value ?? null }));
    return found;
  },
};

async function broken(
  subject: InstallationSubject,
  value: PlacedNumber,
  present: readonly number[],
  options: ReadOptions,
): Promise<FoundCause> {
  const data = {
    ...numberChange(subject, value, present[0] ?? null),
    set: nameOf(value.value),
    present: present.map(nameOf),
  };
  return foundIn(subject, 'select-broken', PROVEN, data, await valueEvidence(subject, 'SYSTEM', value, options));
}
