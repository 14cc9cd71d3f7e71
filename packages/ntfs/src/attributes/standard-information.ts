import { type Bytes, Cursor, type FileTime, type Structure, structure } from '@deadbox/core';

/** `$STANDARD_INFORMATION`: the times that Windows shows, and the file attributes. */
export interface StandardInformation {
  readonly created: FileTime;
  /** Last change of the content: what a directory listing shows. */
  readonly modified: FileTime;
  /** Last change of the record. */
  readonly changed: FileTime;
  /** Last read, as far as Windows keeps that. */
  readonly accessed: FileTime;
  /** See `FileAttribute`. */
  readonly attributes: number;
  /** The directory compares names by exact code units (Windows 10 and later). */
  readonly caseSensitive: boolean;
  /** NTFS 3.x only. */
  readonly ownerId?: number;
  /** Key in `$Secure:$SII`; 0 = the file has its own descriptor. NTFS 3.x only. */
  readonly securityId?: number;
  /** Bytes charged to the owner's quota. */
  readonly quotaCharged?: number;
  /** USN of the last journal record of this file. NTFS 3.x only. */
  readonly usn?: bigint;
}

export const STANDARD_INFORMATION_FIELDS = {
  created: [0x00, 'filetime', 'Created'],
  modified: [0x08, 'filetime', 'Content last written'],
  changed: [0x10, 'filetime', 'Record last changed'],
  accessed: [0x18, 'filetime', 'Last read'],
  attributes: [
    0x20,
    'u32',
    'File attributes',
    {
      flags: {
        0x1: 'read-only',
        0x2: 'hidden',
        0x4: 'system',
        0x10: 'directory',
        0x20: 'archive',
        0x80: 'normal',
        0x100: 'temporary',
        0x200: 'sparse',
        0x400: 'reparse point',
        0x800: 'compressed',
        0x1000: 'offline',
        0x2000: 'not indexed',
        0x4000: 'encrypted',
        0x8000: 'integrity',
        0x4_0000: 'recall on open',
        0x8_0000: 'pinned',
        0x10_0000: 'unpinned',
        0x40_0000: 'recall on data access',
        0x1000_0000: 'has a directory index',
        0x2000_0000: 'has a view index',
      },
    },
  ],
  maximumVersions: [0x24, 'u32', 'Not used'],
  versionFlags: [0x28, 'u32', 'Bit 0 of a directory: names are compared by exact code units'],
  classId: [0x2c, 'u32', 'Not used'],
  ownerId: [0x30, 'u32', 'Owner in $Quota (NTFS 3.0)'],
  securityId: [0x34, 'u32', 'Key in $Secure:$SII; 0 for a file with a descriptor of its own (NTFS 3.0)'],
  quotaCharged: [0x38, 'u64', "Bytes charged to the owner's quota (NTFS 3.0)"],
  usn: [0x40, 'u64big', 'Last record of the file in the change journal (NTFS 3.0)'],
} as const;
/** The value of `$STANDARD_INFORMATION`. */
export const STANDARD_INFORMATION: Structure<typeof STANDARD_INFORMATION_FIELDS> = structure(
  'standard-information',
  'libfsntfs; dfir_ntfs; Linux ntfs3',
  STANDARD_INFORMATION_FIELDS,
);
const { fields: FIELDS } = STANDARD_INFORMATION;

/** Length before NTFS 3.0; mkntfs and ntfs-3g still write it. */
export const SHORT_STANDARD_INFORMATION = 48;

/**
 * Parses a `$STANDARD_INFORMATION` value, see {@link STANDARD_INFORMATION}.
 * @returns `undefined` when the value is shorter than 48 bytes
 */
export function parseStandardInformation(value: Bytes): StandardInformation | undefined {
  if (value.length < SHORT_STANDARD_INFORMATION) return undefined;
  const cursor = new Cursor(value, '$STANDARD_INFORMATION');
  const short = {
    created: FIELDS.created.read(cursor),
    modified: FIELDS.modified.read(cursor),
    changed: FIELDS.changed.read(cursor),
    accessed: FIELDS.accessed.read(cursor),
    attributes: FIELDS.attributes.read(cursor),
    caseSensitive: (FIELDS.versionFlags.read(cursor) & 1) !== 0,
  };
  if (value.length < STANDARD_INFORMATION.size) return short;
  return {
    ...short,
    ownerId: FIELDS.ownerId.read(cursor),
    securityId: FIELDS.securityId.read(cursor),
    quotaCharged: cursor.u64Number(FIELDS.quotaCharged.offset),
    usn: FIELDS.usn.read(cursor),
  };
}
