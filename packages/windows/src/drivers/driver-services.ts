import { defined } from '@deadbox/core';
import { MAX_SERVICES } from '../limits.js';
import { resolveImagePath } from '../machine/image-path.js';
import type { RegistryKey } from '../registry/registry-key.js';
import type { RegistryValue } from '../registry/registry-value.js';
import { type PlacedNumber, placedNumber } from './value-place.js';

/**
 * What a failed start of a driver means to Windows: 0 nothing, 1 a message, 2 another try with the last known good set,
 * 3 a stop.
 */
export type ErrorControl = 'ignore' | 'normal' | 'severe' | 'critical';

const ERROR_CONTROLS: readonly ErrorControl[] = ['ignore', 'normal', 'severe', 'critical'];

/** A driver of a control set, with what decides whether the loader loads it. */
export interface DriverService {
  /** Name of the key below `Services`. */
  readonly name: string;
  /** 1 kernel driver, 2 file-system driver. */
  readonly type: number;
  readonly start?: PlacedNumber;
  /** `StartOverride` of the machine that this Windows ran on last, where there is one. */
  readonly override?: PlacedNumber;
  /** What counts: the override where it is not 0, else `Start`. 0 is loaded by the loader, 4 never. */
  readonly effectiveStart?: number;
  readonly errorControl?: ErrorControl;
  readonly group?: string;
  /** As stored. */
  readonly imagePath?: string;
  /** Path on the Windows volume; absent when it names another volume or no file. */
  readonly file?: string;
  /** Path of the key from the hive's root, and the byte offset of its record in the hive file. */
  readonly key: string;
  readonly fileOffset: number;
}

/**
 * The drivers of a control set by lower-case name.
 * @param root - the Windows folder, e.g. `/Windows`
 * @param hardwareId - `HardwareConfig\LastId`; without one no override counts
 */
export async function readDriverServices(
  controlSet: RegistryKey,
  root: string,
  hardwareId: number | undefined,
): Promise<ReadonlyMap<string, DriverService>> {
  const drivers = new Map<string, DriverService>();
  const services = await controlSet.key('Services');
  for await (const key of services?.eachSubkey(MAX_SERVICES) ?? []) {
    const driver = await readDriver(key, root, hardwareId);
    if (driver !== undefined) drivers.set(key.name.toLowerCase(), driver);
  }
  return drivers;
}

const WANTED: ReadonlySet<string> = new Set(['type', 'start', 'errorcontrol', 'group', 'imagepath']);

async function readDriver(
  key: RegistryKey,
  root: string,
  hardwareId: number | undefined,
): Promise<DriverService | undefined> {
  // One pass over the values: asking by name would look each of them up.
  const values = new Map<string, RegistryValue>();
  for (const value of await key.values()) {
    const name = value.name.toLowerCase();
    if (WANTED.has(name)) values.set(name, value);
  }
  const type = await values.get('type')?.data();
  if (type !== 1 && type !== 2) return undefined;
  const start = await placedStart(key, values.get('start'));
  const text = async (name: string): Promise<string | undefined> => {
    const data = await values.get(name)?.data();
    return typeof data === 'string' && data !== '' ? data : undefined;
  };
  const control = await values.get('errorcontrol')?.data();
  const imagePath = await text('imagepath');
  const override = start === undefined ? undefined : await overrideOf(key, hardwareId);
  return {
    name: key.name,
    type,
    key: key.path,
    fileOffset: key.fileOffset,
    ...defined({
      start,
      override,
      effectiveStart: override === undefined || override.value === 0 ? start?.value : override.value,
      errorControl: typeof control === 'number' ? ERROR_CONTROLS[control] : undefined,
      group: await text('group'),
      imagePath,
      file: imagePath === undefined ? `${root}/System32/drivers/${key.name}.sys` : resolveImagePath(imagePath, root),
    }),
  };
}

async function placedStart(key: RegistryKey, value: RegistryValue | undefined): Promise<PlacedNumber | undefined> {
  const data = await value?.data();
  if (value === undefined || typeof data !== 'number') return undefined;
  return { value: data, key: key.path, name: value.name, fileOffset: value.dataFileOffset };
}

async function overrideOf(key: RegistryKey, hardwareId: number | undefined): Promise<PlacedNumber | undefined> {
  if (hardwareId === undefined) return undefined;
  return placedNumber(await key.key('StartOverride'), String(hardwareId));
}
