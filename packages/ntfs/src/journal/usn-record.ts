import { type Bytes, Cursor, type FileTime } from '@deadbox/core';
import { type FileReference, fileReferenceAt } from '../record/file-reference.js';

/** A range of changed bytes, in version 4 records. */
export interface UsnRange {
  /** Byte offset in the file. */
  readonly offset: bigint;
  /** Length in bytes. */
  length: bigint;
}

/** One record of the change journal `$UsnJrnl:$J`. */
export interface UsnRecord {
  /** Byte offset in the stream that was read. */
  readonly offset: number;
  /** Update sequence number: on a live volume the byte offset in `$J`. */
  readonly usn: bigint;
  /** Version of the record. */
  readonly majorVersion: 2 | 3 | 4;
  /** The file that changed. */
  readonly file: FileReference;
  /** Its folder at that time. */
  readonly parent: FileReference;
  /** Bits of `USN_REASON_…`; see {@link usnReasonNames}. */
  readonly reason: number;
  /** Bits of `USN_SOURCE_…`: 1 data management, 2 auxiliary data, 4 replication, 8 client replication. */
  readonly source: number;
  /** Absent in version 4, as the three that follow. */
  readonly time?: FileTime;
  /** Key of its security descriptor. */
  readonly securityId?: number;
  /** File attribute bits. */
  readonly fileAttributes?: number;
  /** Its name at that time. */
  readonly name?: string;
  /** Version 4: the ranges of this record, and how many more of the same change follow in others. */
  readonly ranges?: readonly UsnRange[];
  /** How many ranges of the same change follow in other records. */
  readonly remainingRanges?: number;
}

/** What the journal's stream `$Max` says. */
export interface UsnJournalInformation {
  /** Bytes that the journal may grow to. */
  readonly maximumSize: bigint;
  /** Bytes that the journal grows by. */
  readonly allocationDelta: bigint;
  /** Also the FILETIME of its creation. */
  readonly journalId: bigint;
  /** Records below are gone. */
  readonly lowestValidUsn: bigint;
}

const LAYER = '$UsnJrnl:$J';
/** Smallest records of versions 2, 3 and 4, bytes. */
const SMALLEST: Readonly<Record<number, number>> = { 2: 60, 3: 76, 4: 64 };
const MAX_RECORD = 65_536;

/** Bits of a record's reason, lowest first (winioctl.h `USN_REASON_…`). */
const REASONS: readonly (readonly [number, string])[] = [
  [0x1, 'DATA_OVERWRITE'],
  [0x2, 'DATA_EXTEND'],
  [0x4, 'DATA_TRUNCATION'],
  [0x10, 'NAMED_DATA_OVERWRITE'],
  [0x20, 'NAMED_DATA_EXTEND'],
  [0x40, 'NAMED_DATA_TRUNCATION'],
  [0x100, 'FILE_CREATE'],
  [0x200, 'FILE_DELETE'],
  [0x400, 'EA_CHANGE'],
  [0x800, 'SECURITY_CHANGE'],
  [0x1000, 'RENAME_OLD_NAME'],
  [0x2000, 'RENAME_NEW_NAME'],
  [0x4000, 'INDEXABLE_CHANGE'],
  [0x8000, 'BASIC_INFO_CHANGE'],
  [0x1_0000, 'HARD_LINK_CHANGE'],
  [0x2_0000, 'COMPRESSION_CHANGE'],
  [0x4_0000, 'ENCRYPTION_CHANGE'],
  [0x8_0000, 'OBJECT_ID_CHANGE'],
  [0x10_0000, 'REPARSE_POINT_CHANGE'],
  [0x20_0000, 'STREAM_CHANGE'],
  [0x40_0000, 'TRANSACTED_CHANGE'],
  [0x80_0000, 'INTEGRITY_CHANGE'],
  [0x100_0000, 'DESIRED_STORAGE_CLASS_CHANGE'],
  [0x8000_0000, 'CLOSE'],
];

