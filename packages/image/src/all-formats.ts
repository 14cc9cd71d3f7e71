import { ewfFormat } from './ewf/format.js';
import type { ImageFormat } from './image-format.js';
import { ovaFormat } from './ova/format.js';
import { parallelsFormat } from './parallels/format.js';
import { qcowFormat } from './qcow/format.js';
import { qcow2Format } from './qcow2/format.js';
import { rawFormat } from './raw/format.js';
import { vdiFormat } from './vdi/format.js';
import { vhdFormat } from './vhd/format.js';
import { vhdxFormat } from './vhdx/format.js';
import { vmdkFormat } from './vmdk/format.js';

/** Every format of this package, the default of `openImage`. Raw is last: it accepts anything. */
export const allFormats: readonly ImageFormat[] = [
  vhdFormat,
  vhdxFormat,
  vdiFormat,
  vmdkFormat,
  qcow2Format,
  qcowFormat,
  parallelsFormat,
  ewfFormat,
  ovaFormat,
  rawFormat,
];
