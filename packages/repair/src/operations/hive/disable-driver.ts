import type { Disk } from '@deadbox/disk';
import { openControlSet, RegistryType } from '@deadbox/windows';
import { RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { type HiveReadOptions, hiveEdits, openRepairableHive } from './hive-place.js';

/** `Start` of a service that is never started. */
const DISABLED = 4;
const BOOT_START = 0;

/** Load order groups whose drivers stand between the boot loader and the system volume. */
const NEEDED_GROUPS: ReadonlySet<string> = new Set([
  'system reserved',
  'boot bus extender',
  'system bus extender',
  'scsi miniport',
  'port',
  'primary disk',
  'scsi class',
  'scsi cdrom class',
  'fsfilter infrastructure',
  'fsfilter system',
  'fsfilter bottom',
  'boot file system',
  'base',
  'filter',
  'core',
  'wdfloadgroup',
  'core security extensions',
]);

/** Drivers without one of these groups that Windows does not start without. */
const NEEDED_DRIVERS: ReadonlySet<string> = new Set([
  'acpi',
  'clfs',
  'cng',
  'disk',
  'fileinfo',
  'fltmgr',
  'fvevol',
  'ksecdd',
  'ksecpkg',
  'mountmgr',
  'msisadrv',
  'mup',
  'ndis',
  'ntfs',
  'partmgr',
  'pci',
  'storport',
  'tcpip',
  'volmgr',
  'volmgrx',
  'volsnap',
  'volume',
  'wdf01000',
]);

/** Which driver is to be disabled. */
export interface DriverRequest {
  readonly volume: number;
  /** The Windows folder, e.g. `/Windows`. */
  readonly root: string;
  /** Name of the service. */
  readonly name: string;
  /** Also a driver that this disk seems to need to start. */
  readonly force?: boolean;
}

/**
 * Sets `Start` of a driver or service to 4 in the control set that Windows starts next: four bytes of the SYSTEM hive.
 * @throws RefusedRepair `service-missing`, `driver-needed`, `nothing-to-repair`, `value-not-in-place`, and those of the
 * hive
 */
export async function disableDriver(
  disk: Disk,
  request: DriverRequest,
  options: HiveReadOptions,
): Promise<RepairOperation> {
  const { volume, root, name, force = false } = request;
  const target = await openRepairableHive(disk, volume, `${root}/System32/config/SYSTEM`, options);
  const set = await openControlSet(target.hive, 'default');
  const key = await set?.key.key(`Services\\${name}`);
  const start = await key?.value('Start');
  if (set === undefined || key === undefined || start === undefined)
    throw new RefusedRepair('service-missing', { name, controlSet: set?.set.name ?? null });
  const before = await key.number('Start');
  if (before === DISABLED) throw new RefusedRepair('nothing-to-repair', { name });
  const group = (await key.text('Group')) ?? '';
  const needed =
    NEEDED_DRIVERS.has(name.toLowerCase()) || (before === BOOT_START && NEEDED_GROUPS.has(group.toLowerCase()));
  if (needed && !force) throw new RefusedRepair('driver-needed', { name, group, start: before ?? null });
  if (start.type !== RegistryType.dword || start.size !== 4 || before === undefined)
    throw new RefusedRepair('value-not-in-place', { name, type: start.type, size: start.size });
  const after = Uint8Array.of(DISABLED, 0, 0, 0);
  return {
    id: 'disable-driver',
    volume,
    edits: await hiveEdits(target, start.dataFileOffset, after, 'registry-value', options),
    data: { name, hive: target.path, key: key.path, from: before, to: DISABLED, forced: needed },
  };
}
