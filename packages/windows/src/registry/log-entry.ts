import { type Bytes, Cursor, hasAscii } from '@deadbox/core';
import { MAX_LOG_ENTRY_BYTES } from '../limits.js';
import { plausibleBinsSize } from './base-block.js';
import { marvin32 } from './marvin32.js';

/** Bytes of an entry's fixed part; page references follow. */
export const LOG_ENTRY_HEADER_BYTES = 40;
/** Entries start at the second sector of a log and are whole sectors long. */
export const LOG_ENTRY_ALIGNMENT = 512;

/** One page of a hive that a log entry carries. */
export interface LogPage {
  /** Where it goes, relative to the hive bins. */
  readonly offset: number;
  /** The page as it was to be written. */
  bytes: Bytes;
}

/** An entry of a new-format log (Windows 8.1 and later). Format: msuhanov/regf, "Log entries". */
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
  readonly pages: LogPage[];
}

/** Why a log ends where it ends. `end`: no further entry there, the normal case. */
export type LogEntryFault = 'end' | 'size' | 'header-hash' | 'data-hash' | 'bins-size' | 'pages';

/**
 * The size of the entry whose first 40 bytes are given, so that the caller can read it whole.
 * @param room - bytes from the entry to the end of the log
 */
export function logEntrySize(header: Bytes, room: number): number | LogEntryFault {
  if (!hasAscii(header, 0, 'HvLE')) return 'end';
  const size = new Cursor(header, 'registry log entry').u32(4);
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
  const headerHash = marvin32(cursor.slice(0, 32));
  if (cursor.u32(0x20) !== headerHash.low || cursor.u32(0x24) !== headerHash.high) return 'header-hash';
  const dataHash = marvin32(cursor.slice(LOG_ENTRY_HEADER_BYTES, bytes.length - LOG_ENTRY_HEADER_BYTES));
  if (cursor.u32(0x18) !== dataHash.low || cursor.u32(0x1c) !== dataHash.high) return 'data-hash';
  const binsSize = cursor.u32(0x10);
  if (!plausibleBinsSize(binsSize)) return 'bins-size';
  const count = cursor.u32(0x14);
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
  return { offset, size: bytes.length, sequence: cursor.u32(0x0c), flags: cursor.u32(0x08), binsSize, pages };
}
