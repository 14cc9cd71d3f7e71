import {
  type ByteSource,
  type Bytes,
  CachedSource,
  type IssueLog,
  isDamage,
  isZero,
  type ReadOptions,
} from '@deadbox/core';
import type { WindowsIssueCode } from '../../errors.js';
import { MAX_LOG_BYTES, MAX_LOG_ENTRIES } from '../../limits.js';
import { type BaseBlock, parseBaseBlock, plausibleBinsSize } from '../base-block.js';
import { type DirtyRun, dirtyVectorBytes, parseDirtyVector } from './dirty-vector.js';
import {
  LOG_ENTRY_ALIGNMENT,
  LOG_ENTRY_HEADER_BYTES,
  type LogEntry,
  type LogEntryFault,
  logEntrySize,
  parseLogEntry,
} from './log-entry.js';

/** A transaction log, read and checked. */
export interface HiveLog {
  /** What the log is called in issues: `LOG1` or `LOG2`. */
  readonly name: string;
  /** `empty`: no bytes or zeros, what a log is that was never used; `invalid`: its base block is damaged. */
  format: 'empty' | 'invalid' | 'old' | 'new';
  /** The log's copy of the base block's first sector; absent when empty or invalid. */
  baseBlock?: BaseBlock;
  /** The bytes of that copy. */
  baseBlockBytes?: Bytes;
  /** New format: the valid entries from the log's beginning on, with consecutive sequence numbers. */
  readonly entries: LogEntry[];
  /** New format: entries behind the {@link MAX_LOG_ENTRIES} first were not read. */
  isCut?: boolean;
  /** New format: why the run of entries ends. */
  endsWith?: LogEntryFault | 'sequence';
  /** Old format: the dirty pages. */
  runs: DirtyRun[];
  /** The log itself, for old-format pages. */
  readonly source: ByteSource;
}

/** Reads a log of either format. Damage becomes issues; a log never makes opening its hive fail. */
export async function readHiveLog(
  source: ByteSource,
  name: string,
  issues: IssueLog,
  options?: ReadOptions,
): Promise<HiveLog> {
  const cached = new CachedSource(source, { blockSize: 256 << 10, capacity: 8 << 20 });
  const log: HiveLog = { name, format: 'invalid', entries: [], runs: [], source: cached };
  try {
    await fillLog(log, cached, issues, options);
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    noteLog(issues, 'hive.log-unreadable', log, 0, { reason: error.message });
    if (log.entries.length === 0) log.format = 'invalid';
  }
  return log;
}

async function fillLog(log: HiveLog, source: ByteSource, issues: IssueLog, options?: ReadOptions): Promise<void> {
  const head = source.size < LOG_ENTRY_ALIGNMENT ? undefined : await source.read(0, LOG_ENTRY_ALIGNMENT, options);
  const baseBlock = head && parseBaseBlock(head);
  if (head === undefined || (baseBlock === undefined && isZero(head))) {
    log.format = 'empty';
    return;
  }
  if (baseBlock === undefined || !baseBlock.checksumValid || source.size > MAX_LOG_BYTES) {
    noteLog(issues, 'hive.log-base-block', log, 0, {
      signature: baseBlock !== undefined,
      checksum: baseBlock?.checksumValid ?? false,
      size: source.size,
    });
    return;
  }
  log.baseBlock = baseBlock;
  log.baseBlockBytes = head;
  if (baseBlock.fileType === 6) {
    log.format = 'new';
    await readEntries(log, source, issues, options);
  } else if (baseBlock.fileType === 1 || baseBlock.fileType === 2) {
    await readDirtyPages(log, baseBlock, source, issues, options);
  } else {
    noteLog(issues, 'hive.log-base-block', log, 0x1c, { fileType: baseBlock.fileType });
  }
}

/** Entries behind a break in the numbers are remnants of an older use of the file: Windows stops there too. */
async function readEntries(log: HiveLog, source: ByteSource, issues: IssueLog, options?: ReadOptions): Promise<void> {
  let at = LOG_ENTRY_ALIGNMENT;
  log.endsWith = 'end';
  while (at + LOG_ENTRY_HEADER_BYTES <= source.size) {
    if (log.entries.length >= MAX_LOG_ENTRIES) {
      log.isCut = true;
      noteLog(issues, 'hive.log-entry-damaged', log, at, { which: 'too-many', limit: MAX_LOG_ENTRIES });
      return;
    }
    const size = logEntrySize(await source.read(at, LOG_ENTRY_HEADER_BYTES, options), source.size - at);
    const entry = typeof size === 'string' ? size : parseLogEntry(await source.read(at, size, options), at);
    if (typeof entry === 'string') {
      log.endsWith = entry;
      if (entry === 'header-hash' || entry === 'data-hash')
        noteLog(issues, 'hive.log-entry-hash', log, at, { which: entry });
      else if (entry !== 'end') noteLog(issues, 'hive.log-entry-damaged', log, at, { which: entry });
      return;
    }
    const last = log.entries.at(-1);
    const expected = last === undefined ? log.baseBlock?.primarySequence : (last.sequence + 1) >>> 0;
    if (entry.sequence !== expected) {
      log.endsWith = 'sequence';
      return;
    }
    log.entries.push(entry);
    at += entry.size;
  }
}

async function readDirtyPages(
  log: HiveLog,
  baseBlock: BaseBlock,
  source: ByteSource,
  issues: IssueLog,
  options?: ReadOptions,
): Promise<void> {
  const sector = Math.min(8, Math.max(1, baseBlock.clusteringFactor)) * 512;
  const { binsSize } = baseBlock;
  const vectorBytes = plausibleBinsSize(binsSize) ? dirtyVectorBytes(binsSize) : Number.POSITIVE_INFINITY;
  if (sector + vectorBytes > source.size) {
    noteLog(issues, 'hive.log-base-block', log, 0x28, { binsSize, size: source.size });
    return;
  }
  const runs = parseDirtyVector(await source.read(sector, vectorBytes, options), sector, binsSize, sector);
  if (runs === undefined) {
    noteLog(issues, 'hive.log-entry-damaged', log, sector, { which: 'dirty-vector' });
    return;
  }
  log.format = 'old';
  const last = runs.at(-1);
  if (last !== undefined && last.logOffset + last.length > source.size) {
    noteLog(issues, 'hive.log-entry-damaged', log, last.logOffset, { which: 'pages-cut-off', size: source.size });
    log.format = 'invalid';
    return;
  }
  log.runs = runs;
}

/** Notes something about a log. */
export function noteLog(
  issues: IssueLog,
  code: WindowsIssueCode,
  log: HiveLog,
  offset: number,
  data: Record<string, string | number | boolean>,
): void {
  issues.add({ code, severity: 'warning', at: { layer: log.name, offset }, data: { log: log.name, ...data } });
}
