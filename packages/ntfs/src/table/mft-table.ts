import {
  type ByteSource,
  type FileTime,
  type FileType,
  fileTimeOf,
  type IssueLog,
  type ReadOptions,
} from '@deadbox/core';
import { typeOfTag } from '../attributes/reparse-tag.js';
import { ntfsError } from '../errors.js';
import { MAX_RECORD_SIZE, MAX_RECORDS, MIN_RECORD_SIZE } from '../limits.js';
import { FILE_MAGIC } from '../record/file-record.js';
import { ROOT_RECORD } from '../record/known-records.js';
import { type MftColumns, NO_ROW, RecordState } from './mft-columns.js';
import { isListedName, MftPaths } from './mft-paths.js';
import { type ScanInput, type ScanOptions, scanMft } from './mft-scan.js';
import { poolText } from './name-pool.js';

/** Options of {@link MftTable.fromFile}. */
export interface DumpedMftOptions extends ScanOptions {
  /** Receives what is damaged. */
  readonly issues?: IssueLog;
}

/** One set of four times. */
export interface MftTimes {
  readonly created: FileTime;
  /** Content last written. */
  readonly modified: FileTime;
  /** Record last changed. */
  readonly changed: FileTime;
  /** Last read. */
  readonly accessed: FileTime;
}

/** One name of a file, as an object made on demand. */
export interface MftName {
  /** The record that has the name. */
  readonly record: number;
  /** The name as stored. */
  readonly name: string;
  readonly parent: { readonly record: number; readonly sequence: number };
  /** Which rules the name follows: 0 POSIX, 1 Win32, 2 DOS, 3 both. */
  readonly nameSpace: number;
  /** The times of `$FILE_NAME`; absent when the scan left times out. */
  readonly times?: MftTimes;
}

/** One record, as an object made on demand. */
export interface MftRecord {
  /** Record number. */
  readonly record: number;
  /** Sequence number: how often the record was reused. */
  readonly sequence: number;
  /** Whether a file lives in it. */
  readonly inUse: boolean;
  /** What the file is. */
  readonly type: FileType;
  /** Bytes of the unnamed `$DATA`; 0 for directories. */
  readonly size: number;
  /** File attribute bits; 0 when the scan left times out. */
  readonly attributes: number;
  /** Absent for none. */
  readonly reparseTag?: number;
  /** The times of `$STANDARD_INFORMATION`; absent when the scan left times out. */
  readonly times?: MftTimes;
  /** Named streams with their sizes in bytes. */
  readonly streams: readonly { readonly name: string; readonly size: number }[];
}

/** Which names are wanted from {@link MftTable.rows}. */
export interface RowFilter {
  /** NTFS's own files too: records 0 to 15 and what lies below `$Extend`. Default false. */
  readonly metadata?: boolean;
  /** `include`: also names of free records (the scan must have kept them); `only`: nothing else. Default none. */
  readonly deleted?: 'include' | 'only';
  /** 8.3 names of files that have a long one. Default false. */
  readonly shortNames?: boolean;
}

/**
 * The whole of `$MFT` as a table: columns by record, by name and by named stream, filled in one sequential pass. Rows
 * of names are the entries of a listing (a file with three hard links has three); objects are made on demand.
 */
export class MftTable {
  /** The columns themselves, for bulk work. Do not write to them. */
  readonly columns: MftColumns;
  /** Records that could not be used or read. */
  readonly badRecords: number;
  readonly paths: MftPaths;
  #children: { readonly first: Uint32Array; readonly next: Uint32Array } | undefined;

  private constructor(columns: MftColumns, badRecords: number, issues: ScanInput['issues']) {
    this.columns = columns;
    this.badRecords = badRecords;
    this.paths = new MftPaths(columns, issues);
  }

  /** Scans `input`; see `NtfsVolume.mft` for volumes and {@link fromFile} for a dumped `$MFT`. */
  static async scan(input: ScanInput, options?: ScanOptions): Promise<MftTable> {
    const { columns, badRecords } = await scanMft(input, options);
    return new MftTable(columns, badRecords, input.issues);
  }

  /**
   * Scans a dumped `$MFT` file alone; the record size stands in its first record.
   * @throws DeadboxError `NTFS_RECORD_INVALID` when it does not begin with a file record
   */
  static async fromFile(source: ByteSource, options: DumpedMftOptions = {}): Promise<MftTable> {
    const recordSize = await dumpedRecordSize(source, options);
    const recordCount = Math.min(Math.floor(source.size / recordSize), MAX_RECORDS);
    return MftTable.scan({ source, recordSize, recordCount, issues: options.issues }, options);
  }

  /** Records in the table: one more than the highest number. */
  get recordCount(): number {
    return this.columns.records;
  }

  /** The rows of names that a listing shows, in record order. */
  *rows(filter: RowFilter = {}): Generator<number, void, undefined> {
    const { columns, paths } = this;
    const probe = new Uint8Array(1 << 18);
    for (let row = 0; row < columns.names; row += 1) {
      if (filter.shortNames === true ? columns.nameRecord[row] === NO_ROW : !isListedName(columns, row)) continue;
      const record = columns.nameRecord[row];
      const inUse = (columns.flags[record] & RecordState.inUse) !== 0;
      if (inUse ? filter.deleted === 'only' : filter.deleted === undefined) continue;
      if (filter.metadata !== true && record !== ROOT_RECORD) {
        paths.write(row, probe, 0);
        if (paths.lastTop < 16) continue;
      }
      yield row;
    }
  }

