export * from '@deadbox/core';
export { openDisk, Volume, type Disk, type OpenDiskOptions } from '@deadbox/disk';
export { NtfsVolume, NtfsFile } from '@deadbox/ntfs';
export { renderInfo, renderScan } from '@deadbox/report';
export { scanDisk, scanReport, SHIPPED_RULES, type ImageReport, type ScanOptions, type ScanReport } from '@deadbox/triage';
