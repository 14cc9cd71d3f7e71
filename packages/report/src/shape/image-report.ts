import type { FailedImage, ImageReport } from '@deadbox/triage';
import { IMAGE_SHAPE, imageShapes } from './image-shapes.js';
import { shapeCheck } from './shape.js';

let check: ((value: unknown) => boolean) | undefined;

/**
 * Whether a value that was parsed from JSON is what the published schema calls the report of an image, or of a target
 * that could not be opened: then every form of a report can be made of it.
 */
export function isImageReport(value: unknown): value is ImageReport | FailedImage {
  check ??= shapeCheck(imageShapes(), IMAGE_SHAPE);
  return check(value);
}
