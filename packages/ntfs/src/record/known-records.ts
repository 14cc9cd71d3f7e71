/** Records of NTFS's own files (ntfs-3g layout.h `FILE_MFT` and so on). */
export const KnownRecord = {
  mft: 0,
  mftMirror: 1,
  logFile: 2,
  volume: 3,
  attributeDefinitions: 4,
  root: 5,
  bitmap: 6,
  boot: 7,
  badClusters: 8,
  secure: 9,
  upCase: 10,
  extend: 11,
} as const;

/** The root directory. */
export const ROOT_RECORD: number = KnownRecord.root;

/** Records below this one are NTFS's own files; those from 12 to 15 are reserved. */
export const FIRST_UNRESERVED_RECORD = 16;

/** Where files are shown whose chain of parents is broken. */
export const ORPHAN_ROOT = '/$OrphanFiles';
