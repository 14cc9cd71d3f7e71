import { MAX_SERVICES } from '../limits.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { decodeValue } from '../registry/value-data.js';
import { resolveImagePath } from './image-path.js';

/** `Start` of a service: 0 … 4 in this order. */
export type ServiceStart = 'boot' | 'system' | 'automatic' | 'manual' | 'disabled';

const STARTS: readonly ServiceStart[] = ['boot', 'system', 'automatic', 'manual', 'disabled'];

/** Services and drivers as a control set declares them (`Services\<name>`). */
export interface ServiceEntry {
  /** Name of the key below `Services`. */
  readonly name: string;
  /** `Start` as stored; absent where the key has none (not a service but its settings). */
  start?: number;
  /** What `start` means. */
  startName?: ServiceStart;
  /** Bit field: 1 kernel driver, 2 file-system driver, 0x10 and 0x20 service. */
  type?: number;
  /** Load order group. */
  group?: string;
  /** As stored. */
  imagePath?: string;
  /** Path on the Windows volume; absent when it names another volume or nothing that is a file. */
  file?: string;
}

const WANTED: ReadonlyMap<string, 'start' | 'type' | 'group' | 'imagePath'> = new Map([
  ['start', 'start'],
  ['type', 'type'],
  ['group', 'group'],
  ['imagepath', 'imagePath'],
]);

/** The file of a service; a driver without `ImagePath` is `System32\drivers\<name>.sys`. */
function servicePath(entry: Pick<ServiceEntry, 'name' | 'type' | 'imagePath'>, root: string): string | undefined {
  if (entry.imagePath !== undefined) return resolveImagePath(entry.imagePath, root);
  return entry.type === 1 || entry.type === 2 ? `${root}/System32/drivers/${entry.name}.sys` : undefined;
}

/** Reads one service. @param root - the Windows folder, e.g. `/Windows` */
export async function readService(key: RegistryKey, root: string): Promise<ServiceEntry> {
  const entry: ServiceEntry = { name: key.name };
  for (const value of await key.values()) {
    const field = WANTED.get(value.name.toLowerCase());
    if (field === undefined) continue;
    const bytes = await value.bytes();
    if (bytes === undefined) continue;
    const data = decodeValue(value.type, bytes);
    if (field === 'start' || field === 'type') {
      if (typeof data === 'number') entry[field] = data;
    } else if (typeof data === 'string' && data !== '') entry[field] = data;
  }
  const startName = entry.start === undefined ? undefined : STARTS[entry.start];
  if (startName !== undefined) entry.startName = startName;
  const file = servicePath(entry, root);
  if (file !== undefined) entry.file = file;
  return entry;
}

/** Every service of a control set, in stored order (sorted by name). */
export async function readServices(controlSet: RegistryKey, root: string): Promise<ServiceEntry[]> {
  const services = await controlSet.key('Services');
  const entries: ServiceEntry[] = [];
  for (const key of (await services?.subkeys(MAX_SERVICES)) ?? []) entries.push(await readService(key, root));
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
