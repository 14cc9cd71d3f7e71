import type { FailedImage, ImageReport } from './report-types.js';

/** As much of an image's report as counts and orders need: those of ten thousand images fit into little memory. */
export interface JudgedOutline extends Pick<ImageReport, 'path' | 'machine' | 'severity' | 'verdict' | 'starts'> {
  readonly image: Pick<ImageReport['image'], 'parents'>;
  readonly disk: Pick<ImageReport['disk'], 'diskId'>;
}

/** The same of an image that could not be opened. */
export type FailedOutline = Pick<FailedImage, 'path' | 'machine' | 'error' | 'starts'>;

/** The outline of any image. */
export type ImageOutline = JudgedOutline | FailedOutline;

/** Whether the image could not be opened. */
export function isFailedOutline(image: ImageOutline): image is FailedOutline {
  return 'error' in image;
}

/** The outline of a report. */
export function outlineOf(image: ImageReport | FailedImage): ImageOutline {
  const machine = image.machine === undefined ? {} : { machine: image.machine };
  if ('error' in image) return { path: image.path, error: image.error, starts: image.starts, ...machine };
  const { path, severity, verdict, starts } = image;
  const { parents } = image.image;
  const { diskId } = image.disk;
  return { path, severity, verdict, starts, image: { parents }, disk: { diskId }, ...machine };
}
