import type { Bytes, ReadOptions } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import type { DiskSubject } from '../../subject/disk-subject.js';
import { isSkeleton } from '../skeleton.js';

/** Type of an EFI system partition of a GPT. */
export const EFI_SYSTEM_TYPE = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const EFI_SYSTEM: readonly string[] = [EFI_SYSTEM_TYPE, '0xEF'];

/**
 * Whether the disk is there to start a Windows: one was found on it, or, where none can be read, a boot store. A data
 * disk needs no boot code, nor does one that holds only parts of a Windows.
 */
export async function startsWindows({ installations, stores }: DiskSubject, options: ReadOptions): Promise<boolean> {
  if (installations.length === 0) return stores.stores.some(({ role }) => role !== 'recovery');
  for (const installation of installations) if (!(await installation.fact(isSkeleton, options))) return true;
  return false;
}

/** Whether the partition has the type of an EFI system partition. */
export function isEfiPartition({ partition }: Volume): boolean {
  return partition !== undefined && EFI_SYSTEM.includes(partition.type);
}

/** Whether a BIOS starts it: an MBR disk that has no EFI system partition. */
export async function isBiosDisk(subject: DiskSubject, options: ReadOptions): Promise<boolean> {
  const { table, volumes } = subject.disk;
  return table.kind === 'mbr' && !volumes.some(isEfiPartition) && (await startsWindows(subject, options));
}

/** Whether UEFI starts it: a GPT disk, or an EFI system partition on an MBR disk. */
export async function isUefiDisk(subject: DiskSubject, options: ReadOptions): Promise<boolean> {
  const { table, volumes } = subject.disk;
  const hasTable = table.kind === 'gpt' || (table.kind === 'mbr' && volumes.some(isEfiPartition));
  return hasTable && (await startsWindows(subject, options));
}

/** The first 512 bytes of the disk. */
export async function firstSector(disk: Disk, options: ReadOptions): Promise<Bytes> {
  return disk.image.read(0, Math.min(512, disk.image.size), options);
}

/** The one partition that is marked active, as a volume; `undefined` unless it is exactly one. */
export function activeVolume({ disk }: DiskSubject): Volume | undefined {
  const active = disk.volumes.filter(({ partition }) => partition?.bootable === true && !partition.logical);
  return active.length === 1 ? active[0] : undefined;
}
