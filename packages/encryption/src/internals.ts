/** What the other packages of deadbox need and users of the library do not: no promise of semantic versioning covers it. */
export { applySampling } from './detect/apply-sampling.js';
export { sweepBootArea } from './detect/boot-area.js';
export { isRandomSector } from './detect/chi-square.js';
export {
  applyTraces,
  detectEfiBootManagers,
  type EfiDetectOptions,
  type EncryptionTrace,
} from './detect/efi-boot-managers.js';
export { detectVirtualBoxEncryption } from './detect/virtualbox.js';
