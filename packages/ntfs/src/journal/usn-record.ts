import { type Bytes, Cursor, type FileTime, type Structure, structure } from '@deadbox/core';
import { type FileReference, fileReferenceAt } from '../record/file-reference.js';

const SOURCE = 'Windows SDK, winioctl.h USN_RECORD_V2, _V3, _V4';

export const USN_RECORD_V2_FIELDS = {
  length: [0, 'u32', 'Bytes of the record, a multiple of 8'],
  majorVersion: [4, 'u16', '2'],
  minorVersion: [6, 'u16', '0'],
  file: [8, 'u64big', 'File record number and sequence number'],
  parent: [16, 'u64big', 'The same of its folder'],
  usn: [24, 'u64big', 'Update sequence number'],
  time: [32, 'filetime', 'When the change was logged'],
  reason: [40, 'u32', 'What changed, as bits'],
  source: [44, 'u32', 'Who changed it', { flags: { 1: 'data management', 2: 'auxiliary data', 4: 'replication' } }],
  securityId: [48, 'u32', 'Key of its security descriptor'],
  fileAttributes: [52, 'u32', 'File attributes'],
  nameBytes: [56, 'u16', 'Bytes of the name'],
  nameOffset: [58, 'u16', 'Offset of the name'],
} as const;
/** Record with file references of 64 bits: Windows 7 and earlier, and most volumes. */
export const USN_RECORD_V2: Structure<typeof USN_RECORD_V2_FIELDS> = structure(
  'usn-record-v2',
  SOURCE,
  USN_RECORD_V2_FIELDS,
);

export const USN_RECORD_V3_FIELDS = {
  length: [0, 'u32', 'Bytes of the record, a multiple of 8'],
  majorVersion: [4, 'u16', '3'],
  minorVersion: [6, 'u16', '0'],
  file: [8, 'bytes[16]', 'File id of 128 bits'],
  parent: [24, 'bytes[16]', 'The same of its folder'],
  usn: [40, 'u64big', 'Update sequence number'],
  time: [48, 'filetime', 'When the change was logged'],
  reason: [56, 'u32', 'What changed, as bits'],
  source: [60, 'u32', 'Who changed it', { flags: { 1: 'data management', 2: 'auxiliary data', 4: 'replication' } }],
  securityId: [64, 'u32', 'Key of its security descriptor'],
  fileAttributes: [68, 'u32', 'File attributes'],
  nameBytes: [72, 'u16', 'Bytes of the name'],
  nameOffset: [74, 'u16', 'Offset of the name'],
} as const;
/** Record with file ids of 128 bits: Windows 8 and later. */
export const USN_RECORD_V3: Structure<typeof USN_RECORD_V3_FIELDS> = structure(
  'usn-record-v3',
  SOURCE,
  USN_RECORD_V3_FIELDS,
);

export const USN_RECORD_V4_FIELDS = {
  length: [0, 'u32', 'Bytes of the record, a multiple of 8'],
  majorVersion: [4, 'u16', '4'],
  minorVersion: [6, 'u16', '0'],
  file: [8, 'bytes[16]', 'File id of 128 bits'],
  parent: [24, 'bytes[16]', 'The same of its folder'],
  usn: [40, 'u64big', 'Update sequence number'],
  reason: [48, 'u32', 'What changed, as bits'],
  source: [52, 'u32', 'Who changed it'],
  remainingRanges: [56, 'u32', 'Ranges of the same change in other records'],
  rangeCount: [60, 'u16', 'Ranges of changed bytes that follow'],
  rangeBytes: [62, 'u16', 'Bytes of one: offset and length, of 8 bytes each'],
} as const;
/** Record of changed ranges: Windows 8.1 and later, when range tracking is on. */
export const USN_RECORD_V4: Structure<typeof USN_RECORD_V4_FIELDS> = structure(
  'usn-record-v4',
  SOURCE,
  USN_RECORD_V4_FIELDS,
);

export const USN_MAX_FIELDS = {
  maximumSize: [0, 'u64big', 'Bytes that the journal may grow to'],
  allocationDelta: [8, 'u64big', 'Bytes that the journal grows by'],
  journalId: [16, 'u64big', 'Identifies the journal; also the FILETIME of its creation'],
  lowestValidUsn: [24, 'u64big', 'Records below are gone'],
} as const;
/** The stream `$Max` of the journal. */
export const USN_MAX: Structure<typeof USN_MAX_FIELDS> = structure('usn-max', 'ntfs-3g, layout.h', USN_MAX_FIELDS);

/** A range of changed bytes, in version 4 records. */
export interface UsnRange {
  /** Byte offset in the file. */
  readonly offset: bigint;
  /** Length in bytes. */
  readonly length: bigint;
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
const SMALLEST: Readonly<Record<number, number>> = {
  2: USN_RECORD_V2.size,
  3: USN_RECORD_V3.size,
  4: USN_RECORD_V4.size,
};
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

/**
 * The names of the set bits, as Windows headers have them without `USN_REASON_`; unknown bits as one hexadecimal
 * number.
 */
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
 * Parses the record at `at` of `bytes`, of version 2, 3 or 4.
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
  // Journals hold hundreds of thousands of records: read at the offsets of their tables.
  const { fields } = version === 3 ? USN_RECORD_V3 : USN_RECORD_V2;
  const nameBytes = cursor.u16(fields.nameBytes.offset);
  const nameOffset = cursor.u16(fields.nameOffset.offset);
  if (nameOffset < smallest || nameBytes % 2 !== 0 || nameOffset + nameBytes > length) return undefined;
  return {
    offset,
    usn: cursor.u64(fields.usn.offset),
    majorVersion: version === 3 ? 3 : 2,
    file: fileReferenceAt(cursor, fields.file.offset),
    parent: fileReferenceAt(cursor, fields.parent.offset),
    reason: cursor.u32(fields.reason.offset),
    source: cursor.u32(fields.source.offset),
    time: cursor.u64(fields.time.offset),
    securityId: cursor.u32(fields.securityId.offset),
    fileAttributes: cursor.u32(fields.fileAttributes.offset),
    name: cursor.utf16(nameOffset, nameBytes >> 1),
  };
}

function rangeRecord(cursor: Cursor, offset: number): UsnRecord | undefined {
  const { size, fields } = USN_RECORD_V4;
  const { usn, reason, source, remainingRanges, rangeCount, rangeBytes } = USN_RECORD_V4.read(cursor);
  if (rangeCount > 0 && (rangeBytes < 16 || size + rangeCount * rangeBytes > cursor.length)) return undefined;
  return {
    offset,
    usn,
    majorVersion: 4,
    file: fileReferenceAt(cursor, fields.file.offset),
    parent: fileReferenceAt(cursor, fields.parent.offset),
    reason,
    source,
    ranges: Array.from({ length: rangeCount }, (_, i) => ({
      offset: cursor.u64(size + i * rangeBytes),
      length: cursor.u64(size + i * rangeBytes + 8),
    })),
    remainingRanges,
  };
}

/**
 * Parses the stream `$Max` of the journal.
 * @throws DeadboxError `CURSOR_OUT_OF_RANGE`
 */
export function parseUsnJournalInformation(bytes: Bytes): UsnJournalInformation {
  return USN_MAX.read(bytes);
}
