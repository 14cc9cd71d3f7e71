import type { Bytes } from '@deadbox/core';
import { type BootCheck, type BootCheckInput, type BootDisk, checkBoot, findBootStores } from '@deadbox/windows';
import { gptDevice, mbrDevice, type WindowsBootSpec, windowsBootStore, writeBootStore } from '../bcd-writer.js';
import { memoryTree } from '../memory-tree.js';

/** Ids of the disk: the one that the store names, and another. */
export const OLD = '0B2394A9-095E-487D-8D48-719ECD4D78CA';
export const NEW = 'AAAAAAAA-0000-4000-8000-BBBBBBBBBBBB';
/** Ids of the EFI system partition and of Windows' own. */
export const ESP = '11111111-2222-4333-8444-555555555555';
export const WINDOWS = '8E0F2C38-E4EA-47BA-B7FC-9D8C74DCCF0B';

/** A disk of either table: system partition 1, Windows on 3 or 2. */
export const gpt = (diskId: string): BootDisk => ({
  table: 'gpt',
  diskId,
  partitions: [
    { number: 1, offset: 1 << 20, length: 100 << 20, partitionId: ESP, efiSystem: true },
    { number: 3, offset: 200 << 20, length: 1 << 30, partitionId: `{${WINDOWS.toLowerCase()}}` },
  ],
});
export const mbr = (diskId: string): BootDisk => ({
  table: 'mbr',
  diskId,
  partitions: [
    { number: 1, offset: 0x100000, length: 500 << 20, active: true },
    { number: 2, offset: 0x1f500000, length: 1 << 30 },
  ],
});

/** The files that a start needs, with the number of their partition. */
export const UEFI_FILES = [
  '1:\\EFI\\Microsoft\\Boot\\bootmgfw.efi',
  '3:\\Windows\\system32\\winload.efi',
  '3:\\Windows\\system32\\winresume.efi',
  '3:\\Windows',
];
export const BIOS_FILES = [
  '1:\\bootmgr',
  '2:\\Windows\\system32\\winload.exe',
  '2:\\Windows\\system32\\winresume.exe',
  '2:\\Windows',
];

/** Stores that agree with those disks. */
export const uefi: WindowsBootSpec = {
  firmware: 'uefi',
  system: gptDevice(ESP, OLD),
  windows: gptDevice(WINDOWS, OLD),
};
export const bios: WindowsBootSpec = {
  firmware: 'bios',
  system: mbrDevice(0x100000, 0xdf4546ae),
  windows: mbrDevice(0x1f500000, 0xdf4546ae),
};

/** Checks a disk whose system partition has the given files, and which has the paths in `present`. */
export async function run(
  disk: BootDisk | undefined,
  files: Record<string, Bytes>,
  present: readonly string[],
  more: Partial<BootCheckInput> = {},
): Promise<BootCheck> {
  const exists = new Set(present.map((path) => path.toUpperCase()));
  return checkBoot({
    disk,
    stores: await findBootStores(memoryTree(files), 1),
    hasWindows: true,
    exists: (partition, path) => Promise.resolve(exists.has(`${partition}:${path}`.toUpperCase())),
    ...more,
  });
}
/** The store where the firmware looks for it. */
export const withStore = (spec: WindowsBootSpec): Record<string, Bytes> => ({
  [spec.firmware === 'uefi' ? '/EFI/Microsoft/Boot/BCD' : '/Boot/BCD']: writeBootStore(windowsBootStore(spec)),
});
