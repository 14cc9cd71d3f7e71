import { mayBeStale } from '../obstacles/obstacles.js';
import { containerDoubts } from '../report/container-doubts.js';
import { type FailedImage, type ImageReport, isFailedImage } from '../report/report-types.js';

/**
 * What a disk says of the other disks of its machine: it holds the Windows that starts; it was read whole and holds
 * none, so that beside one that does it asks for nothing; neither.
 */
export type DiskRole = 'windows' | 'data' | 'unknown';

/** The role of a disk among those of its machine. */
export function diskRoleOf(image: ImageReport | FailedImage): DiskRole {
  if (isFailedImage(image)) return 'unknown';
  if (image.installations.some(({ active }) => active)) return 'windows';
  return isDataDisk(image) ? 'data' : 'unknown';
}

/** Whether the disk holds no Windows, and everything on it could be read. */
function isDataDisk(image: ImageReport): boolean {
  if (image.verdict !== 'no-windows' || image.unjudgedVolumes.length > 0) return false;
  if (image.causes.some(({ severity }) => severity !== 'none')) return false;
  return !mayBeStale(image.obstacles) && containerDoubts(image.image.issues).length === 0;
}

/**
 * The reports of all disks of one machine, seen together: where one disk holds Windows, another one that was read whole
 * and holds none is a data disk, and asks for nothing.
 */
export function settleMachine(images: readonly (ImageReport | FailedImage)[]): (ImageReport | FailedImage)[] {
  if (!images.some((image) => diskRoleOf(image) === 'windows')) return [...images];
  return images.map((image) =>
    !isFailedImage(image) && diskRoleOf(image) === 'data' ? { ...image, severity: 'none' as const } : image,
  );
}
