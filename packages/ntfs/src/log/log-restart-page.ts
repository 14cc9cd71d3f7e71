import { asciiText, type Bytes, Cursor, isFilledWith, type Structure, structure } from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { applyFixups, FIXUP_OK } from '../record/fixup.js';
import { LOG_RECORD_HEADER } from './log-record-header.js';

export const LOG_RESTART_PAGE_FIELDS = {
  signature: [0x00, 'ascii[4]', 'RSTR, or CHKD when chkdsk wrote the page last'],
  fixupOffset: [0x04, 'u16', 'Offset of the update sequence array'],
  fixupCount: [0x06, 'u16', 'Words of the update sequence array'],
  chkdskLsn: [0x08, 'u64big', 'LSN that chkdsk left'],
  systemPageSize: [0x10, 'u32', 'Bytes of a restart page'],
  logPageSize: [0x14, 'u32', 'Bytes of a log page'],
  areaOffset: [0x18, 'u16', 'Offset of the restart area'],
  minorVersion: [0x1a, 'u16', 'Minor version of the log'],
  majorVersion: [0x1c, 'u16', 'Major version of the log'],
} as const;
/** Each of the two pages at the start of `$LogFile`. */
export const LOG_RESTART_PAGE: Structure<typeof LOG_RESTART_PAGE_FIELDS> = structure(
  'log-restart-page',
  'ntfs-3g, logfile.h; dfir_ntfs',
  LOG_RESTART_PAGE_FIELDS,
);

export const LOG_RESTART_AREA_FIELDS = {
  currentLsn: [0x00, 'u64big', 'LSN that was current when the page was written'],
  clients: [0x08, 'u16', 'Number of clients'],
  clientFree: [0x0a, 'u16', 'First free client record'],
  clientInUse: [0x0c, 'u16', 'First client record in use; 0xFFFF = none'],
  flags: [0x0e, 'u16', 'State', { flags: { 0x1: 'single page io', 0x2: 'clean' } }],
  sequenceBits: [0x10, 'u32', 'Bits of an LSN that count how often the log went round'],
  areaLength: [0x14, 'u16', 'Bytes of this area with its client records'],
  clientsOffset: [0x16, 'u16', 'Offset of the client records, from this area on'],
  fileSize: [0x18, 'u64big', 'Bytes of the log'],
  lastRecordLength: [0x20, 'u32', 'Bytes of data of the last record'],
  recordHead: [0x24, 'u16', "Bytes of a record's head"],
  pageDataOffset: [0x26, 'u16', 'Offset of the data in a log page'],
} as const;
/** At `areaOffset` of a restart page. */
export const LOG_RESTART_AREA: Structure<typeof LOG_RESTART_AREA_FIELDS> = structure(
  'log-restart-area',
  'ntfs-3g, logfile.h; dfir_ntfs',
  LOG_RESTART_AREA_FIELDS,
);

export const LOG_CLIENT_FIELDS = {
  oldestLsn: [0x00, 'u64big', 'Oldest record that the client may need'],
  checkpointLsn: [0x08, 'u64big', 'Its newest checkpoint'],
} as const;
/** The start of a client record, of 160 bytes. */
export const LOG_CLIENT: Structure<typeof LOG_CLIENT_FIELDS> = structure(
  'log-client',
  'ntfs-3g, logfile.h',
  LOG_CLIENT_FIELDS,
);

/** One of the two restart pages at the start of `$LogFile`. */
export interface LogRestartPage {
  /** `CHKD`: chkdsk wrote it last. */
  readonly signature: 'RSTR' | 'CHKD';
  /** Major version of the log. */
  readonly majorVersion: number;
  /** Minor version of the log. */
  readonly minorVersion: number;
  /** Bytes of a restart page. */
  readonly systemPageSize: number;
  /** Bytes of a log page. */
  readonly logPageSize: number;
  /** Decides which page is newer; of `CHKD` pages the chkdsk LSN does. */
  readonly currentLsn: bigint;
  /** LSN that chkdsk left; only in `CHKD` pages. */
  readonly chkdskLsn: bigint;
  /** 0xFFFF: the log has no open client. */
  readonly clientInUse: number;
  /** Bit 0x2: clean. */
  readonly flags: number;
}

/** What the restart area of the newer restart page says, beyond its state. */
export interface LogRestartArea {
  /** The LSN that was current when the page was written. */
  readonly currentLsn: bigint;
  /** Bits of an LSN that count how often the log went round; the others are a place in the log. */
  readonly sequenceBits: number;
  /** Bytes of a record's head. */
  readonly recordHead: number;
  /** Where data begins in a log page. */
  readonly pageDataOffset: number;
  /** The oldest record that NTFS may need for a replay; 0 without a client. */
  readonly oldestLsn: bigint;
  /** The newest checkpoint; 0 without a client. */
  readonly checkpointLsn: bigint;
}

const LAYER = '$LogFile';

/** Values of `LogState.log`. */
export type LogCondition = 'clean' | 'dirty' | 'unreadable';

