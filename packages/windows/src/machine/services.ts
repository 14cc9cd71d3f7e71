import { defined } from '@deadbox/core';
import { MAX_SERVICES } from '../limits.js';
import type { RegistryKey } from '../registry/registry-key.js';
import type { RegistryData } from '../registry/value-data.js';
import { resolveImagePath } from './image-path.js';

/** `Start` of a service: 0 … 4 in this order. */
export type ServiceStart = 'boot' | 'system' | 'automatic' | 'manual' | 'disabled';

const STARTS: readonly ServiceStart[] = ['boot', 'system', 'automatic', 'manual', 'disabled'];

/** Services and drivers as a control set declares them (`Services\<name>`). */
export interface ServiceEntry {
  /** Name of the key below `Services`. */
  readonly name: string;
  /** `Start` as stored; absent where the key has none (not a service but its settings). */
  readonly start?: number;
  /** What `start` means. */
  readonly startName?: ServiceStart;
  /** Bit field: 1 kernel driver, 2 file-system driver, 0x10 and 0x20 service. */
  readonly type?: number;
  /** Load order group. */
  readonly group?: string;
  /** As stored. */
  readonly imagePath?: string;
  /** Path on the Windows volume; absent when it names another volume or nothing that is a file. */
  readonly file?: string;
}

/** The file of a service; a driver without `ImagePath` is `System32\drivers\<name>.sys`. */
function servicePath(entry: Pick<ServiceEntry, 'name' | 'type' | 'imagePath'>, root: string): string | undefined {
  if (entry.imagePath !== undefined) return resolveImagePath(entry.imagePath, root);
  return entry.type === 1 || entry.type === 2 ? `${root}/System32/drivers/${entry.name}.sys` : undefined;
}

/** Reads one service. @param root - the Windows folder, e.g. `/Windows` */
export async function readService(key: RegistryKey, root: string): Promise<ServiceEntry> {
  // One pass over the values: asking by name would look each of them up.
  const found = new Map<string, RegistryData>();
  for (const value of await key.values()) {
    const name = value.name.toLowerCase();
    if (!WANTED.has(name)) continue;
    const data = await value.data();
    if (data !== undefined) found.set(name, data);
  }
  const number = (name: string): number | undefined => {
    const data = found.get(name);
    return typeof data === 'number' ? data : undefined;
  };
  const text = (name: string): string | undefined => {
    const data = found.get(name);
    return typeof data === 'string' && data !== '' ? data : undefined;
  };
  const start = number('start');
  const named = { name: key.name, ...defined({ type: number('type'), imagePath: text('imagepath') }) };
  return {
    ...named,
    ...defined({
      start,
      startName: start === undefined ? undefined : STARTS[start],
      group: text('group'),
      file: servicePath(named, root),
    }),
  };
}

const WANTED: ReadonlySet<string> = new Set(['start', 'type', 'group', 'imagepath']);

/** Every service of a control set, in stored order (sorted by name). */
export async function readServices(controlSet: RegistryKey, root: string): Promise<ServiceEntry[]> {
  const services = await controlSet.key('Services');
  const entries: ServiceEntry[] = [];
  for await (const key of services?.eachSubkey(MAX_SERVICES) ?? []) entries.push(await readService(key, root));
  return entries;
}

/** Whether the entry is a kernel or file-system driver. */
export function isDriver(entry: ServiceEntry): boolean {
  return entry.type === 1 || entry.type === 2;
}

/** Drivers that the boot loader loads before anything of Windows runs: `Start` 0. */
export function bootStartDrivers(entries: readonly ServiceEntry[]): ServiceEntry[] {
  return entries.filter((entry) => isDriver(entry) && entry.start === 0);
}
