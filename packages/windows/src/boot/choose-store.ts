import type { BootCheckInput } from './boot-check-result.js';
import type { BootDisk } from './boot-disk.js';
import type { BootStoreFile } from './find-boot-stores.js';

/**
 * The store that the machine would use: of UEFI on a GPT disk, of BIOS on an MBR disk, else the other one. A readable
 * one goes first.
 */
export function chooseStore(disk: BootDisk, stores: readonly BootStoreFile[]): BootStoreFile | undefined {
  const order: readonly BootStoreFile['role'][] = disk.table === 'gpt' ? ['uefi', 'bios'] : ['bios', 'uefi'];
  for (const role of order) {
    const ofRole = stores
      .filter((store) => store.role === role)
      .sort((left, right) => placeRank(disk, left) - placeRank(disk, right));
    const best = ofRole.find((store) => store.store !== undefined) ?? ofRole[0];
    if (best !== undefined) return best;
  }
  return undefined;
}

/** A store on the partition that the firmware starts from comes before copies elsewhere. */
function placeRank(disk: BootDisk, store: BootStoreFile): number {
  const partition = disk.partitions.find((one) => one.number === store.partition);
  return (store.role === 'uefi' ? partition?.efiSystem : partition?.active) === true ? 0 : 1;
}

/**
 * Whether the store lies where the firmware does not look: BIOS starts from the active partition, UEFI from an EFI
 * system partition. Where the table's reader does not tell these marks, nothing is concluded.
 */
export function storeMisplaced(
  input: BootCheckInput,
  disk: BootDisk,
  chosen: BootStoreFile,
): 'no-system-partition' | 'store-missing' | undefined {
  const mark = chosen.role === 'bios' ? 'active' : 'efiSystem';
  if (disk.partitions.some((partition) => partition[mark] === undefined)) return undefined;
  const marked = disk.partitions.filter((partition) => partition[mark] === true);
  if (marked.length === 0) return 'no-system-partition';
  if (marked.some((partition) => partition.number === chosen.partition)) return undefined;
  return marked.some((partition) => input.unreadable?.includes(partition.number) === true)
    ? undefined
    : 'store-missing';
}
