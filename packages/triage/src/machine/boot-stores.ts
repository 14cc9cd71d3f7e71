import { isDamage, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import {
  type BootDisk,
  type BootLogFailure,
  type BootLogFile,
  type BootStoreFile,
  findBootLogs,
  findBootStores,
  lastBootFailure,
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
      // A lost store is when the log is wanted most.
      if (stores.length === 0 && volume.role !== 'efi-system' && volume.role !== 'system-reserved') continue;
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

/** What the boot stores and their logs say of the Windows on one volume. */
export interface BootHints {
  /** Windows folders that a store names. */
  readonly roots: readonly string[];
  /** How the last recorded start failed before Windows ran; `undefined` where it did not, or nothing was recorded. */
  readonly failure: BootLogFailure | undefined;
}

/** The hints for a volume. The log tells of the machine, not of one volume. */
export function bootHintsOf(disk: Disk, { stores, bootLogs }: DiskBootStores, volume: number): BootHints {
  const [failure] = bootLogs.flatMap(({ log }) => (log === undefined ? undefined : lastBootFailure(log)) ?? []);
  return { roots: bootRootsOf(disk, stores, volume), failure: failure?.newest ? failure : undefined };
}
