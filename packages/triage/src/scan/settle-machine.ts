import { mayBeStale } from '../obstacles/obstacles.js';
import { containerDoubts } from '../report/container-doubts.js';
import { type FailedImage, type ImageReport, isFailedImage } from '../report/report-types.js';

/** Whether the disk holds no Windows, and everything on it could be read. */
function isDataDisk(image: ImageReport | FailedImage): boolean {
  if (isFailedImage(image) || image.verdict !== 'no-windows' || image.unjudgedVolumes.length > 0) return false;
  if (image.causes.some(({ severity }) => severity !== 'none')) return false;
  return !mayBeStale(image.obstacles) && containerDoubts(image.image.issues).length === 0;
}

function holdsWindows(image: ImageReport | FailedImage): boolean {
  return !isFailedImage(image) && image.installations.some(({ active }) => active);
}

/**
 * The reports of all disks of one machine, seen together: where one disk holds Windows, another one that was read whole
 * and holds none is a data disk, and asks for nothing.
 */
export function settleMachine(images: readonly (ImageReport | FailedImage)[]): (ImageReport | FailedImage)[] {
  if (!images.some(holdsWindows)) return [...images];
  return images.map((image) => (isDataDisk(image) ? { ...image, severity: 'none' as const } : image));
}
