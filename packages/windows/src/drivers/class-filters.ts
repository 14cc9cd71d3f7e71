import type { RegistryKey } from '../registry/registry-key.js';
import { type PlacedTexts, placedTexts } from './value-place.js';

/** Classes of devices whose filters stand on the way to the Windows volume (devguid.h). */
export const STORAGE_CLASSES = {
  disk: '{4d36e967-e325-11ce-bfc1-08002be10318}',
  hdc: '{4d36e96a-e325-11ce-bfc1-08002be10318}',
  'scsi-adapter': '{4d36e97b-e325-11ce-bfc1-08002be10318}',
  system: '{4d36e97d-e325-11ce-bfc1-08002be10318}',
  volume: '{71a27cdd-812a-11d0-bec7-08002be2092f}',
  'volume-snapshot': '{533c5b84-ec70-11d2-9505-00c04f79deaf}',
} as const;

/** A class of {@link STORAGE_CLASSES}. */
export type StorageClass = keyof typeof STORAGE_CLASSES;

/** The filter drivers of a class: they are put above or below the driver of each of its devices. */
export interface ClassFilters {
  readonly class: StorageClass;
  readonly position: 'upper' | 'lower';
  readonly filters: PlacedTexts;
}

/** The filters of the classes on the way to the Windows volume; a class without a list has none. */
export async function readClassFilters(controlSet: RegistryKey): Promise<ClassFilters[]> {
  const classes = await controlSet.key('Control\\Class');
  const found: ClassFilters[] = [];
  for (const [name, guid] of Object.entries(STORAGE_CLASSES)) {
    const key = await classes?.key(guid);
    for (const [position, value] of [
      ['upper', 'UpperFilters'],
      ['lower', 'LowerFilters'],
    ] as const) {
      const filters = await placedTexts(key, value);
      if (filters !== undefined) found.push({ class: name as StorageClass, position, filters });
    }
  }
  return found;
}
