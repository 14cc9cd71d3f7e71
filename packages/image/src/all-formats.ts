import type { ImageFormat } from './image-format.js';
import { ewfFormat } from './ewf.js';
import { ovaFormat } from './ova.js';
import { parallelsFormat } from './parallels.js';
import { qcowFormat } from './qcow1.js';
import { qcow2Format } from './qcow2.js';
import { vmdkFormat } from './vmdk.js';
import { rawFormat } from './raw.js';
import { vdiFormat } from './vdi.js';
import { vhdFormat } from './vhd.js';
import { vhdxFormat } from './vhdx.js';

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
