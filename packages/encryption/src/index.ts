export type { KeyAttempt, KeyOutcome, MalformedKeyCode } from './bitlocker/keys/key-attempt.js';
export { checkRecoveryPassword, type RecoveryPasswordProblem } from './bitlocker/keys/recovery-password.js';
export type { BitLockerMethodName } from './bitlocker/metadata/method.js';
export {
  tryUnlockBitLocker,
  type UnlockedVolume,
  type UnlockOptions,
  type UnlockOutcome,
  unlockBitLocker,
} from './bitlocker/unlock.js';
export type { UnlockErrorCode, UnlockFailure } from './bitlocker/unlock-failure.js';
export { type DetectOptions, detectEncryption } from './detect/detect.js';
export { type DiskDetectOptions, type DiskPartition, detectDiskEncryption } from './detect/detect-disk.js';
export { type SampleOptions, sampleVolume } from './detect/sampling.js';
export type { EncryptionErrorCode, EncryptionIssueCode } from './errors.js';
export {
  type BitLockerFacts,
  type BitLockerStateId,
  type BitLockerVariant,
  type Confidence,
  type ConversionProgress,
  type CopyStatus,
  type EncryptionFinding,
  type EncryptionFlag,
  type EncryptionState,
  type EncryptionVerdict,
  type KeyProtectorInfo,
  type KeyProtectorPart,
  type KeyProtectorType,
  type MetadataCopyInfo,
  noEncryption,
  type SamplingSummary,
  type SamplingVerdict,
  type UnlockNeed,
} from './finding/finding.js';
export type { ContainerProduct, EncryptionProduct, VolumeProduct } from './finding/products.js';
export { probeVolume, type VolumeProbe } from './finding/volume-probe.js';
export {
  type KeyFile,
  type KeyFileEntry,
  keyFileProvider,
  parseKeyFile,
  passwordsIn,
  recoveryKeysIn,
  recoveryPasswordIn,
  type SkippedLine,
} from './keys/key-file.js';
export {
  type BytesKey,
  combineKeys,
  type KeyProvider,
  keyList,
  type LockedVolume,
  type TextKey,
  type UnlockKey,
} from './keys/key-provider.js';
