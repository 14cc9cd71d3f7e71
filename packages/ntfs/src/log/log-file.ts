import { type ByteSource, type Bytes, extentsOf, hasAscii, type ReadOptions, readInto } from '@deadbox/core';
import { MAX_LOG_FILE_SIZE } from '../limits.js';
import { applyFixups, FIXUP_OK } from '../record/fixup.js';
import { LOG_RECORD_PAGE, type LogFileRecord } from './log-file-record.js';
import { LOG_RECORD_HEADER } from './log-record-header.js';
import {
  invalidLog,
  judgeLog,
  LOG_PAGE,
  type LogRestartArea,
  type LogState,
  parseLogRestartArea,
  parseLogRestartPage,
} from './log-restart-page.js';

const READ_BYTES = 1 << 20;
/** How often all bytes of a log may be data of records: it is walked twice, and looked at place by place once. */
const CLAIMS = 8;
const PAGE_HEAD = LOG_RECORD_PAGE.fields;
const RECORD = LOG_RECORD_HEADER.fields;

/** What is known of a page. */
const UNKNOWN = 0;
const WHOLE = 1;
const BROKEN = 2;

/**
 * `$LogFile` as a sequence of records. Layout: two restart pages; version 1.1: two pages with copies of the tail,
 * versions 2.0 and 3.0: 32 "fast pages" that are newer than their home pages; then the circular area of `RCRD` pages
 * (dfir_ntfs LogFile.py, ntfs3 fslog.c). The whole log is held in memory, fast pages and tail copies in their places.
 */
export class LogFile {
  /** What the restart pages say. */
  readonly state: LogState;
  /** The restart area of the newer page. */
  readonly area: LogRestartArea;
  /** The newest record that a page or the restart area names: where a complete walk arrives. */
  readonly lastLsn: bigint;
  /** Pages of the circular area that are torn or foreign although pages were written there. */
  readonly damagedPages: number;
  readonly #bytes: Bytes;
  readonly #view: DataView<ArrayBuffer>;
  readonly #pageSize: number;
  readonly #firstPage: number;
  readonly #pages: number;
  readonly #states: Uint8Array;
  readonly #placeBits: bigint;
  /** Bytes of data that records may still claim: those of a true log do not overlap. */
  #claims: number;

