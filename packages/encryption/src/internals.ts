/**
 * What the other packages of deadbox need and users of the library do not: no promise of semantic versioning covers it.
 */

export { DATUM_HEADER } from './bitlocker/metadata/datum.js';
export { EOW_BITMAP, EOW_INFORMATION, EOW_RECORD } from './bitlocker/metadata/eow.js';
export { KEY_PROTECTOR, STRETCH_KEY } from './bitlocker/metadata/key-protector.js';
export { DATASET_HEADER, METADATA_BLOCK_HEADER, METADATA_VALIDATION } from './bitlocker/metadata/metadata-block.js';
export { RELOCATED_HEADER, RELOCATED_HEADER_EXTENSION } from './bitlocker/metadata/relocated-header.js';
export { VOLUME_HEADER, VOLUME_IDENTIFIER } from './bitlocker/metadata/volume-header.js';
export { bitLockerRun, type DecryptedRun } from './bitlocker/sectors/decrypted-source.js';
export { applySampling } from './detect/apply-sampling.js';
export { sweepBootArea } from './detect/boot-area.js';
export { isRandomSector } from './detect/chi-square.js';
export {
  applyTraces,
  detectEfiBootManagers,
  type EfiDetectOptions,
  type EncryptionTrace,
} from './detect/efi-boot-managers.js';
export { LUKS1_HEADER, LUKS1_KEY_SLOT, LUKS2_HEADER } from './detect/luks.js';
export { detectVirtualBoxEncryption } from './detect/virtualbox.js';
