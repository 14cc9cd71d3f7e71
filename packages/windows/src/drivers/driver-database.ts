import { MAX_DATABASE_IDS } from '../limits.js';
import type { Hive } from '../registry/hive.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { subkeysWithin } from '../registry/subkeys-within.js';

/** Which devices the loader and Plug and Play can bind to a driver, before the device was ever seen. */
export interface DriverDatabase {
  /** Upper-case ids of PCI devices, e.g. `VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00` or `CC_010601`. */
  readonly pci: readonly string[];
  /** Services that `CriticalDeviceDatabase` binds ids to (Windows 7 and older), by id. */
  readonly critical: ReadonlyMap<string, string>;
  /** Keys with more than `MAX_DATABASE_IDS` ids: those behind are not looked at. */
  readonly unread: readonly RegistryKey[];
}

/**
 * Reads `DriverDatabase\DeviceIds\PCI` (Windows 8 and later) and `Control\CriticalDeviceDatabase` (Windows 7 and
 * older).
 */
export async function readDriverDatabase(system: Hive, controlSet: RegistryKey): Promise<DriverDatabase> {
  const ids = await system.key('DriverDatabase\\DeviceIds\\PCI');
  const known = await subkeysWithin(ids, MAX_DATABASE_IDS);
  const pci = known.keys.map(({ name }) => name.toUpperCase());
  const critical = new Map<string, string>();
  const devices = await controlSet.key('Control\\CriticalDeviceDatabase');
  const bound = await subkeysWithin(devices, MAX_DATABASE_IDS);
  for (const key of bound.keys) {
    const id = /^PCI#(.*)$/i.exec(key.name)?.[1];
    const service = id === undefined ? undefined : await key.text('Service');
    if (id !== undefined && service !== undefined && service !== '') critical.set(id.toUpperCase(), service);
  }
  const unread = [known.complete ? undefined : ids, bound.complete ? undefined : devices];
  return { pci, critical, unread: unread.filter((key) => key !== undefined) };
}

/** Whether a PCI device can be bound: some id of the database is the device's, or names it less exactly. */
export function isKnownDevice(database: DriverDatabase, id: string): boolean {
  const wanted = id.toUpperCase();
  const matches = (known: string): boolean => known === wanted || known.startsWith(`${wanted}&`);
  return database.pci.some(matches) || [...database.critical.keys()].some(matches);
}