  private constructor(bytes: Bytes, state: LogState, area: LogRestartArea, pageSize: number, major: number) {
    this.state = state;
    this.area = area;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#pageSize = pageSize;
    this.#pages = Math.floor(bytes.length / pageSize);
    this.#firstPage = major >= 2 ? 34 : 4;
    this.#states = new Uint8Array(this.#pages);
    this.#placeBits = BigInt(64 - area.sequenceBits);
    this.#claims = CLAIMS * bytes.length;
    if (major >= 2) this.#applyFastPages();
    else this.#applyTailCopies();
    let last = 0n;
    let damaged = 0;
    for (let page = this.#firstPage; page < this.#pages; page += 1) {
      if (this.#whole(page)) {
        const end = this.#view.getBigUint64(page * pageSize + PAGE_HEAD.lastEndLsn.offset, true);
        if (end > last && this.#lsnPage(end) <= page) last = end;
      } else if (!this.#unused(page)) damaged += 1;
    }
    this.lastLsn = last > area.currentLsn ? last : area.currentLsn;
    this.damagedPages = damaged;
  }

  /**
   * Reads the log.
   * @param source - the content of `$LogFile`
   * @throws DeadboxError `NTFS_LOG_INVALID` when there is no valid restart page, the version is unknown, its numbers
   * cannot be, or the log
   *   is larger than 256 MiB
   */
  static async open(source: ByteSource, options?: ReadOptions): Promise<LogFile> {
    if (source.size > MAX_LOG_FILE_SIZE)
      throw invalidLog(0, `has ${source.size} bytes, more than ${MAX_LOG_FILE_SIZE} are not read`);
    // What is not read stays zero and takes no memory: a log may be a hole of any size.
    const bytes = new Uint8Array(source.size);
    for (const [from, to] of await storedRanges(source, options)) {
      for (let at = from; at < to; at += READ_BYTES) {
        options?.signal?.throwIfAborted();
        await readInto(source, at, bytes.subarray(at, Math.min(at + READ_BYTES, to)), options);
      }
    }
    return LogFile.#over(bytes);
  }

  /** As {@link open}, over the bytes of the whole log. */
  static parse(bytes: Bytes): LogFile {
    return LogFile.#over(new Uint8Array(bytes));
  }

  /** @param bytes - changed in place: fixups are undone, newer pages put in their places */
  static #over(bytes: Bytes): LogFile {
    const state = judgeLog([bytes.subarray(0, LOG_PAGE), bytes.subarray(LOG_PAGE, 2 * LOG_PAGE)]);
    const { page } = state;
    if (page === undefined) throw invalidLog(0, state.log === 'clean' ? 'was never used' : 'has no valid restart page');
    const version = `${page.majorVersion}.${page.minorVersion}`;
    if (version !== '1.1' && version !== '2.0' && version !== '3.0')
      throw invalidLog(0x1a, `has version ${version}, expected 1.1, 2.0 or 3.0`);
    const { logPageSize } = page;
    if (logPageSize < 1024 || logPageSize > 65_536 || logPageSize % 512 !== 0 || page.systemPageSize !== LOG_PAGE) {
      throw invalidLog(0x10, `has pages of ${page.systemPageSize} and ${logPageSize} bytes`);
    }
    const first = parseLogRestartPage(bytes.subarray(0, LOG_PAGE));
    const at =
      first !== undefined && first.currentLsn === page.currentLsn && first.chkdskLsn === page.chkdskLsn ? 0 : LOG_PAGE;
    return new LogFile(
      bytes,
      state,
      parseLogRestartArea(bytes.subarray(at, at + LOG_PAGE), at, logPageSize),
      logPageSize,
      page.majorVersion,
    );
  }

  /** The record with this LSN, or `undefined` when it is not (any more) in a readable part of the log. */
  record(lsn: bigint): LogFileRecord | undefined {
    const { recordHead, pageDataOffset } = this.area;
    const offset = this.#offset(lsn);
    const page = Math.floor(offset / this.#pageSize);
    const inPage = offset % this.#pageSize;
    if (
      page < this.#firstPage ||
      page >= this.#pages ||
      inPage < pageDataOffset ||
      inPage + recordHead > this.#pageSize
    )
      return undefined;
    if (!this.#whole(page)) return undefined;
    // Hundreds of thousands of records: their heads are read in place, without a cursor for each.
    const view = this.#view;
    if (view.getBigUint64(offset, true) !== lsn) return undefined;
    const length = view.getUint32(offset + RECORD.dataLength.offset, true);
    if (length > this.#claims) return undefined;
    const data = this.#gather(page, inPage + recordHead, length, lsn);
    this.#claims -= data === undefined ? 0 : recordHead + length;
    if (data === undefined) return undefined;
    const type = view.getUint32(offset + RECORD.type.offset, true);
    return {
      lsn,
      previousLsn: view.getBigUint64(offset + RECORD.previousLsn.offset, true),
      undoNextLsn: view.getBigUint64(offset + RECORD.undoNextLsn.offset, true),
      type: type === 1 ? 'update' : type === 2 ? 'checkpoint' : 'unknown',
      transaction: view.getUint32(offset + RECORD.transaction.offset, true),
      offset,
      data,
    };
  }

  /** The record after `record`, or `undefined` at the log's end and before damage: compare with {@link lastLsn}. */
  next(record: LogFileRecord): LogFileRecord | undefined {
    const { recordHead, pageDataOffset } = this.area;
    const payload = this.#pageSize - pageDataOffset;
    let page = Math.floor(record.offset / this.#pageSize);
    let inPage = (record.offset % this.#pageSize) + recordHead + Math.ceil(record.data.length / 8) * 8;
    let sequence = record.lsn >> this.#placeBits;
    const turn = (): void => {
      page += 1;
      if (page < this.#pages) return;
      page = this.#firstPage;
      sequence += 1n;
    };
    while (inPage > this.#pageSize) {
      inPage -= payload;
      turn();
    }
    if (inPage + recordHead <= this.#pageSize) {
      const here = this.record(this.#lsn(page, inPage, sequence));
      if (here !== undefined) return here;
    }
    turn();
    return this.record(this.#lsn(page, pageDataOffset, sequence));
  }

  /** All records from `from` on, in order, as far as they can be walked. */
  *records(from: bigint): Generator<LogFileRecord> {
    // LSNs only rise, forged ones too: the next place is higher, or the sequence number is. No walk goes round for
    // ever.
    for (let record = this.record(from); record !== undefined; record = this.next(record)) yield record;
  }

  /** Every record that is found by looking at each place of each readable page, in order of LSN: for damaged logs. */
  *scan(): Generator<LogFileRecord> {
    const found: bigint[] = [];
    for (let page = this.#firstPage; page < this.#pages; page += 1) if (this.#whole(page)) this.#scanPage(page, found);
    found.sort((left, right) => (left < right ? -1 : 1));
    for (const lsn of found) {
      const record = this.record(lsn);
      if (record !== undefined && record.type !== 'unknown') yield record;
    }
  }

  /** Adds the LSNs of a page's records. An LSN names its own place: a chance hit is one in 2^(64 - sequence bits). */
  #scanPage(page: number, found: bigint[]): void {
    const { recordHead, pageDataOffset } = this.area;
    const placeMask = (1n << this.#placeBits) - 1n;
    const lastRound = this.lastLsn >> this.#placeBits;
    for (let inPage = pageDataOffset; inPage + recordHead <= this.#pageSize; inPage += 8) {
      const offset = page * this.#pageSize + inPage;
      if (this.#view.getUint16(offset, true) !== ((offset / 8) & 0xffff)) continue;
      const lsn = this.#view.getBigUint64(offset, true);
      if ((lsn & placeMask) === BigInt(offset / 8) && lsn >> this.#placeBits <= lastRound) found.push(lsn);
    }
  }

  /** `length` bytes of data that begin at `inPage` of `page` and go on in the pages behind it. */
  #gather(page: number, inPage: number, length: number, lsn: bigint): Bytes | undefined {
    const { pageDataOffset } = this.area;
    if (length > (this.#pages - this.#firstPage) * (this.#pageSize - pageDataOffset)) return undefined;
    const start = page * this.#pageSize + inPage;
    if (inPage + length <= this.#pageSize) return this.#bytes.subarray(start, start + length);
    const data = new Uint8Array(length);
    let done = this.#pageSize - inPage;
    data.set(this.#bytes.subarray(start, start + done));
    for (let next = page; done < length; ) {
      next = next + 1 < this.#pages ? next + 1 : this.#firstPage;
      if (next === page || !this.#whole(next)) return undefined;
      const at = next * this.#pageSize;
      if (this.#olderThan(at, lsn)) return undefined;
      const part = Math.min(length - done, this.#pageSize - pageDataOffset);
      data.set(this.#bytes.subarray(at + pageDataOffset, at + pageDataOffset + part), done);
      done += part;
    }
    return data;
  }

  /**
   * Whether the page at `at` was last written before record `lsn` began, so that it cannot hold its rest. Windows
   * leaves 0 in some.
   */
  #olderThan(at: number, lsn: bigint): boolean {
    const last = this.#view.getBigUint64(at + PAGE_HEAD.lastLsn.offset, true);
    const end = this.#view.getBigUint64(at + PAGE_HEAD.lastEndLsn.offset, true);
    return last < lsn && end < lsn && (last !== 0n || end !== 0n);
  }

  /** Whether the page is an `RCRD` page with good fixups; they are applied once. */
  #whole(page: number): boolean {
    const known = this.#states[page];
    if (known !== UNKNOWN) return known === WHOLE;
    const at = page * this.#pageSize;
    const whole = hasAscii(this.#bytes, at, 'RCRD') && applyFixups(this.#bytes, at, this.#pageSize) === FIXUP_OK;
    this.#states[page] = whole ? WHOLE : BROKEN;
    return whole;
  }

  /** FF: never written since the log was made. */
  #unused(page: number): boolean {
    return this.#view.getUint32(page * this.#pageSize, true) === 0xffff_ffff;
  }

  /** Versions 2.x: pages 2-33 are newer than their home pages when their LSN is above all in the circular area. */
  #applyFastPages(): void {
    let highest = 0n;
    for (let page = this.#firstPage; page < this.#pages; page += 1) {
      if (!this.#whole(page)) continue;
      const lsn = this.#view.getBigUint64(page * this.#pageSize + PAGE_HEAD.lastLsn.offset, true);
      if (lsn > highest) highest = lsn;
    }
    const newer: { lsn: bigint; page: number }[] = [];
    for (let page = 2; page < Math.min(this.#firstPage, this.#pages); page += 1) {
      if (!this.#whole(page)) continue;
      const lsn = this.#view.getBigUint64(page * this.#pageSize + PAGE_HEAD.lastLsn.offset, true);
      if (lsn > highest) newer.push({ lsn, page });
    }
    newer.sort((left, right) => (left.lsn < right.lsn ? -1 : 1));
    for (const { page } of newer)
      this.#moveHome(page, this.#view.getUint32(page * this.#pageSize + PAGE_HEAD.homeOffset.offset, true));
  }

  /**
   * Version 1.1: pages 2 and 3 are copies of the newest page, which may be torn where it belongs; they carry its
   * offset.
   */
  #applyTailCopies(): void {
    for (let page = 2; page < Math.min(4, this.#pages); page += 1) {
      if (!this.#whole(page)) continue;
      const at = page * this.#pageSize;
      const home = this.#view.getUint32(at + 0x08, true) + this.#view.getUint32(at + 0x0c, true) * 0x1_0000_0000;
      const homePage = home / this.#pageSize;
      if (!Number.isInteger(homePage) || homePage < this.#firstPage || homePage >= this.#pages) continue;
      const end = this.#view.getBigUint64(at + PAGE_HEAD.lastEndLsn.offset, true);
      if (!this.#whole(homePage) || this.#view.getBigUint64(home + PAGE_HEAD.lastEndLsn.offset, true) < end)
        this.#moveHome(page, home);
    }
  }

  #moveHome(page: number, home: number): void {
    const homePage = home / this.#pageSize;
    if (!Number.isInteger(homePage) || homePage < this.#firstPage || homePage >= this.#pages) return;
    const at = page * this.#pageSize;
    this.#bytes.copyWithin(home, at, at + this.#pageSize);
    this.#states[homePage] = WHOLE;
  }

  /** Byte offset in the log of the record with this LSN. */
  #offset(lsn: bigint): number {
    return Number(lsn & ((1n << this.#placeBits) - 1n)) * 8;
  }

  #lsnPage(lsn: bigint): number {
    return Math.floor(this.#offset(lsn) / this.#pageSize);
  }

  #lsn(page: number, inPage: number, sequence: bigint): bigint {
    return (sequence << this.#placeBits) | BigInt((page * this.#pageSize + inPage) / 8);
  }
}

/**
 * Parts of the log that are no holes, as `[from, to)`.
 * @throws DeadboxError `NTFS_LOG_INVALID` when the same bytes of the volume stand at many places of it, as no log has
 * them
 */
async function storedRanges(source: ByteSource, options?: ReadOptions): Promise<[number, number][]> {
  const ranges: [number, number][] = [];
  const origins: [number, number][] = [];
  for await (const batch of extentsOf(source, 0, source.size, options)) {
    for (const { offset, length, kind, origin } of batch) {
      if (kind === 'zero') continue;
      ranges.push([offset, offset + length]);
      if (origin !== undefined) origins.push([origin.offset, origin.offset + length]);
    }
  }
  origins.sort((left, right) => left[0] - right[0]);
  let mapped = 0;
  let distinct = 0;
  let end = 0;
  for (const [from, to] of origins) {
    mapped += to - from;
    distinct += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  if (mapped > 2 * distinct + READ_BYTES) throw invalidLog(0, `shows ${distinct} bytes of the volume as ${mapped}`);
  return ranges;
}
