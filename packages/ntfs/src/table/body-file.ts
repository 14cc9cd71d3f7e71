import type { ByteLines, Bytes } from '@deadbox/core';
import { FileAttribute } from '../attributes/file-name.js';
import { type MftColumns, RecordState } from './mft-columns.js';
import type { MftTable } from './mft-table.js';
import { PathWriter } from './path-writer.js';
import { type LineWriter, tableLines } from './table-lines.js';

/** Seconds between 1601 and 1970. */
const UNIX_EPOCH = 11_644_473_600;
/** Offsets of accessed, modified, changed, created among eight halves. */
const BODY_ORDER: readonly number[] = [6, 2, 4, 0];
const BAR = 0x7c;
const NEWLINE = 0x0a;

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/**
 * Type in the name and in the metadata, permissions, UID and GID: NTFS has none of these, and every tool writes the
 * same.
 */
const MODE = {
  directory: ascii('|d/drwxrwxrwx|0|0|'),
  link: ascii('|l/lrwxrwxrwx|0|0|'),
  file: ascii('|r/rrwxrwxrwx|0|0|'),
  freeDirectory: ascii('|-/drwxrwxrwx|0|0|'),
  freeFile: ascii('|-/rrwxrwxrwx|0|0|'),
};
/** No MD5 is given. */
const NO_HASH: Uint8Array = ascii('0|');
const NOTHING: Uint8Array = new Uint8Array(0);
const DELETED: Uint8Array = ascii(' (deleted)');
const FILE_NAME: Uint8Array = ascii(' ($FILE_NAME)');
const FILE_NAME_DELETED: Uint8Array = ascii(' ($FILE_NAME) (deleted)');

/** Options of {@link bodyFileLines}. */
export interface BodyFileOptions {
  /**
   * What to write for a path with characters that a terminal would act on; default: the path as it is. `|` becomes
   * `\u{7c}` in any case.
   */
  readonly escape?: (path: string) => string;
}

/**
 * Unix seconds, rounded down, of a FILETIME in two halves; 0 when not set.
 * 2^32 ticks are 429 s and 4,967,296 ticks, which keeps every step below 2^53.
 */
export function unixSeconds(low: number, high: number): number {
  if (low === 0 && high === 0) return 0;
  return high * 429 + Math.floor((high * 4_967_296 + low) / 1e7) - UNIX_EPOCH;
}

/** Whether four times of eight halves are equal. */
function sameTimes(left: Uint32Array, leftAt: number, right: Uint32Array, rightAt: number): boolean {
  for (let i = 0; i < 8; i += 1) if (left[leftAt + i] !== right[rightAt + i]) return false;
  return true;
}

/**
 * Every name of every record as lines of a body file (Sleuth Kit 3 and later, as `mactime` reads them):
 * `MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime`. One line with the times of `$STANDARD_INFORMATION`, one
 * marked ` ($FILE_NAME)` with those of the name, one for each named stream; names of free records are marked `
 * (deleted)`. The table must have been scanned with times. Two buffers are filled by turns: a chunk stays as it is
 * while the next one is made, and is overwritten by the one after that.
 */
export function bodyFileLines(table: MftTable, options: BodyFileOptions = {}): Generator<Bytes, void, undefined> {
  return tableLines(table.columns, new BodyFileWriter(table, options));
}

/** Writes the lines of one name, or of one stream. */
class BodyFileWriter implements LineWriter {
  readonly lines: ByteLines;
  readonly #table: MftTable;
  readonly #columns: MftColumns;
  readonly #paths: PathWriter;

  constructor(table: MftTable, options: BodyFileOptions) {
    this.#table = table;
    this.#columns = table.columns;
    this.#paths = new PathWriter(table, { escape: options.escape, barEndsField: true });
    this.lines = this.#paths.lines;
  }

  /** The two lines of a name: with the times of the record, and with those of the name. */
  name(row: number): number {
    const { lines } = this;
    const columns = this.#columns;
    const record = columns.nameRecord[row];
    const state = columns.flags[record];
    const inUse = (state & RecordState.inUse) !== 0;
    const line = lines.at;
    lines.all(NO_HASH);
    this.#paths.path(row);
    const nameEnd = lines.at;
    lines.all(inUse ? NOTHING : DELETED);
    const factsAt = lines.at;
    this.#facts(record, (state & RecordState.directory) !== 0, columns.size[record]);
    const factsEnd = lines.at;
    this.#times(columns.times, record * 8);
    const lineEnd = lines.at;
    lines.again(line, nameEnd);
    lines.all(inUse ? FILE_NAME : FILE_NAME_DELETED);
    // A file that was never changed or moved has the same times in both places.
    if (sameTimes(columns.times, record * 8, columns.nameTimes, row * 8)) lines.again(factsAt, lineEnd);
    else {
      lines.again(factsAt, factsEnd);
      this.#times(columns.nameTimes, row * 8);
    }
    return this.#paths.firstStream(record);
  }

  /** The line of a named stream. */
  stream(row: number, stream: number): void {
    const columns = this.#columns;
    const record = columns.nameRecord[row];
    this.lines.all(NO_HASH);
    this.#paths.streamPath(row, stream);
    this.lines.all((columns.flags[record] & RecordState.inUse) === 0 ? DELETED : NOTHING);
    this.#facts(record, false, columns.streamSize[stream]);
    this.#times(columns.times, record * 8);
  }

  #facts(record: number, isDirectory: boolean, size: number): void {
    const { lines } = this;
    lines.chunk[lines.at++] = BAR;
    lines.decimal(record);
    lines.all(this.#mode(record, isDirectory));
    lines.decimal(size);
  }

  #mode(record: number, isDirectory: boolean): Uint8Array {
    const columns = this.#columns;
    if ((columns.flags[record] & RecordState.inUse) === 0) return isDirectory ? MODE.freeDirectory : MODE.freeFile;
    if (isDirectory) return MODE.directory;
    const isPoint = (columns.attributes[record] & FileAttribute.reparsePoint) !== 0;
    return isPoint && this.#table.type(record) === 'symlink' ? MODE.link : MODE.file;
  }

  /** Stored order is created, modified, changed, accessed; a body file has accessed, modified, changed, created. */
  #times(column: Uint32Array, at: number): void {
    const { lines } = this;
    let from = 0;
    for (let i = 0, before = 0; i < 4; i += 1) {
      const index = at + BODY_ORDER[i];
      const low = column[index];
      const high = column[index + 1];
      // Most files have several equal times: their digits are copied.
      if (i > 0 && low === column[before] && high === column[before + 1]) {
        const length = lines.at - from;
        from = lines.at;
        lines.bytes(lines.chunk, from - length, length);
      } else {
        from = lines.at;
        lines.chunk[lines.at++] = BAR;
        lines.decimal(unixSeconds(low, high));
      }
      before = index;
    }
    lines.chunk[lines.at++] = NEWLINE;
  }
}
