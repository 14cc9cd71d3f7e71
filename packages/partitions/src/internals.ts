/**
 * What the other packages of deadbox need and users of the library do not: no promise of semantic versioning covers it.
 */

export {
  type BootIndicator,
  bootCodeFromCopy,
  bootIndicators,
  MASTER_BOOT_CODE_BYTES,
  type MasterBootCode,
  masterBootCode,
  VOLUME_BOOT_BYTES,
  type VolumeBoot,
  type VolumeBootCode,
  volumeBoot,
} from './boot-code/boot-code.js';
export { type GptEntry, type GptHeader, type GptHeaderFault, parseGptEntries, parseGptHeader } from './gpt/gpt.js';
export { isVolumeBootSector } from './mbr/boot-sector-kind.js';
export { type BootRecord, type MbrEntry, parseBootRecord } from './mbr/mbr.js';
export { recogniseInHead } from './signature/file-system-signature.js';
