import type { ImageFormat } from './image-format.js';
import { rawFormat } from './raw.js';
import { vhdFormat } from './vhd.js';

/** Every format of this package, the default of `openImage`. Raw is last: it accepts anything. */
export const allFormats: readonly ImageFormat[] = [vhdFormat, rawFormat];
