import { defined } from '@deadbox/core';
import { type BootDisk, type BootPartition, sameId } from './boot-disk.js';
import { type BootDevice, underlyingDevice } from './device-element.js';

/** How a device of the boot store stands to the disk. */
export type DeviceStatus =
  /** The disk's id and the partition are as the store says. */
  | 'matches'
  /** Found without an id (boot, locate): cannot go stale. */
  | 'always'
  /** The partition is there, but the disk has another id now. */
  | 'identity-changed'
  /** The disk has the id, but no such partition. */
  | 'partition-missing'
  /** Neither: another disk is meant. */
  | 'other-disk'
  /** The store speaks of an MBR disk and this is a GPT one, or the other way round. */
  | 'converted-disk'
  /** A form that is not known: no statement. */
  | 'unrecognised';

/** The result for one device. */
export interface DeviceCheck {
  /** Whether the disk has what the store names. */
  readonly status: DeviceStatus;
  /** Number of the partition that is meant, where the disk has it. */
  readonly partition?: number;
}

/** Compares a device of the store with the disk; ramdisks and virtual disks by the partition that holds their file. */
export function checkDevice(device: BootDevice, disk: BootDisk): DeviceCheck {
  const inner = underlyingDevice(device);
  if (inner.kind === 'boot' || inner.kind === 'locate') return { status: 'always' };
  if (inner.kind === 'disk') {
    if (inner.style !== disk.table) return { status: 'converted-disk' };
    return { status: sameId(inner.diskId, disk.diskId) ? 'matches' : 'other-disk' };
  }
  if (inner.kind !== 'partition' || inner.diskKind !== 0) return { status: 'unrecognised' };
  const reference = inner.partition;
  if (reference.style !== disk.table) return { status: 'converted-disk' };
  const found =
    reference.style === 'gpt'
      ? disk.partitions.find((partition) => sameId(partition.partitionId, reference.partitionId))
      : disk.partitions.find((partition) => partition.offset === reference.partitionOffset);
  const identity = sameId(reference.style === 'gpt' ? reference.diskId : reference.diskSignature, disk.diskId);
  return { status: statusOf(found, identity), ...defined({ partition: found?.number }) };
}

function statusOf(found: BootPartition | undefined, identity: boolean): DeviceStatus {
  if (found !== undefined) return identity ? 'matches' : 'identity-changed';
  return identity ? 'partition-missing' : 'other-disk';
}
