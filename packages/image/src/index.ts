export { allFormats } from './all-formats.js';
export type { ImageError, ImageErrorCode, ImageIssueCode } from './errors.js';
export { EwfDisk, isEwfDisk } from './ewf/disk.js';
export { ewfFormat } from './ewf/format.js';
export type { EwfStoredHashes } from './ewf/tail.js';
export type {
  FileWindow,
  HashVerification,
  ImageEncryption,
  ImageFormat,
  ImageIdentity,
  NamedSource,
  OpenContext,
  OpenedParent,
  OpenImageOptions,
  ParentInfo,
  ParentReference,
  VerifyOptions,
  VirtualDisk,
} from './image-format.js';
export type { MachineDescription } from './machine/description.js';
export { parseMachine } from './machine/machine.js';
export type { ChildSearchOptions } from './opening/ask-beside.js';
export type { ChildImage } from './opening/descendants.js';
export { findChildrenAround } from './opening/find-around.js';
export { type ChildSearch, findChildren } from './opening/find-children.js';
export { openWithFormats } from './opening/open-formats.js';
export { openImage } from './opening/open-image.js';
export {
  type AskedAround,
  type Claim,
  type ToldFile,
  ToldParents,
  type UnreadImage,
  type WholeImage,
} from './opening/told-parents.js';
export {
  type ImageCheck,
  type ImageVerification,
  type UnreadableCause,
  type UnreadableRange,
  type VerifyImageOptions,
  verifyImage,
} from './opening/verify-image.js';
export { ovaFormat } from './ova/format.js';
export { parallelsFormat } from './parallels/format.js';
export { qcowFormat } from './qcow/format.js';
export { qcow2Format } from './qcow2/format.js';
export { rawFormat } from './raw/format.js';
export { vdiFormat } from './vdi/format.js';
export { vhdFormat } from './vhd/format.js';
export { vhdxFormat } from './vhdx/format.js';
export { vmdkFormat } from './vmdk/format.js';
