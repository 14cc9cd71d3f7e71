import { type Bytes, Cursor, defined, type Structure, structure } from '@deadbox/core';
import { MAX_DISK_INSTANCES } from '../limits.js';
import { diskSignatureText } from '../machine/mounted-devices.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { subkeysWithin } from '../registry/subkeys-within.js';

export const PARTITION_CACHE_FIELDS = {
  style: [0x00, 'u32', 'Kind of table', { values: { 0: 'MBR', 1: 'GPT' } }],
  count: [0x04, 'u32', 'Number of partitions'],
  signature: [0x08, 'u32', 'MBR: signature of the disk'],
  diskId: [0x08, 'guid', 'GPT: GUID of the disk'],
} as const;
/** Head of the partition table that Windows keeps of each disk (DRIVE_LAYOUT_INFORMATION_EX). */
export const PARTITION_CACHE: Structure<typeof PARTITION_CACHE_FIELDS> = structure(
  'partition-table-cache',
  'Microsoft, DRIVE_LAYOUT_INFORMATION_EX',
  PARTITION_CACHE_FIELDS,
);

/** What the partition manager keeps of a disk that this Windows has seen. */
export interface PartitionManager {
  readonly key: RegistryKey;
  /** Identity of the disk, by the table that is kept of it. */
  readonly diskId?: string;
  /** Not 0: the disk is to be offline or read-only. */
  readonly attributes: number;
}

/** Buses whose devices may be disks. */
const BUSES = ['SCSI', 'IDE', 'NVME', 'STORAGE', 'VMBUS', 'PCIIDE', 'XENVBD'] as const;

/** The disks that this Windows has seen. */
export interface PartitionManagers {
  readonly managers: readonly PartitionManager[];
  /** Whether all disks were looked at: at most `MAX_DISK_INSTANCES` are. */
  readonly complete: boolean;
}

/** The disks of `Enum` with `Device Parameters\Partmgr`, as far as they are disks. */
export async function readPartitionManagers(controlSet: RegistryKey): Promise<PartitionManagers> {
  const managers: PartitionManager[] = [];
  let complete = true;
  let looked = 0;
  for (const bus of BUSES) {
    const devices = await subkeysWithin(await controlSet.key(`Enum\\${bus}`), MAX_DISK_INSTANCES);
    complete &&= devices.complete;
    for (const device of devices.keys) {
      if (!/^disk/i.test(device.name)) continue;
      const instances = await subkeysWithin(device, MAX_DISK_INSTANCES);
      complete &&= instances.complete;
      for (const instance of instances.keys) {
        if (looked >= MAX_DISK_INSTANCES) return { managers, complete: false };
        looked += 1;
        const key = await instance.key('Device Parameters\\Partmgr');
        const attributes = await key?.number('Attributes');
        if (key === undefined || attributes === undefined) continue;
        const cache = await key.bytes('PartitionTableCache');
        managers.push({ key, attributes, ...defined({ diskId: cache === undefined ? undefined : diskIdOf(cache) }) });
      }
    }
  }
  return { managers, complete };
}

function diskIdOf(cache: Bytes): string | undefined {
  if (cache.length < PARTITION_CACHE.size) return undefined;
  const { style, signature, diskId } = PARTITION_CACHE.read(new Cursor(cache, 'PartitionTableCache'));
  return style === 0 ? diskSignatureText(signature) : style === 1 ? diskId : undefined;
}
