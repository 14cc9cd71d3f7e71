import { asciiText, type Bytes, Cursor } from '@deadbox/core';
import { applyFixups, FIXUP_OK } from '../record/fixup.js';

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
const PAGE = 4096;

/**
 * Parses a restart page. Sources: ntfs-3g logfile.h, dfir_ntfs.
 *
 * | off | size | meaning |
 * |---|---|---|
 * | 0x00 | 4 | `RSTR` or `CHKD` |
 * | 0x08 | u64 | chkdsk LSN |
 * | 0x10 / 0x14 | u32 | system / log page size |
 * | 0x18 | u16 | offset of the restart area |
 * | 0x1A / 0x1C | i16 | minor / major version |
 * | area 0x00 | u64 | current LSN |
 * | area 0x0C / 0x0E | u16 | client in-use list / flags |
 *
 * @param bytes - at least 4096 bytes; not changed
 * @returns `undefined` when it is none, or torn
 */
export function parseLogRestartPage(bytes: Bytes): LogRestartPage | undefined {
  const signature = asciiText(bytes, 0, 4);
  if ((signature !== 'RSTR' && signature !== 'CHKD') || bytes.length < PAGE) return undefined;
  const pageSize = new Cursor(bytes).u32(0x10);
  const size = pageSize >= 512 && pageSize <= bytes.length && pageSize % 512 === 0 ? pageSize : PAGE;
  const page = new Cursor(bytes.slice(0, size), '$LogFile');
  if (applyFixups(page.bytes, 0, size) !== FIXUP_OK) return undefined;
  const area = page.u16(0x18);
  if (area % 8 !== 0 || area < 0x1e || area + 0x30 > size) return undefined;
  return {
    signature,
    majorVersion: page.u16(0x1c),
    minorVersion: page.u16(0x1a),
    systemPageSize: pageSize,
    logPageSize: page.u32(0x14),
    currentLsn: page.u64(area),
    chkdskLsn: page.u64(0x08),
    clientInUse: page.u16(area + 0x0c),
    flags: page.u16(area + 0x0e),
  };
}

/**
 * Clean or dirty, from the two restart pages alone: pages of FF only are an empty log; `CHKD`, no open client, or the clean flag mean clean.
 * @param pages - the bytes at 0 and at the system page size of `$LogFile`
 */
export function judgeLog(pages: readonly Bytes[]): LogState {
  if (pages.length > 0 && pages.every((page) => page.every((value) => value === 0xff))) return { log: 'clean' };
  let newest: LogRestartPage | undefined;
  for (const bytes of pages) {
    const page = parseLogRestartPage(bytes);
    if (page !== undefined && (newest === undefined || lsnOf(page) > lsnOf(newest))) newest = page;
  }
  if (newest === undefined) return { log: 'unreadable' };
  const clean = newest.signature === 'CHKD' || newest.clientInUse === 0xffff || (newest.flags & 2) !== 0;
  return { log: clean ? 'clean' : 'dirty', logVersion: `${newest.majorVersion}.${newest.minorVersion}`, page: newest };
}

function lsnOf(page: LogRestartPage): bigint {
  return page.signature === 'CHKD' && page.chkdskLsn > page.currentLsn ? page.chkdskLsn : page.currentLsn;
}
