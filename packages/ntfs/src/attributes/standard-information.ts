import { type Bytes, Cursor, type FileTime } from '@deadbox/core';

/** `$STANDARD_INFORMATION`: the times that Windows shows, and the file attributes. */
export interface StandardInformation {
  /** Created. */
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

/** Length before NTFS 3.0; mkntfs and ntfs-3g still write it. */
const SHORT_LENGTH = 48;
const LONG_LENGTH = 72;

/**
 * Parses a `$STANDARD_INFORMATION` value. Sources: libfsntfs, dfir_ntfs, Linux ntfs3.
 *
 * | off | size | meaning |
 * |---|---|---|
 * | 0x00 | 4 × u64 | created, modified, changed, accessed |
 * | 0x20 | u32 | file attributes |
 * | 0x28 | u32 | bit 0: case-sensitive directory |
 * | 0x30 / 0x34 | u32 | owner id / security id |
 * | 0x38 / 0x40 | u64 | quota charged / USN |
 *
 * @returns `undefined` when the value is shorter than 48 bytes
 */
export function parseStandardInformation(value: Bytes): StandardInformation | undefined {
  if (value.length < SHORT_LENGTH) return undefined;
  const cursor = new Cursor(value, '$STANDARD_INFORMATION');
  return {
    created: cursor.u64(0x00),
    modified: cursor.u64(0x08),
    changed: cursor.u64(0x10),
    accessed: cursor.u64(0x18),
    attributes: cursor.u32(0x20),
    caseSensitive: (cursor.u32(0x28) & 1) !== 0,
    ...(value.length < LONG_LENGTH
      ? {}
      : {
          ownerId: cursor.u32(0x30),
          securityId: cursor.u32(0x34),
          quotaCharged: cursor.u64Number(0x38),
          usn: cursor.u64(0x40),
        }),
  };
}
