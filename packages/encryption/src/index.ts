export { checkRecoveryPassword } from './bitlocker/keys/recovery-password.js';
export type { KeyAttempt, KeyOutcome } from './bitlocker/keys/try-keys.js';
export { type UnlockedVolume, type UnlockOptions, unlockBitLocker } from './bitlocker/unlock.js';
export { applySampling } from './detect/apply-sampling.js';
export { sweepBootArea } from './detect/boot-area.js';
export { isRandomSector } from './detect/chi-square.js';
export { type ContainerDetectOptions, detectContainerEncryption } from './detect/container-encryption.js';
export { type DetectOptions, detectEncryption } from './detect/detect.js';
export { type DiskDetectOptions, type DiskPartition, detectDiskEncryption } from './detect/detect-disk.js';
export {
  applyTraces,
  detectEfiBootManagers,
  type EfiDetectOptions,
  type EncryptionTrace,
} from './detect/efi-boot-managers.js';
export { type EfsFacts, isEfsEncrypted } from './detect/efs.js';
export { type SampleOptions, sampleVolume } from './detect/sampling.js';
export type { EncryptionErrorCode, EncryptionIssueCode } from './errors.js';
export {
  type BitLockerFacts,
  type BitLockerStateId,
  type Confidence,
  type ConversionProgress,
  type EncryptionFinding,
  type EncryptionVerdict,
  type KeyProtectorInfo,
  type KeyProtectorType,
  noEncryption,
  type SamplingSummary,
} from './finding/finding.js';
export { probeVolume, type VolumeProbe } from './finding/volume-probe.js';
export { type KeyFile, type KeyFileEntry, keyFileProvider, parseKeyFile } from './keys/key-file.js';
export {
  type BytesKey,
  combineKeys,
  type KeyProvider,
  keyList,
  type LockedVolume,
  type TextKey,
  type UnlockKey,
} from './keys/key-provider.js';
