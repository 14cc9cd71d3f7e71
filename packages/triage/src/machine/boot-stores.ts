import { isDamage, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import {
  type BootDisk,
  type BootLogFile,
  type BootStoreFile,
  findBootLogs,
  findBootStores,
  systemRoots,
} from '@deadbox/windows';

/** A boot manager's log, and where it lies. */
export interface DiskBootLog extends BootLogFile {
  /** 1-based volume number. */
  readonly volume: number;
}

/** The boot stores of a disk, and the volumes that could not be asked. */
export interface DiskBootStores {
  /** The stores that were found, readable or not. */
  readonly stores: BootStoreFile[];
  /** Numbers of the volumes that could hold one and could not be read. */
  readonly unreadable: number[];
  /** The boot manager's own logs, beside the stores. */
  readonly bootLogs: DiskBootLog[];
}

/** Looks for boot stores, and the logs of who starts from them, on every volume that can be read. */
export async function findDiskBootStores(disk: Disk, options: ReadOptions): Promise<DiskBootStores> {
  const found: DiskBootStores = { stores: [], unreadable: [], bootLogs: [] };
  for (const volume of disk.volumes) {
    if (volume.role === 'microsoft-reserved') continue;
    try {
      const tree = await volume.fileTree(options);
      const stores = await findBootStores(tree, volume.number, options);
      found.stores.push(...stores);
      if (stores.length === 0) continue;
      const logs = await findBootLogs(tree, options);
      found.bootLogs.push(...logs.map((log) => ({ ...log, volume: volume.number })));
    } catch (error) {
      if (!isDamage(error, options.signal)) throw error;
      found.unreadable.push(volume.number);
    }
  }
  return found;
}

/** The disk as the boot check compares it; `undefined` without a partition table or id. */
export function bootDiskOf(disk: Disk): BootDisk | undefined {
  const { table } = disk;
  if (table.kind === 'none' || table.diskId === undefined) return undefined;
  return {
    table: table.kind,
    diskId: table.diskId,
    ...(table.backupDiskId === undefined ? {} : { backupDiskId: table.backupDiskId }),
    partitions: disk.volumes.map((volume) => ({
      number: volume.number,
      offset: volume.offset,
      length: volume.partition?.length ?? volume.length,
      partitionId: volume.partition?.id,
      efiSystem: volume.role === 'efi-system',
      active: volume.partition?.bootable,
    })),
  };
}

/** Windows folders of a volume that boot stores name: installations may have any name. */
export function bootRootsOf(disk: Disk, stores: readonly BootStoreFile[], volume: number): string[] {
  const described = bootDiskOf(disk);
  if (described === undefined) return [];
  return stores.flatMap(({ store }) =>
    store === undefined
      ? []
      : systemRoots(store, described).flatMap(({ partition, path }) => (partition === volume ? [path] : [])),
  );
}
