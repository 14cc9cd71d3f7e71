export { describeEncryption, describeImage, describeTable, describeTime, describeVolume } from './describe.js';
export type { DiskErrorCode } from './errors.js';
export type { DiskInfo, EncryptionInfo, ImageInfo, NtfsInfo, VolumeInfo } from './info.js';
export { type Disk, type OpenDiskOptions, openDisk } from './open-disk.js';
export { describeStat, type FourTimes, type StatAttribute, type StatName, type StatReport } from './stat.js';
export type { StatExtras } from './stat-extras.js';
export type { SamplingCost } from './unrecognised.js';
export { type OpenVolumeOptions, type ReadableFileSystem, Volume } from './volume.js';
