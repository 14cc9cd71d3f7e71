import { defined } from '@deadbox/core';
import { MAX_DEVICE_INSTANCES } from '../limits.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { subkeysWithin } from '../registry/subkeys-within.js';
import { type PlacedNumber, type PlacedTexts, placedNumber, placedTexts } from './value-place.js';

/** A device that Windows has seen (`Enum\<bus>\<device>\<instance>`); it may be long gone. */
export interface DeviceInstance {
  /** E.g. `PCI`. */
  readonly bus: string;
  /** E.g. `VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00`. */
  readonly device: string;
  readonly instance: string;
  /** The driver that it is bound to. */
  readonly service?: string;
  /** Class GUID in braces, lower case. */
  readonly class?: string;
  /** Bit 0: disabled. */
  readonly configFlags?: PlacedNumber;
  readonly upperFilters?: PlacedTexts;
  readonly lowerFilters?: PlacedTexts;
  /** What the instances of its children begin with. */
  readonly childPrefix?: string;
  readonly compatibleIds: readonly string[];
  /** Path of the key from the hive's root. */
  readonly key: string;
}

/** Buses between the processor and a Windows volume. */
const BUSES = ['ACPI', 'PCI', 'VMBUS', 'XENPCI', 'XEN', 'XENBUS', 'XENVBD', 'SCSI', 'IDE', 'STORAGE'] as const;

/** Devices that Windows has seen. */
export interface DeviceInstances {
  /** At most `MAX_DEVICE_INSTANCES`, in stored order. */
  readonly devices: readonly DeviceInstance[];
  /** Whether these are all. */
  readonly complete: boolean;
}

/** The devices of the buses on the way to the Windows volume. */
export async function readDeviceInstances(controlSet: RegistryKey): Promise<DeviceInstances> {
  const devices: DeviceInstance[] = [];
  let complete = true;
  for (const bus of BUSES) {
    const buses = await subkeysWithin(await controlSet.key(`Enum\\${bus}`), MAX_DEVICE_INSTANCES);
    complete &&= buses.complete;
    for (const device of buses.keys) {
      for (const key of await device.subkeys(MAX_DEVICE_INSTANCES + 1)) {
        if (devices.length >= MAX_DEVICE_INSTANCES) return { devices, complete: false };
        devices.push(await readInstance(bus, device.name, key));
      }
    }
  }
  return { devices, complete };
}

async function readInstance(bus: string, device: string, key: RegistryKey): Promise<DeviceInstance> {
  return {
    bus,
    device,
    instance: key.name,
    key: key.path,
    compatibleIds: (await key.texts('CompatibleIDs')) ?? [],
    ...defined({
      service: await key.text('Service'),
      class: (await key.text('ClassGUID'))?.toLowerCase(),
      configFlags: await placedNumber(key, 'ConfigFlags'),
      upperFilters: await placedTexts(key, 'UpperFilters'),
      lowerFilters: await placedTexts(key, 'LowerFilters'),
      childPrefix: await key.text('ParentIdPrefix'),
    }),
  };
}