  /** The full path of name `row`. */
  path(row: number): string {
    return this.paths.text(row);
  }

  /** Name `row`. */
  name(row: number): MftName {
    const { columns } = this;
    return {
      record: columns.nameRecord[row],
      name: poolText(columns.pool.bytes, columns.nameOffset[row], columns.nameLength[row]),
      parent: { record: columns.nameParent[row], sequence: columns.nameParentSequence[row] },
      nameSpace: columns.nameSpace[row],
      ...(columns.choice.times ? { times: timesAt(columns.nameTimes, row * 8) } : {}),
    };
  }

  /** The rows of all names of `record`. */
  namesOf(record: number): number[] {
    return record < this.columns.records ? chainOf(this.columns.firstName[record], this.columns.nextName) : [];
  }

  /** What `record` holds; `undefined` for a record that is no file: never used, an extension, damaged. */
  record(record: number): MftRecord | undefined {
    const { columns } = this;
    if (record >= columns.records || (columns.flags[record] & RecordState.base) === 0) return undefined;
    const tag = this.#tag(record);
    return {
      record,
      sequence: columns.sequence[record],
      inUse: (columns.flags[record] & RecordState.inUse) !== 0,
      type: this.type(record),
      size: (columns.flags[record] & RecordState.directory) === 0 ? columns.size[record] : 0,
      attributes: columns.choice.times ? columns.attributes[record] : 0,
      ...(tag === 0 ? {} : { reparseTag: tag }),
      ...(columns.choice.times ? { times: timesAt(columns.times, record * 8) } : {}),
      streams: this.streamsOf(record).map((row) => ({ name: this.streamName(row), size: columns.streamSize[row] })),
    };
  }

  /** What a record is. */
  type(record: number): FileType {
    const state = this.columns.flags[record];
    if ((state & RecordState.interixLink) !== 0) return 'symlink';
    const plain =
      (state & RecordState.directory) !== 0 ? 'directory' : (state & RecordState.data) !== 0 ? 'file' : 'other';
    return typeOfTag(this.#tag(record), plain);
  }

  /** The rows of the named streams of `record`. */
  streamsOf(record: number): number[] {
    const { firstStream, nextStream } = this.columns;
    return record < firstStream.length ? chainOf(firstStream[record], nextStream) : [];
  }

  /** The name of stream `row`. */
  streamName(row: number): string {
    const { columns } = this;
    return poolText(columns.pool.bytes, columns.streamOffset[row], columns.streamLength[row]);
  }

  /** The rows of all names whose parent is `record`, 8.3 names included; `sequence` 0 takes any. */
  children(record: number, sequence = 0): number[] {
    const { columns } = this;
    this.#children ??= linkChildren(columns);
    const { first, next } = this.#children;
    if (record >= first.length) return [];
    return chainOf(first[record], next).filter(
      (row) => sequence === 0 || columns.nameParentSequence[row] === 0 || columns.nameParentSequence[row] === sequence,
    );
  }

  #tag(record: number): number {
    return record < this.columns.reparseTag.length ? this.columns.reparseTag[record] : 0;
  }
}

function chainOf(head: number, next: Uint32Array): number[] {
  const rows: number[] = [];
  for (let row = head; row !== NO_ROW; row = next[row]) rows.push(row);
  return rows;
}

function linkChildren(columns: MftColumns): { first: Uint32Array; next: Uint32Array } {
  const first = new Uint32Array(columns.records).fill(NO_ROW);
  const next = new Uint32Array(columns.names);
  for (let row = columns.names - 1; row >= 0; row -= 1) {
    const parent = columns.nameParent[row];
    if (columns.nameRecord[row] === NO_ROW || parent >= columns.records) continue;
    next[row] = first[parent];
    first[parent] = row;
  }
  return { first, next };
}

function timesAt(times: Uint32Array, at: number): MftTimes {
  const time = (index: number): FileTime => fileTimeOf(times[at + index * 2], times[at + index * 2 + 1]);
  return { created: time(0), modified: time(1), changed: time(2), accessed: time(3) };
}

async function dumpedRecordSize(source: ByteSource, options?: ReadOptions): Promise<number> {
  const head =
    source.size < MIN_RECORD_SIZE ? new Uint8Array(MIN_RECORD_SIZE) : await source.read(0, MIN_RECORD_SIZE, options);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const size = view.getUint32(0x1c, true);
  const magic = view.getUint32(0, true);
  const possible = size >= MIN_RECORD_SIZE && size <= MAX_RECORD_SIZE && size % MIN_RECORD_SIZE === 0;
  if (magic === FILE_MAGIC && possible) return size;
  const found = `its first record has the size ${size} and the signature 0x${magic.toString(16)}`;
  throw ntfsError('NTFS_RECORD_INVALID', `The file is no $MFT: ${found}`, { layer: '$MFT', offset: 0 }, { size });
}