/** The names of the set bits, as Windows headers have them without `USN_REASON_`; unknown bits as one hexadecimal number. */
export function usnReasonNames(reason: number): string[] {
  const names: string[] = [];
  let rest = reason >>> 0;
  for (const [bit, name] of REASONS) {
    if ((reason & bit) === 0) continue;
    names.push(name);
    rest = (rest & ~bit) >>> 0;
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return names;
}

/** Length of the record at `at`, or 0 when there is none: zeros fill a page's rest. */
export function usnRecordLength(bytes: Bytes, at: number): number {
  if (at + 4 > bytes.length) return 0;
  return ((bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)) >>> 0) + bytes[at + 3] * 0x100_0000;
}

/**
 * Parses the record at `at` of `bytes` (winioctl.h `USN_RECORD_V2`, `_V3`, `_V4`).
 *
 * | v2 | v3 | size | meaning |
 * |---|---|---|---|
 * | 0 | 0 | u32 | record length |
 * | 4 / 6 | 4 / 6 | u16 | major / minor version |
 * | 8 | 8 | 8 / 16 | file reference |
 * | 16 | 24 | 8 / 16 | parent reference |
 * | 24 | 40 | u64 | USN |
 * | 32 | 48 | u64 | time |
 * | 40 / 44 | 56 / 60 | u32 | reason / source |
 * | 48 / 52 | 64 / 68 | u32 | security id / file attributes |
 * | 56 / 58 | 72 / 74 | u16 | bytes / offset of the name |
 *
 * Version 4: 40 USN, 48 reason, 52 source, 56 u32 remaining extents, 60 u16 extents, 62 u16 bytes of one, 64 pairs of i64.
 * @param base - byte offset of `bytes[0]` in the stream
 * @returns `undefined` when no valid record begins there
 */
export function parseUsnRecord(bytes: Bytes, at: number, base = 0): UsnRecord | undefined {
  const length = usnRecordLength(bytes, at);
  if (length < 8 || length % 8 !== 0 || length > MAX_RECORD || at + length > bytes.length) return undefined;
  const cursor = new Cursor(bytes.subarray(at, at + length), LAYER, base + at);
  const version = cursor.u16(4);
  const smallest = SMALLEST[version];
  if (smallest === undefined || length < smallest) return undefined;
  const offset = base + at;
  if (version === 4) return rangeRecord(cursor, offset);
  const wide = version === 3;
  const shift = wide ? 16 : 0;
  const nameBytes = cursor.u16(56 + shift);
  const nameOffset = cursor.u16(58 + shift);
  if (nameOffset < smallest || nameBytes % 2 !== 0 || nameOffset + nameBytes > length) return undefined;
  return {
    offset,
    usn: cursor.u64(24 + shift),
    majorVersion: wide ? 3 : 2,
    file: fileReferenceAt(cursor, 8),
    parent: fileReferenceAt(cursor, wide ? 24 : 16),
    reason: cursor.u32(40 + shift),
    source: cursor.u32(44 + shift),
    time: cursor.u64(32 + shift),
    securityId: cursor.u32(48 + shift),
    fileAttributes: cursor.u32(52 + shift),
    name: cursor.utf16(nameOffset, nameBytes >> 1),
  };
}

function rangeRecord(cursor: Cursor, offset: number): UsnRecord | undefined {
  const count = cursor.u16(60);
  const size = cursor.u16(62);
  if (count > 0 && (size < 16 || 64 + count * size > cursor.length)) return undefined;
  return {
    offset,
    usn: cursor.u64(40),
    majorVersion: 4,
    file: fileReferenceAt(cursor, 8),
    parent: fileReferenceAt(cursor, 24),
    reason: cursor.u32(48),
    source: cursor.u32(52),
    ranges: Array.from({ length: count }, (_, i) => ({
      offset: cursor.u64(64 + i * size),
      length: cursor.u64(72 + i * size),
    })),
    remainingRanges: cursor.u32(56),
  };
}

/**
 * Parses `$UsnJrnl:$Max`: u64 maximum size, u64 allocation delta, u64 journal id, u64 lowest valid USN.
 * @throws DeadboxError `CURSOR_OUT_OF_RANGE`
 */
export function parseUsnJournalInformation(bytes: Bytes): UsnJournalInformation {
  const cursor = new Cursor(bytes, '$UsnJrnl:$Max');
  return {
    maximumSize: cursor.u64(0),
    allocationDelta: cursor.u64(8),
    journalId: cursor.u64(16),
    lowestValidUsn: cursor.u64(24),
  };
}
