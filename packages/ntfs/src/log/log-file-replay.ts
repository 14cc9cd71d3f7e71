import { type ByteSource, type Bytes, Cursor, defined, isDamage, type ReadOptions, unlessDamaged } from '@deadbox/core';
import { LogFile } from './log-file.js';
import { changesClusters, changesFileRecord, LogOperation, logOperationName } from './log-file-operation.js';
import {
  type LogCheckpoint,
  type LogFileRecord,
  type LogUpdate,
  parseLogCheckpoint,
  parseLogUpdate,
} from './log-file-record.js';
import {
  type DirtyLogPage,
  type OpenLogAttribute,
  openAttributeAt,
  openAttributeBytes,
  parseAttributeNames,
  parseDirtyPages,
  parseOpenAttributes,
} from './log-file-tables.js';
import {
  changedRanges,
  changesMft,
  type LogReplayGap,
  type PendingLog,
  type PendingLogTarget,
  type ReplayGeometry,
} from './pending-log.js';

/**
 * Reads `$LogFile` and tells what Windows would still write when it replays it at the next mount (ARIES: analysis from
 * the checkpoint, redo, undo of open transactions; ntfs3 fslog.c, dfir_ntfs LogFile.py).
 * @param log - the content of `$LogFile`
 */
export async function pendingLogTargets(
  log: ByteSource,
  geometry: ReplayGeometry,
  options?: ReadOptions,
): Promise<PendingLog> {
  let file: LogFile;
  try {
    file = await LogFile.open(log, options);
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    // A log of FF only has no restart page, and nothing to replay.
    const empty = await unlessDamaged(() => isUnused(log, options), false, options);
    if (empty) return { outcome: 'none', gaps: [], records: 0, targets: [] };
    return { outcome: 'not-examined', gaps: ['unreadable'], records: 0, targets: [], reason: error.message };
  }
  return examineReplay(file, geometry);
}

async function isUnused(log: ByteSource, options?: ReadOptions): Promise<boolean> {
  const head = await log.read(0, Math.min(8192, log.size), options);
  return head.length > 0 && head.every((value) => value === 0xff);
}

/** As {@link pendingLogTargets}, over an opened log. */
export function examineReplay(file: LogFile, geometry: ReplayGeometry): PendingLog {
  const { logVersion, log } = file.state;
  if (log !== 'clean') return new Replay(file, geometry).result();
  const version = defined({ version: logVersion });
  return { outcome: 'none', gaps: [], ...version, lastLsn: file.lastLsn, records: 0, targets: [] };
}

class Replay {
  readonly #file: LogFile;
  readonly #geometry: ReplayGeometry;
  readonly #gaps = new Set<LogReplayGap>();
  readonly #open = new Map<number, OpenLogAttribute>();
  /** Indices in `#targets` of changes of transactions that are not committed yet. */
  readonly #transactions = new Map<number, number[]>();
  readonly #targets: (PendingLogTarget & { undone: boolean })[] = [];
  #dirty: Map<string, bigint> | undefined;
  #checkpoint: LogCheckpoint | undefined;
  #records = 0;

  constructor(file: LogFile, geometry: ReplayGeometry) {
    this.#file = file;
    this.#geometry = geometry;
  }

  result(): PendingLog {
    const file = this.#file;
    this.#readCheckpoint();
    const from = this.#redoStart();
    const arrived = from === 0n ? 0n : this.#examineAll(file.records(from));
    if (arrived === 0n || arrived < file.lastLsn) {
      // The way is broken: everything that can be found counts instead, and the answer says so.
      this.#gaps.add(arrived === 0n ? 'start-missing' : 'end-missing');
      if (file.damagedPages > 0) this.#gaps.add('damaged-pages');
      this.#records = 0;
      this.#targets.length = 0;
      this.#transactions.clear();
      this.#readCheckpoint();
      this.#examineAll(file.scan(), from);
    }
    for (const indices of this.#transactions.values()) for (const index of indices) this.#targets[index].undone = true;
    const gaps = [...this.#gaps];
    return {
      outcome: gaps.length === 0 ? 'complete' : 'incomplete',
      gaps,
      ...defined({ version: file.state.logVersion }),
      redoLsn: from,
      lastLsn: file.lastLsn,
      records: this.#records,
      targets: this.#targets,
    };
  }

  /** Examines records in order; returns the last LSN. */
  #examineAll(records: Iterable<LogFileRecord>, from = 0n): bigint {
    let last = 0n;
    for (const record of records) {
      if (record.lsn < from) continue;
      this.#examine(record);
      last = record.lsn;
    }
    return last;
  }

  /** The newest checkpoint and the tables it points to. */
  #readCheckpoint(): void {
    const { checkpointLsn } = this.#file.area;
    const record = checkpointLsn === 0n ? undefined : this.#file.record(checkpointLsn);
    this.#checkpoint = record?.type === 'checkpoint' ? parseLogCheckpoint(record.data) : undefined;
    const checkpoint = this.#checkpoint;
    if (checkpoint === undefined) {
      this.#gaps.add('checkpoint-missing');
      return;
    }
    const attributes = this.#table(checkpoint.openAttributesLsn);
    if (attributes !== undefined) {
      const names = this.#table(checkpoint.attributeNamesLsn);
      const known = names === undefined ? new Map<number, string>() : parseAttributeNames(names);
      for (const [key, value] of parseOpenAttributes(attributes, checkpoint.majorVersion))
        this.#open.set(key, { ...value, name: known.get(key) ?? '' });
    }
    const dirty = checkpoint.dirtyPagesLsn === 0n ? new Uint8Array(0) : this.#table(checkpoint.dirtyPagesLsn);
    if (dirty !== undefined) this.#dirty = this.#dirtyPages(parseDirtyPages(dirty, checkpoint.majorVersion));
  }

