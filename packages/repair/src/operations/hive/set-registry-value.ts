import { toHex } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import type { RepairRequest } from '@deadbox/triage';
import { RegistryType, type RegistryValue } from '@deadbox/windows';
import { fromHex } from '../../plan/hex.js';
import { RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { type HiveReadOptions, hiveEdits, openRepairableHive } from './hive-place.js';
import { checkMountedDevice, checkNumber } from './settable-values.js';

/** Larger data stands in a list of cells of its own; nothing that is set here comes near it. */
const MOST_BYTES = 1024;

type ValueRequest = Extract<RepairRequest, { readonly operation: 'set-registry-value' }>;

/**
 * Sets a value of the SYSTEM hive where its data stands, at equal size. Only values are set of which it is known what
 * they do.
 * @throws RefusedRepair `value-missing`, `value-not-in-place`, `value-not-settable`, `target-missing`,
 * `nothing-to-repair`, those of the hive
 */
export async function setRegistryValue(
  disk: Disk,
  request: ValueRequest,
  options: HiveReadOptions,
): Promise<RepairOperation> {
  const { volume, path, value: name, to } = request;
  if (!/[\\/]system$/i.test(path)) throw new RefusedRepair('value-not-settable', { path, value: name });
  const target = await openRepairableHive(disk, volume, path, options);
  const key = await target.hive.key(request.key);
  const value = await key?.value(name);
  const before = await value?.bytes();
  if (key === undefined || value === undefined || before === undefined)
    throw new RefusedRepair('value-missing', { key: request.key, value: name });
  const after = dataOf(to, value, before);
  if (toHex(after) === toHex(before)) throw new RefusedRepair('nothing-to-repair', { name });
  if (typeof to === 'string') checkMountedDevice(disk, key.path, name, after);
  else await checkNumber(target.hive, key.path, name, to, numberOf(before));
  return {
    id: 'set-registry-value',
    volume,
    edits: await hiveEdits(target, value.dataFileOffset, after, 'registry-value', options),
    data: {
      hive: target.path,
      key: key.path,
      value: value.name,
      from: typeof to === 'number' ? numberOf(before) : toHex(before),
      to,
    },
  };
}

function dataOf(to: number | string, value: RegistryValue, before: Uint8Array): Uint8Array {
  const after = typeof to === 'string' ? fromHex(to) : new Uint8Array(4);
  if (typeof to === 'number') new DataView(after.buffer).setUint32(0, to, true);
  const fits = after.length === before.length && before.length === value.size && before.length <= MOST_BYTES;
  if (!fits || (typeof to === 'number') !== (value.type === RegistryType.dword))
    throw new RefusedRepair('value-not-in-place', { type: value.type, size: value.size });
  return after;
}

function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}
