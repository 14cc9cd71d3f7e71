import { formatGuid } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { mbrPartitionId } from '@deadbox/partitions';
import type { Hive } from '@deadbox/windows';
import { RefusedRepair } from '../../plan/repair-plan.js';

/** What a value may become: `to` and `from` as numbers. */
type Rule = (to: number, from: number) => boolean;

/** One kind of value of a SYSTEM hive that may be changed in place. Keys and names in lower case. */
interface SettableValue {
  readonly key: RegExp;
  readonly name: RegExp;
  readonly allows: Rule;
  /** Whether the number names a control set that must be there. */
  readonly controlSet?: boolean;
}

const off: Rule = (to) => to === 0;
const between =
  (least: number, most: number): Rule =>
  (to) =>
    to >= least && to <= most;
const set = (path: string): RegExp => new RegExp(`^\\\\controlset\\d{3}\\\\${path}$`);

/**
 * Values whose change is safe because Windows reads them anew at each start and nothing else depends on them. `Start` 4
 * is not among them: disabling a driver has tests of its own.
 */
const SETTABLE: readonly SettableValue[] = [
  { key: set('services\\\\[^\\\\]+'), name: /^start$/, allows: between(0, 3) },
  { key: set('services\\\\[^\\\\]+'), name: /^errorcontrol$/, allows: between(0, 1) },
  { key: set('services\\\\[^\\\\]+\\\\startoverride'), name: /^\d+$/, allows: off },
  // Bits may go, never come.
  { key: set('enum\\\\.+'), name: /^configflags$/, allows: (to, from) => (to & ~from) === 0 },
  { key: set('enum\\\\.+\\\\device parameters\\\\partmgr'), name: /^attributes$/, allows: off },
  { key: set('services\\\\partmgr\\\\parameters'), name: /^sanpolicy$/, allows: between(1, 2) },
  { key: set('policies\\\\earlylaunch'), name: /^driverloadpolicy$/, allows: between(3, 3) },
  { key: set('control\\\\session manager\\\\memory management'), name: /^verifydriverlevel$/, allows: off },
  { key: set('control\\\\deviceguard(\\\\scenarios\\\\[^\\\\]+)?'), name: /^enabled$/, allows: off },
  { key: set('control\\\\deviceguard'), name: /^enablevirtualizationbasedsecurity$/, allows: off },
  { key: /^\\select$/, name: /^(default|current|lastknowngood)$/, allows: between(1, 999), controlSet: true },
  {
    key: /^\\setup$/,
    name: /^(setuptype|systemsetupinprogress|oobeinprogress|restartsetup|setupphase)$/,
    allows: off,
  },
];

/**
 * Whether a number of the SYSTEM hive may be changed like this.
 * @throws RefusedRepair `value-not-settable`, `target-missing`
 */
export async function checkNumber(hive: Hive, key: string, name: string, to: number, from: number): Promise<void> {
  const rule = SETTABLE.find((each) => each.key.test(key.toLowerCase()) && each.name.test(name.toLowerCase()));
  if (rule === undefined || !Number.isSafeInteger(to) || !rule.allows(to, from))
    throw new RefusedRepair('value-not-settable', { key, value: name, from, to });
  if (rule.controlSet !== true) return;
  const controlSet = `ControlSet${String(to).padStart(3, '0')}`;
  if ((await hive.key(`${controlSet}\\Services`)) === undefined)
    throw new RefusedRepair('target-missing', { target: controlSet });
}

/** What stands before the GUID of a GPT partition in a value of `MountedDevices`. */
const GPT_PREFIX = 'DMIO:ID:';

/**
 * Whether bytes may become a value of `MountedDevices`: they must name a partition of this disk, as that kind of disk
 * is named.
 * @throws RefusedRepair `value-not-settable`, `target-missing`
 */
export function checkMountedDevice(disk: Disk, key: string, name: string, to: Uint8Array): void {
  if (key.toLowerCase() !== '\\mounteddevices' || !/^\\dosdevices\\[a-z]:$/i.test(name))
    throw new RefusedRepair('value-not-settable', { key, value: name });
  const partition = disk.table.kind === 'gpt' ? gptPartition(to) : mbrPartition(to);
  if (partition === undefined || !disk.table.partitions.some(({ id }) => id === partition))
    throw new RefusedRepair('target-missing', { target: partition ?? 'partition' });
}

function gptPartition(bytes: Uint8Array): string | undefined {
  const prefix = String.fromCharCode(...bytes.subarray(0, GPT_PREFIX.length));
  return bytes.length === 24 && prefix === GPT_PREFIX ? formatGuid(bytes.subarray(GPT_PREFIX.length)) : undefined;
}

function mbrPartition(bytes: Uint8Array): string | undefined {
  if (bytes.length !== 12) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const offset = Number(view.getBigUint64(4, true));
  return mbrPartitionId(view.getUint32(0, true).toString(16).padStart(8, '0'), offset);
}
