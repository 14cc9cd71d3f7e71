import { type DriverService, isKnownDevice } from '@deadbox/windows/internals';
import type { DeviceFacts, DriverFacts } from '../drivers/driver-facts.js';
import type { CheckedFile } from '../subject/file-state.js';
import { PLATFORMS, type Platform, type PlatformId, type StorageWay } from './platform-table.js';

/** Why a driver is not loaded, or the device not bound to it. */
export interface Lack {
  /** Name of the driver; of the device for `unknown-device`. */
  readonly name: string;
  /** `overridden`: its start type is overridden for the last machine. */
  readonly reason: 'no-service' | 'not-boot' | 'overridden' | 'file-bad' | 'unknown-device';
  readonly driver?: DriverService;
}

/** What is known of an installation that decides where it can start. */
export interface PlatformFacts {
  readonly drivers: DriverFacts;
  readonly devices: DeviceFacts;
  /** Files of the boot-start drivers, by lower-case name of the driver. */
  readonly files: ReadonlyMap<string, CheckedFile>;
}

/** Whether an installation can start on a platform by its storage drivers. */
export interface PlatformJudgement {
  /** `unknown`: all drivers are there, but not all devices and ids were looked at. */
  readonly starts: 'yes' | 'likely' | 'no' | 'unknown';
  /** What the easiest way lacks. */
  readonly lacks: readonly Lack[];
}

/** Judges one platform by the way that lacks least. */
export function judgePlatform(id: PlatformId, facts: PlatformFacts): PlatformJudgement {
  const { ways }: Platform = PLATFORMS[id];
  const judged = ways.map((way) => judgeWay(way, facts));
  const best = judged.find(({ starts }) => starts === 'yes') ?? judged.find(({ starts }) => starts === 'likely');
  if (best !== undefined) return best;
  const [least] = judged.toSorted((left, right) => left.lacks.length - right.lacks.length);
  return least ?? { starts: 'no', lacks: [] };
}

function judgeWay(way: StorageWay, facts: PlatformFacts): PlatformJudgement {
  const lacks = way.drivers.flatMap((names) => {
    const all = names.map((name) => lackOf(name, facts));
    return all.includes(undefined) ? [] : [worthNaming(all as Lack[])];
  });
  if (lacks.length > 0) return { starts: 'no', lacks };
  const seen = facts.devices.devices.some(
    ({ bus, device, service }) => service !== undefined && way.seen.test(`${bus}\\${device}`),
  );
  if (seen) return { starts: 'yes', lacks: [] };
  const { database, complete } = facts.devices;
  const known = way.ids.length === 0 || way.ids.some((id) => isKnownDevice(database, id));
  if (known || !complete) return { starts: known ? 'likely' : 'unknown', lacks: [] };
  return { starts: 'no', lacks: [{ name: way.ids[0], reason: 'unknown-device' }] };
}

/** Of drivers of which one would do: the one that is there, else the first. */
function worthNaming(lacks: readonly Lack[]): Lack {
  return lacks.find(({ reason }) => reason !== 'no-service') ?? lacks[0];
}

/** Why the loader does not load a driver; `undefined` when it does. */
export function lackOf(name: string, { drivers, files }: PlatformFacts): Lack | undefined {
  const driver = drivers.drivers.get(name);
  if (driver === undefined) return { name, reason: 'no-service' };
  if (driver.effectiveStart !== 0)
    return { name: driver.name, reason: driver.start?.value === 0 ? 'overridden' : 'not-boot', driver };
  const state = files.get(name)?.state;
  if (state === undefined || state === 'good' || state === 'unreadable') return undefined;
  return { name: driver.name, reason: 'file-bad', driver };
}

/** Whether this Windows ran last on a machine of that platform's maker. */
export function ranLastOn(id: PlatformId, { hardware }: DriverFacts): boolean {
  const last = hardware.known.find((known) => known.id === hardware.lastId);
  return last !== undefined && PLATFORMS[id].maker.test(`${last.manufacturer ?? ''} ${last.product ?? ''}`);
}
