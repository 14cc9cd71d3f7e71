import { isDamage } from '@deadbox/core';
import {
  type OpenMachine,
  openControlSet,
  type RegistryKey,
  readPackages,
  type ServicingPackage,
} from '@deadbox/windows';
import {
  MAX_SERVICES,
  readClassFilters,
  readHardwareConfig,
  type SubkeysWithin,
  subkeysWithin,
} from '@deadbox/windows/internals';
import { provesAbsence } from './absence.js';
import { compareVersions, textMatches, wholeTextMatches } from './files/file-tests.js';
import { matchesName } from './files/path-pattern.js';
import type {
  FilterSelection,
  MachineSelection,
  ProductSelection,
  Rule,
  ServiceSelection,
  UpdateSelection,
  WindowsSelection,
} from './rule.js';

/**
 * Answers a rule's selections on the machine; one that the hives cannot answer has no answer: it neither holds nor is
 * absent.
 */
export async function machineFacts(rule: Rule, machine: OpenMachine): Promise<Map<string, boolean>> {
  const facts = new Map<string, boolean>();
  for (const [name, selection] of Object.entries(rule.selections)) {
    if (!isMachineSelection(selection)) continue;
    const found = await answerOf(selection, machine);
    const exists = 'exists' in selection ? selection.exists : true;
    // A hive that lost parts, or was not read to its end, proves no absence.
    if (found === undefined || (!found && !provesAbsence(machine, HIVES[selection.type]))) continue;
    facts.set(name, found === exists);
  }
  return facts;
}

/** The hive that answers each form. */
const HIVES: { readonly [type in MachineSelection['type']]: 'system' | 'software' } = {
  WINDOWS: 'software',
  UPDATE: 'software',
  SERVICE: 'system',
  FILTER: 'system',
  PRODUCT: 'system',
};

function isMachineSelection(selection: Rule['selections'][string]): selection is MachineSelection {
  return Object.hasOwn(HIVES, selection.type);
}