/** What the restart pages say about the log. */
export interface LogState {
  /** `dirty`: Windows will replay it at the next mount. */
  readonly log: LogCondition;
  /** `1.1`, `2.0`…; absent when the log was never used or is unreadable. */
  readonly logVersion?: string;
  /** The newer valid restart page. */
  readonly page?: LogRestartPage;
}

/** Length of the multi-sector part that is checked: a whole page. */
export const LOG_PAGE = 4096;
const CLIENT_BYTES = 160;
const NO_CLIENT = 0xffff;
const CLEAN = 0x2;

/**
 * Parses a restart page.
 * @param bytes - at least 4096 bytes
 * @returns `undefined` when it is none, or torn
 */
export function parseLogRestartPage(bytes: Bytes): LogRestartPage | undefined {
  const signature = asciiText(bytes, 0, 4);
  if ((signature !== 'RSTR' && signature !== 'CHKD') || bytes.length < LOG_PAGE) return undefined;
  const { systemPageSize: stated } = LOG_RESTART_PAGE.read(bytes);
  const size = stated >= 512 && stated <= bytes.length && stated % 512 === 0 ? stated : LOG_PAGE;
  const page = new Uint8Array(bytes.subarray(0, size));
  if (applyFixups(page, 0, size) !== FIXUP_OK) return undefined;
  const { areaOffset, majorVersion, minorVersion, systemPageSize, logPageSize, chkdskLsn } =
    LOG_RESTART_PAGE.read(page);
  if (areaOffset % 8 !== 0 || areaOffset < LOG_RESTART_PAGE.size || areaOffset + 0x30 > size) return undefined;
  const { currentLsn, clientInUse, flags } = LOG_RESTART_AREA.read(page, areaOffset);
  return {
    signature,
    majorVersion,
    minorVersion,
    systemPageSize,
    logPageSize,
    currentLsn,
    chkdskLsn,
    clientInUse,
    flags,
  };
}

/**
 * Parses the restart area of a valid restart page.
 * @param at - byte offset of the page in the log
 * @throws DeadboxError `NTFS_LOG_INVALID` when its numbers cannot be
 */
export function parseLogRestartArea(bytes: Bytes, at: number, logPageSize: number): LogRestartArea {
  const page = new Uint8Array(bytes);
  applyFixups(page, 0, page.length);
  const cursor = new Cursor(page, LAYER, at);
  const area = LOG_RESTART_PAGE.fields.areaOffset.read(cursor);
  const { currentLsn, sequenceBits, recordHead, pageDataOffset, clientInUse, clientsOffset } = LOG_RESTART_AREA.read(
    cursor,
    area,
  );
  const { fields } = LOG_RESTART_AREA;
  if (sequenceBits < 16 || sequenceBits > 60)
    throw invalidLog(at + area + fields.sequenceBits.offset, `claims ${sequenceBits} sequence number bits`);
  if (recordHead < LOG_RECORD_HEADER.size || recordHead > 512 || recordHead % 8 !== 0)
    throw invalidLog(at + area + fields.recordHead.offset, `claims record heads of ${recordHead} bytes`);
  if (pageDataOffset < 0x28 || pageDataOffset % 8 !== 0 || pageDataOffset + recordHead > logPageSize) {
    const place = at + area + fields.pageDataOffset.offset;
    throw invalidLog(place, `claims that page data begins at ${pageDataOffset}`);
  }
  const record = area + clientsOffset + clientInUse * CLIENT_BYTES;
  const hasClient = clientInUse !== NO_CLIENT && record + LOG_CLIENT.size <= page.length;
  const client = hasClient ? LOG_CLIENT.read(cursor, record) : { oldestLsn: 0n, checkpointLsn: 0n };
  return { currentLsn, sequenceBits, recordHead, pageDataOffset, ...client };
}

/** The error of a log that cannot be read. */
export function invalidLog(offset: number, what: string): Error {
  return ntfsError('NTFS_LOG_INVALID', `$LogFile ${what} (byte ${offset})`, { layer: LAYER, offset });
}

/**
 * Clean or dirty, from the two restart pages alone: pages of FF only are an empty log; `CHKD`, no open client, or the
 * clean flag mean clean.
 * @param pages - the bytes at 0 and at the system page size of `$LogFile`
 */
export function judgeLog(pages: readonly Bytes[]): LogState {
  if (pages.length > 0 && pages.every(isErased)) return { log: 'clean' };
  let newest: LogRestartPage | undefined;
  for (const bytes of pages) {
    const page = parseLogRestartPage(bytes);
    if (page !== undefined && (newest === undefined || lsnOf(page) > lsnOf(newest))) newest = page;
  }
  if (newest === undefined) return { log: 'unreadable' };
  const clean = newest.signature === 'CHKD' || newest.clientInUse === NO_CLIENT || (newest.flags & CLEAN) !== 0;
  return { log: clean ? 'clean' : 'dirty', logVersion: `${newest.majorVersion}.${newest.minorVersion}`, page: newest };
}

/** Whether every byte is FF, as in a log that nobody has used. */
function isErased(page: Bytes): boolean {
  return isFilledWith(page, 0xff);
}

function lsnOf(page: LogRestartPage): bigint {
  return page.signature === 'CHKD' && page.chkdskLsn > page.currentLsn ? page.chkdskLsn : page.currentLsn;
}
