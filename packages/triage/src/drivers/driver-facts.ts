import type { ReadOptions } from '@deadbox/core';
import {
  type ClassFilters,
  type DeviceInstance,
  type DriverDatabase,
  type DriverService,
  type HardwareConfig,
  MAX_SERVICES,
  readClassFilters,
  readDeviceInstances,
  readDriverDatabase,
  readDriverServices,
  readHardwareConfig,
  subkeysWithin,
} from '@deadbox/windows/internals';
import type { KnownCauseId } from '../cause-kinds/cause-kinds.js';
import { MAX_CHECKSUMMED_DRIVERS } from '../limits.js';
import type { CheckedFile } from '../subject/file-state.js';
import type { InstallationSubject, LoaderControlSet } from '../subject/installation-subject.js';
import { NEEDED_DRIVERS } from './needed-drivers.js';
import { markOddMachines } from './usual-machine.js';

/** What the control set that the loader will use says of drivers. */
export interface DriverFacts {
  readonly set: LoaderControlSet;
  readonly hardware: HardwareConfig;
  /** By lower-case name. */
  readonly drivers: ReadonlyMap<string, DriverService>;
  readonly filters: readonly ClassFilters[];
  /** Build of Windows; `undefined` where SOFTWARE does not tell. */
  readonly build: number | undefined;
  /** Those that the loader loads, in stored order. */
  readonly bootStart: readonly DriverService[];
}

/** What depends on the machine that this Windows ran on last. */
const BY_MACHINE: readonly KnownCauseId[] = ['xen-residue', 'parallels-residue', 'storage-driver-absent'];

/** What nobody can say of a control set that is not that of a Windows. */
const UNJUDGED: readonly KnownCauseId[] = ['boot-driver-key-missing', 'boot-driver-not-boot', 'boot-driver-file-bad'];

/**
 * The drivers of an installation; `undefined` without a control set, or where it lacks most of the drivers that every
 * Windows has: that is no Windows whose single parts could be judged, and the condition of its hive says so.
 */
export async function driverFacts(
  subject: InstallationSubject,
  options: ReadOptions,
): Promise<DriverFacts | undefined> {
  const set = await subject.controlSet(options);
  const { hive } = await subject.hive('SYSTEM', options);
  if (set === undefined || hive === undefined) return undefined;
  const hardware = await readHardwareConfig(hive);
  if (hardware.unread !== undefined) subject.doubts.add(BY_MACHINE, { key: hardware.unread.path, reason: 'too-many' });
  if (!(await isCountable(subject, set, UNJUDGED))) return undefined;
  const drivers = await readDriverServices(set.key, subject.root, hardware.lastId);
  const sure = NEEDED_DRIVERS.filter(({ confidence }) => confidence === 'proves');
  const present = sure.filter(({ name }) => drivers.has(name.toLowerCase())).length;
  if (present * 2 < sure.length) {
    const key = `\\${set.name}\\Services`;
    subject.doubts.add(UNJUDGED, { key, reason: 'drivers-incomplete', present, wanted: sure.length });
    return undefined;
  }
  return {
    set,
    hardware,
    drivers,
    filters: await readClassFilters(set.key),
    build: subject.machine?.machine.product?.build,
    bootStart: [...drivers.values()].filter(({ effectiveStart }) => effectiveStart === 0),
  };
}

/** Whether all services of the control set are looked at; behind the last of them any may stand, and is no missing one. */
export async function isCountable(
  { doubts }: InstallationSubject,
  set: LoaderControlSet,
  causes: readonly KnownCauseId[],
): Promise<boolean> {
  const services = await set.key.key('Services');
  if (services === undefined || (await subkeysWithin(services, MAX_SERVICES)).complete) return true;
  doubts.add(causes, { key: services.path, reason: 'too-many', services: services.subkeyCount });
  return false;
}

/** The devices that Windows has seen, and those that it could bind. */
export interface DeviceFacts {
  readonly devices: readonly DeviceInstance[];
  readonly database: DriverDatabase;
  /** Whether every device and id was looked at; else one that is not among them may be there all the same. */
  readonly complete: boolean;
}

/** What a device that was not looked at leaves open. */
const UNBOUND: readonly KnownCauseId[] = ['device-unbound', 'storage-driver-absent'];

/** The devices of the control set that the loader will use; none without one. */
export async function deviceFacts(subject: InstallationSubject, options: ReadOptions): Promise<DeviceFacts> {
  const set = await subject.controlSet(options);
  const { hive } = await subject.hive('SYSTEM', options);
  if (set === undefined || hive === undefined)
    return { devices: [], database: { pci: [], critical: new Map(), unread: [] }, complete: true };
  const { devices, complete } = await readDeviceInstances(set.key);
  const key = `\\${set.name}\\Enum`;
  if (!complete)
    subject.doubts.add(['boot-device-disabled', 'instance-filter', ...UNBOUND], { key, reason: 'too-many' });
  const database = await readDriverDatabase(hive, set.key);
  for (const { path } of database.unread) subject.doubts.add(UNBOUND, { key: path, reason: 'too-many' });
  return { devices, database, complete: complete && database.unread.length === 0 };
}

/**
 * The file of each driver that the loader loads, by lower-case name of the driver; those on other volumes are left out.
 */
export async function bootStartFiles(
  subject: InstallationSubject,
  options: ReadOptions,
): Promise<ReadonlyMap<string, CheckedFile>> {
  const facts = await subject.fact(driverFacts, options);
  const named = (facts?.bootStart ?? []).filter(({ file }) => file !== undefined);
  const paths = named.map(({ file }) => file as string);
  // The first ones are read as a whole: real machines have about fifty.
  const whole = await subject.files.checkAll(paths.slice(0, MAX_CHECKSUMMED_DRIVERS), 'content', options);
  const rest = await subject.files.checkAll(paths.slice(MAX_CHECKSUMMED_DRIVERS), 'image', options);
  const files = markOddMachines([...whole, ...rest]);
  return new Map(files.map((file, index) => [named[index].name.toLowerCase(), file]));
}