async function answerOf(selection: MachineSelection, machine: OpenMachine): Promise<boolean | undefined> {
  if (machine[HIVES[selection.type]] === undefined) return undefined;
  try {
    switch (selection.type) {
      case 'WINDOWS':
        return isWindows(selection, machine);
      case 'UPDATE':
        return await hasUpdate(selection, machine);
      case 'SERVICE':
        return await hasService(selection, machine);
      case 'FILTER':
        return await hasFilter(selection, machine);
      case 'PRODUCT':
        return hasProduct(selection, machine);
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined;
  }
}

/**
 * Whether every given condition holds; `undefined` where one asks for what is not known and none of the others fails.
 */
function isWindows(selection: WindowsSelection, { machine }: OpenMachine): boolean | undefined {
  const { product, productType } = machine;
  const { build, revision, edition } = product ?? {};
  const version = build === undefined || revision === undefined ? undefined : `${build}.${revision}`;
  const answers = [
    known(selection.build, build, (wanted, is) => [wanted].flat().includes(is)),
    known(selection['version|gte'], version, (wanted, is) => compareVersions(is, wanted) >= 0),
    known(selection['version|lt'], version, (wanted, is) => compareVersions(is, wanted) < 0),
    known(selection.role, productType, (wanted, is) => [wanted].flat().includes(is)),
    known(selection['edition|re'], edition, textMatches),
  ];
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

/** A condition that is not given holds; one on a fact that is not known has no answer. */
function known<Wanted, Is>(
  wanted: Wanted | undefined,
  is: Is | undefined,
  holds: (wanted: Wanted, is: Is) => boolean,
): boolean | undefined {
  return wanted === undefined ? true : is === undefined ? undefined : holds(wanted, is);
}

async function hasUpdate(selection: UpdateSelection, { software }: OpenMachine): Promise<boolean | undefined> {
  if (software === undefined) return undefined;
  const packages = await readPackages(software, (name) => isMeant(selection, name));
  return packages?.some((found) => isUpdate(selection, found));
}

function isMeant(selection: UpdateSelection, name: string): boolean {
  const { kb } = selection;
  const pattern = selection['package|re'];
  const updates = kb === undefined ? undefined : [kb].flat().map((update) => update.toLowerCase());
  const own = /(?:^|_)(kb\d+)(?=[~_]|$)/i.exec(name)?.[1]?.toLowerCase();
  return (
    (updates === undefined || (own !== undefined && updates.includes(own))) &&
    (pattern === undefined || textMatches(pattern, name))
  );
}

function isUpdate(selection: UpdateSelection, { version, state }: ServicingPackage): boolean {
  const wanted = selection.state ?? 'installed';
  // A newer package in the place of this one contains what it brought.
  if (state !== wanted && !(wanted === 'installed' && state === 'replaced')) return false;
  const [from, before] = [selection['version|gte'], selection['version|lt']];
  if (from === undefined && before === undefined) return true;
  if (version === undefined) return false;
  return (
    (from === undefined || compareVersions(version, from) >= 0) &&
    (before === undefined || compareVersions(version, before) < 0)
  );
}

/** Service start types in the order of their numbers. */
const STARTS = ['boot', 'system', 'automatic', 'manual', 'disabled'] as const;

async function hasService(selection: ServiceSelection, { system }: OpenMachine): Promise<boolean | undefined> {
  if (system === undefined) return undefined;
  const services = await (await openControlSet(system))?.key.key('Services');
  if (services === undefined) return undefined;
  const { lastId } = await readHardwareConfig(system);
  const { keys, complete } = await named(services, selection.name);
  let isKnown = complete;
  for (const key of keys) {
    const answer = await isService(key, selection, lastId);
    if (answer === true) return true;
    isKnown &&= answer === false;
  }
  return isKnown ? false : undefined;
}

async function named(services: RegistryKey, name: string): Promise<SubkeysWithin> {
  if (/[*?]/.test(name)) {
    const { keys, complete } = await subkeysWithin(services, MAX_SERVICES);
    return { keys: keys.filter((key) => matchesName(name, key.name)), complete };
  }
  const key = await services.key(name);
  return { keys: key === undefined ? [] : [key], complete: true };
}

async function isService(
  key: RegistryKey,
  selection: ServiceSelection,
  hardwareId: number | undefined,
): Promise<boolean | undefined> {
  const { start } = selection;
  if (start !== undefined) {
    const declared = await key.number('Start');
    const override = hardwareId === undefined ? undefined : await overrideOf(key, hardwareId);
    const counts = STARTS[override || (declared ?? -1)];
    if (counts === undefined || ![start].flat().includes(counts)) return false;
  }
  const [group, path] = [selection['group|re'], selection['path|re']];
  if (group !== undefined && !textMatches(group, (await key.text('Group')) ?? '')) return false;
  return path === undefined || wholeTextMatches(path, (await key.text('ImagePath')) ?? '');
}

function overrideOf(key: RegistryKey, hardwareId: number): Promise<number | undefined> {
  return key.key('StartOverride').then((overrides) => overrides?.number(String(hardwareId)));
}

async function hasFilter(selection: FilterSelection, { system }: OpenMachine): Promise<boolean | undefined> {
  if (system === undefined) return undefined;
  const controlSet = (await openControlSet(system))?.key;
  if (controlSet === undefined) return undefined;
  const { name, class: deviceClass, side } = selection;
  return (await readClassFilters(controlSet)).some(
    (list) =>
      (deviceClass === undefined || list.class === deviceClass.toLowerCase()) &&
      (side === undefined || list.position === side) &&
      list.filters.values.some((filter) => filter.toLowerCase() === name.toLowerCase()),
  );
}

function hasProduct(selection: ProductSelection, { machine }: OpenMachine): boolean | undefined {
  const { vendor } = selection;
  const answers = machine.securityProducts
    .filter(({ product }) => matchesName(selection.name, product))
    .filter(({ vendor: maker }) => vendor === undefined || vendor.toLowerCase() === maker.toLowerCase())
    .map(({ version }) => isVersion(selection, version));
  if (answers.includes(true)) return true;
  // Products are told by their services, of which so many are looked at.
  return answers.includes(undefined) || machine.serviceCount >= MAX_SERVICES ? undefined : false;
}

function isVersion(selection: ProductSelection, version: string | undefined): boolean | undefined {
  const answers = [
    known(selection['version|gte'], version, (wanted, is) => compareVersions(is, wanted) >= 0),
    known(selection['version|lt'], version, (wanted, is) => compareVersions(is, wanted) < 0),
  ];
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}
