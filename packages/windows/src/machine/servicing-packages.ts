import { defined } from '@deadbox/core';
import { MAX_PACKAGES } from '../limits.js';
import type { Hive } from '../registry/hive.js';
import { subkeysWithin } from '../registry/subkeys-within.js';

/** How far servicing came with a package; `replaced`: a newer one took its place. */
export type PackageState = 'absent' | 'staged' | 'replaced' | 'pending' | 'installed';

/**
 * States of `CurrentState` ("CBS Servicing States Chart", Microsoft's Tip of the Day of 2015-10-12): below 40h a
 * package is known and not there, 65h is partially installed, 80h installed and permanent.
 */
const STATES: ReadonlyMap<number, PackageState> = new Map([
  [0x40, 'staged'],
  [0x50, 'replaced'],
  [0x60, 'pending'],
  [0x65, 'installed'],
  [0x70, 'installed'],
  [0x80, 'installed'],
]);

/** One package of component-based servicing. */
export interface ServicingPackage {
  /** Name of its key, e.g. `Package_for_RollupFix~31bf3856ad364e35~amd64~~20348.2340.1.5`. */
  readonly name: string;
  /** Last part of the name, four numbers. */
  readonly version?: string;
  readonly state: PackageState;
}

/**
 * The packages whose names `wanted` accepts; the states of the others are not read.
 * @returns `undefined` where the hive has no list of packages, or one of more than `MAX_PACKAGES`
 */
export async function readPackages(
  software: Hive,
  wanted: (name: string) => boolean,
): Promise<ServicingPackage[] | undefined> {
  const list = await software.key('Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages');
  if (list === undefined) return undefined;
  const { keys, complete } = await subkeysWithin(list, MAX_PACKAGES);
  if (!complete) return undefined;
  const found: ServicingPackage[] = [];
  for (const key of keys) {
    if (!wanted(key.name)) continue;
    const version = /~(\d+(?:\.\d+){3})$/.exec(key.name)?.[1];
    found.push({
      name: key.name,
      ...defined({ version }),
      state: STATES.get((await key.number('CurrentState')) ?? 0) ?? 'absent',
    });
  }
  return found;
}
