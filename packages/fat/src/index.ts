export {
  FAT_BOOT_SECTOR,
  FAT_IDENTITY,
  FAT32_BOOT_SECTOR,
  type FatGeometry,
} from './boot-sector.js';
export { FAT_ENTRY, FAT_LONG_NAME } from './directory-entry.js';
export type { FatErrorCode, FatIssueCode } from './errors.js';
export { FatFile } from './fat-file.js';
export { type FatOptions, FatVolume } from './fat-volume.js';
