import { type Bytes, Cursor, hasAscii, type Structure, structure } from '@deadbox/core';
import { MAX_LOG_ENTRY_BYTES } from '../../limits.js';
import { plausibleBinsSize, REGF } from '../base-block.js';
import { marvin32 } from './marvin32.js';

export const LOG_ENTRY_FIELDS = {
  signature: [0x00, 'ascii[4]', 'HvLE'],
  size: [0x04, 'u32', 'Bytes of the entry, a multiple of 512'],
  flags: [0x08, 'u32', "Becomes bit 0 of the base block's flags"],
  sequence: [0x0c, 'u32', 'Sequence number of the hive once the entry is applied'],
  binsSize: [0x10, 'u32', 'Bytes of hive bins once the entry is applied'],
  pageCount: [0x14, 'u32', 'Number of pages'],
  dataHashLow: [0x18, 'u32', 'Marvin32 of everything behind this header, low half'],
  dataHashHigh: [0x1c, 'u32', 'High half'],
  headerHashLow: [0x20, 'u32', 'Marvin32 of the 32 bytes before it, low half'],
  headerHashHigh: [0x24, 'u32', 'High half'],
} as const;
/** An entry of a log of the new format; page references (offset, size) follow, then the pages. */
export const LOG_ENTRY: Structure<typeof LOG_ENTRY_FIELDS> = structure('hive-log-entry', REGF, LOG_ENTRY_FIELDS);

/** Bytes of an entry's fixed part; page references follow. */
export const LOG_ENTRY_HEADER_BYTES: number = LOG_ENTRY.size;
/** Entries start at the second sector of a log and are whole sectors long. */
export const LOG_ENTRY_ALIGNMENT = 512;

/** One page of a hive that a log entry carries. */
export interface LogPage {
  /** Where it goes, relative to the hive bins. */
  readonly offset: number;
  /** The page as it was to be written. */
  readonly bytes: Bytes;
}

/** An entry of a new-format log (Windows 8.1 and later). */
export interface LogEntry {
  /** Byte offset in the log. */
  readonly offset: number;
  /** Bytes of the entry. */
  readonly size: number;
  /** Sequence number of the hive once the entry is applied. */
  readonly sequence: number;
  /** Bit 0 is bit 0 of the base block's flags. */
  readonly flags: number;
  /** Bytes of hive bins once the entry is applied. */
  readonly binsSize: number;
  readonly pages: readonly LogPage[];
}

/** Why a log ends where it ends. `end`: no further entry there, the normal case. */
export type LogEntryFault = 'end' | 'size' | 'header-hash' | 'data-hash' | 'bins-size' | 'pages';

/**
 * The size of the entry whose first 40 bytes are given, so that the caller can read it whole.
 * @param room - bytes from the entry to the end of the log
 */
export function logEntrySize(header: Bytes, room: number): number | LogEntryFault {
  if (!hasAscii(header, 0, 'HvLE')) return 'end';
  const size = LOG_ENTRY.fields.size.read(new Cursor(header, 'registry log entry'));
  if (size < LOG_ENTRY_ALIGNMENT || size % LOG_ENTRY_ALIGNMENT !== 0 || size > room || size > MAX_LOG_ENTRY_BYTES)
    return 'size';
  return size;
}

/**
 * Parses one whole entry and checks both hashes.
 * @param offset - byte offset of the entry in its log, for the result
 */
export function parseLogEntry(bytes: Bytes, offset: number): LogEntry | LogEntryFault {
  const cursor = new Cursor(bytes, 'registry log', offset);
  const entry = LOG_ENTRY.read(cursor);
  const headerHash = marvin32(cursor.slice(0, LOG_ENTRY.fields.headerHashLow.offset));
  if (entry.headerHashLow !== headerHash.low || entry.headerHashHigh !== headerHash.high) return 'header-hash';
  const dataHash = marvin32(cursor.slice(LOG_ENTRY_HEADER_BYTES, bytes.length - LOG_ENTRY_HEADER_BYTES));
  if (entry.dataHashLow !== dataHash.low || entry.dataHashHigh !== dataHash.high) return 'data-hash';
  const { binsSize, pageCount: count, sequence, flags } = entry;
  if (!plausibleBinsSize(binsSize)) return 'bins-size';
  let at = LOG_ENTRY_HEADER_BYTES + count * 8;
  if (at > bytes.length) return 'pages';
  const pages: LogPage[] = [];
  for (let i = 0; i < count; i += 1) {
    const pageOffset = cursor.u32(LOG_ENTRY_HEADER_BYTES + i * 8);
    const size = cursor.u32(LOG_ENTRY_HEADER_BYTES + i * 8 + 4);
    if (size === 0 || (size | pageOffset) % 512 !== 0 || at + size > bytes.length || pageOffset + size > binsSize)
      return 'pages';
    pages.push({ offset: pageOffset, bytes: cursor.slice(at, size) });
    at += size;
  }
  return { offset, size: bytes.length, sequence, flags, binsSize, pages };
}
