import { defined } from '@deadbox/core';
import type { Hive } from '../registry/hive.js';
import { controlSetName } from '../registry/hive-health.js';
import type { RegistryKey } from '../registry/registry-key.js';

/** The numbers in `SYSTEM\Select`, and the control set that the facts are read from. */
export interface ControlSet {
  /** What Windows ran last. */
  readonly current?: number;
  /** What Windows would start next. */
  readonly default?: number;
  /** What was given up on by "last known good". */
  readonly failed?: number;
  /** What "last known good" would start. */
  readonly lastKnownGood?: number;
  /** Name of the control set that was read, e.g. `ControlSet001`. */
  readonly name: string;
}

/**
 * The control set in use. `CurrentControlSet` is a link that exists only in memory; in the file `Select` says which one
 * it was. When `Current` names none that exists, `Default` and then the first one that does are taken.
 * @param wanted - `default`: the one that Windows starts next, which is looked for first then
 */
export async function openControlSet(
  system: Hive,
  wanted: 'current' | 'default' = 'current',
): Promise<{ readonly set: ControlSet; readonly key: RegistryKey } | undefined> {
  const select = await system.key('Select');
  const numbers = defined({
    current: await select?.number('Current'),
    default: await select?.number('Default'),
    failed: await select?.number('Failed'),
    lastKnownGood: await select?.number('LastKnownGood'),
  });
  const chosen = [numbers.current, numbers.default];
  for (const number of [...(wanted === 'default' ? chosen.reverse() : chosen), 1, 2, 3]) {
    if (number === undefined || number > 999) continue;
    const name = controlSetName(number);
    const key = await system.key(name);
    if (key !== undefined) return { set: { ...numbers, name }, key };
  }
  return undefined;
}
