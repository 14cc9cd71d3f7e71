export { type DetectOptions, detectEncryption } from './detect.js';
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
} from './finding.js';
export { probeVolume, type VolumeProbe } from './volume-probe.js';
export { type KeyFile, type KeyFileEntry, keyFileProvider, parseKeyFile } from './key-file.js';
export { type BytesKey, combineKeys, keyList, type KeyProvider, type LockedVolume, type TextKey, type UnlockKey } from './key-provider.js';
export { checkRecoveryPassword } from './bitlocker/recovery-password.js';
export { type UnlockedVolume, unlockBitLocker, type UnlockOptions } from './bitlocker/unlock.js';
export type { KeyAttempt, KeyOutcome } from './bitlocker/try-keys.js';
export { sweepBootArea } from './boot-area.js';
export { applySampling } from './apply-sampling.js';
export { isRandomSector } from './chi-square.js';
export { type ContainerDetectOptions, detectContainerEncryption } from './container-encryption.js';
export { detectDiskEncryption, type DiskDetectOptions, type DiskPartition } from './detect-disk.js';
export { applyTraces, detectEfiBootManagers, type EfiDetectOptions, type EncryptionTrace } from './efi-boot-managers.js';
export { type EfsFacts, isEfsEncrypted } from './efs.js';
export { type SampleOptions, sampleVolume } from './sampling.js';
