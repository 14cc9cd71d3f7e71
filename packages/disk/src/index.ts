export { describeEncryption, describeImage, describeTable, describeTime, describeVolume } from './describe.js';
export type { DiskErrorCode } from './errors.js';
export type { DiskInfo, EncryptionInfo, ImageInfo, NtfsInfo, VolumeInfo } from './info.js';
export { openDisk, type Disk, type OpenDiskOptions } from './open-disk.js';
export { describeStat, type FourTimes, type StatAttribute, type StatName, type StatReport } from './stat.js';
export type { SamplingCost } from './unrecognised.js';
export { Volume, type OpenVolumeOptions, type ReadableFileSystem } from './volume.js';
export type { UnlockOutcome } from './unlock-volume.js';
export type { StatExtras } from './stat-extras.js';
