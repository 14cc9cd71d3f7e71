export * from '@deadbox/core';
export { type Disk, type OpenDiskOptions, Volume } from '@deadbox/disk';
export {
  type BytesKey,
  combineKeys,
  type KeyProvider,
  keyFileProvider,
  keyList,
  type LockedVolume,
  parseKeyFile,
  type TextKey,
  type UnlockKey,
} from '@deadbox/encryption';
export {
  type ImageCheck,
  type ImageVerification,
  type MachineDescription,
  parseMachine,
} from '@deadbox/image';
export { NtfsFile, NtfsVolume } from '@deadbox/ntfs';
export {
  type Language,
  type LanguageCode,
  type TextOptions,
} from '@deadbox/report';
export {
  type BootReport,
  type Cost,
  type CrashReport,
  type FailedImage,
  type FileContent,
  type FileReport,
  type HistoryEvent,
  type HiveReport,
  type HostReport,
  type ImageReport,
  type InstallationReport,
  isFailedImage,
  type MachineDisk,
  type NextStep,
  type Obstacle,
  type ObstacleId,
  type ProvisionalReason,
  type RuleResult,
  type RuleText,
  type ScanOptions,
  type ScanReport,
  type ScanSummary,
  type ScanVerdict,
  type Severity,
  SHIPPED_RULES,
  scanReport,
  type UnjudgedVolume,
} from '@deadbox/triage';
export { describeStructure, STRUCTURE_KINDS, type StructureKind } from '@deadbox/triage/structures';
export type { BootFinding, BootRemedy, BootVerdict, HiveHealthFinding, HiveHealthVerdict } from '@deadbox/windows';
export {
  httpSiblings,
  openDisk,
  openHttp,
  renderInfo,
  renderScan,
  renderScanImage,
  scanDisk,
  verifyImage,
} from './library.js';
