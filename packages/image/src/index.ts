export { allFormats } from './all-formats.js';
export type { BlockMap, BlockRun, PackedUnit } from './block-map.js';
export { BlockMappedDisk, type BlockMappedDiskFacts } from './block-mapped-disk.js';
export type { ImageError, ImageErrorCode, ImageIssueCode } from './errors.js';
export type {
  ImageEncryption,
  ImageFormat,
  ImageFormatId,
  ImageIdentity,
  NamedSource,
  OpenContext,
  OpenedParent,
  OpenImageOptions,
  ParentInfo,
  ParentReference,
  VirtualDisk,
} from './image-format.js';
export { openImage } from './open-image.js';
export { rawFormat } from './raw.js';
export { vdiFormat } from './vdi.js';
export { vhdFormat } from './vhd.js';
export { vhdxFormat } from './vhdx.js';
export { parallelsFormat } from './parallels.js';
export { qcowFormat } from './qcow1.js';
export { qcow2Format } from './qcow2.js';
export { vmdkFormat } from './vmdk.js';
export { ewfFormat } from './ewf.js';
export { EwfDisk, isEwfDisk, type HashVerification, type VerifyOptions } from './ewf-disk.js';
export type { EwfStoredHashes } from './ewf-tail.js';
export { ovaFormat } from './ova.js';
