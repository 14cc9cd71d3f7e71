import { defined } from '@deadbox/core';
import type { MountedDevice } from '../machine/mounted-devices.js';
import { type BootDisk, normalId, sameId } from './boot-disk.js';
import { type BootStore, braced } from './boot-store.js';
import { underlyingDevice } from './device-element.js';

/** Something on the disk that says what the disk's id was. */
export interface IdentityWitness {
  /** What kind of witness it is. */
  readonly source: 'boot-store' | 'recovery-store' | 'mounted-devices' | 'firmware-variable' | 'gpt-backup-header';
  /** The id that it names, in the form of `normalId`. */
  readonly diskId: string;
  /** File that holds it and the partition where that is; absent for the GPT header. */
  readonly path?: string;
  /** Number of the partition that has the file. */
  readonly partition?: number;
  /** What in the file: object and element, or value name. */
  readonly where?: string;
  /** Number of the partition of this disk that it names together with the id. */
  readonly names?: number;
  /** Byte offset of the id in that file, and its length: 16 bytes (GPT) or 4 (MBR). */
  readonly fileOffset?: number;
  /** Length of the id in bytes: 16 or 4. */
  readonly length?: number;
}

/** A store as the witnesses need it. */
export interface WitnessStore {
  readonly store: BootStore;
  /** Path of its file. */
  readonly path: string;
  /** Number of the partition that has the file. */
  readonly partition: number;
  /** Whether only recovery uses it. */
  readonly recovery: boolean;
}

/** `MountedDevices` of a SYSTEM hive. */
export interface MountedDevicesFile {
  /** Number of the partition that has the hive. */
  readonly partition: number;
  /** Path of the hive. */
  readonly path: string;
  readonly devices: readonly MountedDevice[];
}

/** The disk's identity now, and what it was by the witnesses. */
export interface DiskIdentity {
  /** The id the disk has. */
  readonly current: string;
  /**
   * The other id that at least two witnesses name for partitions that this disk has; absent when they do not agree on
   * one, or a store was not read to its end.
   */
  readonly former?: string;
  /** Everything that names this disk's present or former id. */
  readonly witnesses: readonly IdentityWitness[];
}

/**
 * Collects who names which id. Only records about a partition that this disk has are heard: the others speak of other
 * disks.
 */
export function gatherWitnesses(
  disk: BootDisk,
  stores: readonly WitnessStore[],
  mounted: readonly MountedDevicesFile[],
): DiskIdentity {
  const backup: IdentityWitness[] =
    disk.backupDiskId === undefined ? [] : [{ source: 'gpt-backup-header', diskId: normalId(disk.backupDiskId) }];
  const witnesses = [
    ...stores.flatMap((store) => storeWitnesses(disk, store)),
    ...mounted.flatMap((file) => mountedWitnesses(disk, file)),
    ...backup,
  ];
  const current = normalId(disk.diskId);
  const heard = stores.every(({ store }) => store.complete);
  const former = heard ? mostNamed(witnesses.filter((witness) => witness.diskId !== current)) : undefined;
  return { current, ...defined({ former }), witnesses };
}

function storeWitnesses(disk: BootDisk, { store, path, partition, recovery }: WitnessStore): IdentityWitness[] {
  const witnesses: IdentityWitness[] = [];
  const source = recovery ? 'recovery-store' : 'boot-store';
  for (const object of store.objects) {
    for (const element of object.elements) {
      if (element.value.format !== 'device') continue;
      const device = underlyingDevice(element.value.device);
      if (device.kind !== 'partition' || device.partition.style !== disk.table) continue;
      const named = device.partition;
      const here = disk.partitions.find((one) =>
        named.style === 'gpt' ? sameId(one.partitionId, named.partitionId) : one.offset === named.partitionOffset,
      );
      if (here === undefined) continue;
      witnesses.push({
        source,
        diskId: normalId(named.style === 'gpt' ? named.diskId : named.diskSignature),
        path,
        partition,
        where: `${object.name ?? braced(object.id)} ${element.name}`,
        names: here.number,
        fileOffset: element.fileOffset + device.diskIdOffset,
        length: named.style === 'gpt' ? 16 : 4,
      });
    }
    const variable = object.firmware?.partition;
    if (variable?.style === 'mbr' && disk.table === 'mbr') {
      const where = object.name ?? braced(object.id);
      witnesses.push({ source: 'firmware-variable', diskId: variable.diskSignature, path, partition, where });
    }
  }
  return witnesses;
}

function mountedWitnesses(disk: BootDisk, { devices, path, partition }: MountedDevicesFile): IdentityWitness[] {
  if (disk.table !== 'mbr') return [];
  // A GPT record names the partition alone, so it says nothing about the disk's id.
  return devices.flatMap(({ target, name: where, fileOffset }): IdentityWitness[] => {
    if (target.kind !== 'mbr' || !disk.partitions.some((one) => one.offset === target.partitionOffset)) return [];
    const { diskSignature: diskId } = target;
    return [{ source: 'mounted-devices', diskId, path, partition, where, fileOffset, length: 4 }];
  });
}

/** The id that most witnesses name, when it is at least two and more than name any other. */
function mostNamed(witnesses: readonly IdentityWitness[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { diskId } of witnesses) counts.set(diskId, (counts.get(diskId) ?? 0) + 1);
  const ranked = [...counts].sort((left, right) => right[1] - left[1]);
  const [first, second] = ranked;
  if (first === undefined || first[1] < 2 || (second !== undefined && second[1] === first[1])) return undefined;
  return first[0];
}