  #dirtyPages(pages: readonly DirtyLogPage[]): Map<string, bigint> {
    const oldest = new Map<string, bigint>();
    for (const page of pages) {
      for (let i = 0; i < page.lcns.length; i += 1) {
        const key = `${page.targetAttribute} ${page.vcn + i}`;
        const known = oldest.get(key);
        if (known === undefined || page.oldestLsn < known) oldest.set(key, page.oldestLsn);
      }
    }
    return oldest;
  }

  /** The redo data of the dump record at `lsn`; 0 is an empty table. */
  #table(lsn: bigint): Bytes | undefined {
    if (lsn === 0n) return undefined;
    const record = this.#file.record(lsn);
    const update = record?.type === 'update' ? parseLogUpdate(record.data) : undefined;
    if (update === undefined) {
      this.#gaps.add('tables-missing');
      return undefined;
    }
    // The u16 length overflows with a long table: it fills the rest of the record.
    return (record as LogFileRecord).data.subarray(update.redoOffset);
  }

  /** The oldest record that NTFS needs; 0 when the log names none. */
  #redoStart(): bigint {
    const { oldestLsn, checkpointLsn } = this.#file.area;
    const start = this.#checkpoint?.startLsn ?? 0n;
    const candidates = [oldestLsn, checkpointLsn, start, ...(this.#dirty?.values() ?? [])].filter((lsn) => lsn > 0n);
    return candidates.reduce((least, lsn) => (lsn < least ? lsn : least), candidates[0] ?? 0n);
  }

  #examine(record: LogFileRecord): void {
    this.#records += 1;
    if (record.type !== 'update') return;
    const update = parseLogUpdate(record.data);
    if (update === undefined) {
      this.#gaps.add('damaged-record');
      return;
    }
    const { redo, undo } = update;
    if (redo === LogOperation.openNonResidentAttribute) this.#openAttribute(update);
    else if (redo === LogOperation.commitTransaction || redo === LogOperation.forgetTransaction)
      this.#transactions.delete(record.transaction);
    else if (
      [redo, undo].some((code) => changesFileRecord(code) || changesClusters(code)) ||
      redo === LogOperation.hotFix
    )
      this.#addTarget(record, update);
  }

  /** Redo data: an entry of the table; undo data: the attribute's name. */
  #openAttribute(update: LogUpdate): void {
    const major = this.#checkpoint?.majorVersion ?? 1;
    if (update.redoData.length < openAttributeBytes(major)) return;
    const cursor = new Cursor(update.redoData, '$LogFile');
    const name = new Cursor(update.undoData, '$LogFile').utf16(0, update.undoData.length >> 1);
    this.#open.set(update.targetAttribute, { ...openAttributeAt(cursor, 0, major), name });
  }

  #addTarget(record: LogFileRecord, update: LogUpdate): void {
    const { clusterSize, recordSize } = this.#geometry;
    const inMft = changesMft(update);
    const attribute = this.#open.get(update.targetAttribute);
    const list = this.#transactions.get(record.transaction) ?? [];
    if (list.length === 0) this.#transactions.set(record.transaction, list);
    // A compensation record is itself an undo: it is redone, but never undone again.
    if (update.undo !== LogOperation.compensation && update.undo !== LogOperation.noop) list.push(this.#targets.length);
    this.#targets.push({
      lsn: record.lsn,
      transaction: record.transaction,
      redo: update.redo,
      undo: update.undo,
      redoName: logOperationName(update.redo),
      undoName: logOperationName(update.undo),
      ...(inMft ? { record: Math.floor((update.vcn * clusterSize + update.blockOffset) / recordSize) } : {}),
      ...(attribute === undefined ? {} : { attribute }),
      vcn: update.vcn,
      lcns: update.lcns,
      ranges: changedRanges(update, this.#geometry),
      offsetInBlock: update.recordOffset + update.attributeOffset,
      redoLength: update.redoLength,
      undoLength: update.undoLength,
      redone: this.#redone(record.lsn, update),
      undone: false,
    });
  }

  /**
   * Whether the dirty page table leaves the change open. Records behind the checkpoint made their pages dirty
   * themselves.
   */
  #redone(lsn: bigint, update: LogUpdate): boolean {
    if (this.#dirty === undefined || this.#checkpoint === undefined || lsn >= this.#checkpoint.startLsn) return true;
    if (update.lcns.length === 0) return true;
    return update.lcns.some((_, i) => {
      const oldest = this.#dirty?.get(`${update.targetAttribute} ${update.vcn + i}`);
      return oldest !== undefined && lsn >= oldest;
    });
  }
}
