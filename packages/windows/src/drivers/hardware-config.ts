import { defined } from '@deadbox/core';
import { MAX_HARDWARE_CONFIGS } from '../limits.js';
import type { Hive } from '../registry/hive.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { subkeysWithin } from '../registry/subkeys-within.js';

/**
 * A machine that this Windows has run on, as it knows machines apart (`SYSTEM\HardwareConfig\{…}`, Windows 8 and
 * later).
 */
export interface KnownHardware {
  /** Name of the key: a GUID in braces. */
  readonly guid: string;
  /** Number that `StartOverride` values are named by. */
  readonly id?: number;
  readonly manufacturer?: string;
  readonly product?: string;
  /** ISO-8601 UTC. */
  readonly lastUsed?: string;
}

/** The machines that this Windows has run on, and which was the last. */
export interface HardwareConfig {
  readonly lastId?: number;
  readonly known: readonly KnownHardware[];
  /** The key of the machines, where it has more than `MAX_HARDWARE_CONFIGS`: those behind are not looked at. */
  readonly unread?: RegistryKey;
}

/** Reads `SYSTEM\HardwareConfig`; Windows 7 and older have none. */
export async function readHardwareConfig(system: Hive): Promise<HardwareConfig> {
  const config = await system.key('HardwareConfig');
  const known: KnownHardware[] = [];
  const { keys, complete } = await subkeysWithin(config, MAX_HARDWARE_CONFIGS);
  for (const key of keys) {
    if (!key.name.startsWith('{')) continue;
    known.push({
      guid: key.name,
      ...defined({
        id: await key.number('Id'),
        manufacturer: await key.text('SystemManufacturer'),
        product: await key.text('SystemProductName'),
        lastUsed: await key.time('LastUse'),
      }),
    });
  }
  return { ...defined({ lastId: await config?.number('LastId'), unread: complete ? undefined : config }), known };
}
