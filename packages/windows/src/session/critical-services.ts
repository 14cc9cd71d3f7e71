import { MAX_SERVICES } from '../limits.js';
import type { RegistryKey } from '../registry/registry-key.js';

/** A service that is started with Windows and whose failure is more than a message. */
export interface CriticalService {
  readonly key: RegistryKey;
  readonly name: string;
  /** 2: start again with the last known good control set; 3: the same, and stop if that was it. */
  readonly errorControl: 2 | 3;
  /** As stored. */
  readonly imagePath: string;
}

const START_AUTOMATIC = 2;
/** `Type`: a process of its own, or a shared one. */
const SERVICE_TYPES = 0x30;
const WANTED: ReadonlySet<string> = new Set(['start', 'type', 'errorcontrol', 'imagepath']);

/** The services (no drivers) of a control set that start automatically with `ErrorControl` 2 or 3. */
export async function readCriticalServices(controlSet: RegistryKey): Promise<CriticalService[]> {
  const services = await controlSet.key('Services');
  const found: CriticalService[] = [];
  for await (const key of services?.eachSubkey(MAX_SERVICES) ?? []) {
    // One pass over the values: asking by name would look each of them up.
    const values = new Map<string, unknown>();
    for (const value of await key.values()) {
      const name = value.name.toLowerCase();
      if (WANTED.has(name)) values.set(name, await value.data());
    }
    const type = values.get('type');
    const control = values.get('errorcontrol');
    const imagePath = values.get('imagepath');
    const isService = typeof type === 'number' && (type & SERVICE_TYPES) !== 0;
    if (!isService || values.get('start') !== START_AUTOMATIC || (control !== 2 && control !== 3)) continue;
    if (typeof imagePath === 'string' && imagePath !== '')
      found.push({ key, name: key.name, errorControl: control, imagePath });
  }
  return found;
}
