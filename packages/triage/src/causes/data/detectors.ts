import type { DiskDetector, VolumeDetector } from '../detector.js';
import { compressedCore } from './compressed-core.js';
import { damagedFolders, unreadableLog } from './damage.js';
import { hibernationMismatch } from './hibernation.js';
import { readOnlyDisk } from './read-only-disk.js';
import { bootSector, listNames, mftHead } from './system-records.js';

/** Causes in NTFS and in the volume. */
export const DATA_DETECTORS: readonly VolumeDetector[] = [
  bootSector,
  mftHead,
  listNames,
  damagedFolders,
  unreadableLog,
  hibernationMismatch,
  compressedCore,
];

/** Causes in the disk that the volume lies on. */
export const DATA_DISK_DETECTORS: readonly DiskDetector[] = [readOnlyDisk];
