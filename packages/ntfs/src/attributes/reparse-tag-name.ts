/**
 * Names of reparse tags as Windows headers have them, without `IO_REPARSE_TAG_` (MS-FSCC 2.1.2.1, winnt.h, ntifs.h).
 */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0xa000_0003, 'MOUNT_POINT'],
  [0xc000_0004, 'HSM'],
  [0x8000_0005, 'DRIVE_EXTENDER'],
  [0x8000_0006, 'HSM2'],
  [0x8000_0007, 'SIS'],
  [0x8000_0008, 'WIM'],
  [0x8000_0009, 'CSV'],
  [0x8000_000a, 'DFS'],
  [0x8000_000b, 'FILTER_MANAGER'],
  [0xa000_000c, 'SYMLINK'],
  [0xa000_0010, 'IIS_CACHE'],
  [0x8000_0012, 'DFSR'],
  [0x8000_0013, 'DEDUP'],
  [0xc000_0014, 'APPXSTRM'],
  [0x8000_0014, 'NFS'],
  [0x8000_0015, 'FILE_PLACEHOLDER'],
  [0x8000_0016, 'DFM'],
  [0x8000_0017, 'WOF'],
  [0x8000_0018, 'WCI'],
  [0x9000_1018, 'WCI_1'],
  [0xa000_0019, 'GLOBAL_REPARSE'],
  [0x9000_001a, 'CLOUD'],
  [0x8000_001b, 'APPEXECLINK'],
  [0x9000_001c, 'PROJFS'],
  [0xa000_001d, 'LX_SYMLINK'],
  [0x8000_001e, 'STORAGE_SYNC'],
  [0x9000_0027, 'STORAGE_SYNC_FOLDER'],
  [0xa000_001f, 'WCI_TOMBSTONE'],
  [0x8000_0020, 'UNHANDLED'],
  [0x8000_0021, 'ONEDRIVE'],
  [0xa000_0022, 'PROJFS_TOMBSTONE'],
  [0x8000_0023, 'AF_UNIX'],
  [0x8000_0024, 'LX_FIFO'],
  [0x8000_0025, 'LX_CHR'],
  [0x8000_0026, 'LX_BLK'],
  [0xa000_0027, 'WCI_LINK'],
  [0xa000_1027, 'WCI_LINK_1'],
]);

/** Windows' name of a reparse tag, e.g. `SYMLINK`; `undefined` for tags that no Windows header names. */
export function reparseTagName(tag: number): string | undefined {
  const name = NAMES.get(tag);
  if (name !== undefined) return name;
  // Sixteen cloud tags differ only in bits 12-15.
  const variant = (tag >>> 12) & 15;
  return (tag & 0xffff_0fff) >>> 0 === 0x9000_001a ? `CLOUD_${variant.toString(16).toUpperCase()}` : undefined;
}
