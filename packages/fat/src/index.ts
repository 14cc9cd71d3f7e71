export { type FatGeometry } from './boot-sector.js';
export type { FatErrorCode, FatIssueCode } from './errors.js';
export { FatFile } from './fat-file.js';
export { type FatOptions, FatVolume } from './fat-volume.js';
