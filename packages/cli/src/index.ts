export * from '@deadbox/core';
export { openDisk, Volume, type Disk, type OpenDiskOptions } from '@deadbox/disk';
export {
  combineKeys,
  keyFileProvider,
  keyList,
  parseKeyFile,
  type BytesKey,
  type KeyProvider,
  type LockedVolume,
  type TextKey,
  type UnlockKey,
} from '@deadbox/encryption';
export { NtfsVolume, NtfsFile } from '@deadbox/ntfs';
export { renderInfo, renderScan } from '@deadbox/report';
export { scanDisk, scanReport, SHIPPED_RULES, type ImageReport, type ScanOptions, type ScanReport } from '@deadbox/triage';
