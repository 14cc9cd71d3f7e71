export { describeEncryption, describeImage, describeTable, describeVolume } from './describe.js';
export type { DiskErrorCode, DiskIssueCode } from './errors.js';
export type {
  DiskInfo,
  EncryptionDetails,
  EncryptionInfo,
  HashCheck,
  ImageInfo,
  NtfsInfo,
  VolumeInfo,
} from './info.js';
export { type Disk, type OpenDiskOptions, openDisk } from './open-disk.js';
export {
  describeStat,
  type FourTimes,
  type NtfsStat,
  type StatAttribute,
  type StatName,
  type StatReport,
} from './stat.js';
export type { Plain, StatExtras } from './stat-extras.js';
export type { SamplingCost } from './unrecognised.js';
export { type OpenVolumeOptions, type ReadableFileSystem, Volume } from './volume.js';
