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
