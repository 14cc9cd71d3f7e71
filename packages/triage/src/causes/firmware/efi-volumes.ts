import type { ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { FatVolume } from '@deadbox/fat';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { CheckedFile } from '../../subject/file-state.js';
import { isEfiPartition } from './start-disk.js';

/** Windows' boot manager on the volume that UEFI starts from. */
export const BOOT_MANAGER_PATH = '/EFI/Microsoft/Boot/bootmgfw.efi';

/** A volume that UEFI could start Windows from. */
export interface EfiVolume {
  readonly volume: Volume;
  /** Its partition has the type of an EFI system partition. */
  readonly typed: boolean;
  /** Its files can be read, and are FAT. */
  readonly readable: boolean;
  /** The boot manager, as far up the ladder as an image goes; absent where the files cannot be read. */
  readonly manager?: CheckedFile;
}

/**
 * The volumes that UEFI could start Windows from: every EFI system partition, and FAT volumes of another type that hold
 * Windows' boot manager. Where several partitions have the type, those with a boot manager come first.
 */
export async function efiVolumes(subject: DiskSubject, options: ReadOptions): Promise<readonly EfiVolume[]> {
  const found: EfiVolume[] = [];
  for (const volume of subject.disk.volumes) {
    const typed = isEfiPartition(volume);
    const fat = volume.fileSystem.startsWith('fat');
    if (!typed && !fat) continue;
    const tree = await subject.tree(volume, options);
    const readable = tree instanceof FatVolume;
    const files = readable ? await subject.files(volume, options) : undefined;
    const manager = await files?.check(BOOT_MANAGER_PATH, 'image', options);
    if (!typed && (manager === undefined || manager.state === 'absent')) continue;
    found.push({ volume, typed, readable, ...(manager === undefined ? {} : { manager }) });
  }
  return found.sort((left, right) => Number(isThere(right)) - Number(isThere(left)));
}

function isThere({ manager }: EfiVolume): boolean {
  return manager !== undefined && manager.state !== 'absent';
}

/**
 * The volume that UEFI starts from, where its boot manager can be read; `undefined` where something before it is wrong.
 */
export async function soundEfiVolume(
  subject: DiskSubject,
  options: ReadOptions,
): Promise<(EfiVolume & { readonly manager: CheckedFile }) | undefined> {
  const volumes = await subject.fact(efiVolumes, options);
  for (const one of volumes) {
    const { manager, typed } = one;
    if (typed && manager?.state === 'good' && manager.file !== undefined) return { ...one, manager };
  }
  return undefined;
}
