export * from '@deadbox/core';
export { type Disk, type OpenDiskOptions, openDisk, Volume } from '@deadbox/disk';
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
export { NtfsFile, NtfsVolume } from '@deadbox/ntfs';
export { type Language, type LanguageCode, renderInfo, renderScan, type TextOptions } from '@deadbox/report';
export {
  type ImageReport,
  type ScanOptions,
  type ScanReport,
  SHIPPED_RULES,
  scanDisk,
  scanReport,
} from '@deadbox/triage';
