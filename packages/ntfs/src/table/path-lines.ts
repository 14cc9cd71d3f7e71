import type { ByteLines, Bytes } from '@deadbox/core';
import { FIRST_UNRESERVED_RECORD, ROOT_RECORD } from '../record/known-records.js';
import { type MftColumns, NO_ROW, RecordState } from './mft-columns.js';
import type { MftPaths } from './mft-paths.js';
import type { MftTable } from './mft-table.js';
import { PathWriter } from './path-writer.js';
import { type LineWriter, tableLines } from './table-lines.js';

/** Which lines {@link pathLines} makes. */
export interface PathLineOptions {
  /** NTFS's own files too. Default false. */
  readonly metadata?: boolean;
  /** Also a line `path:stream` for each named stream. Default false. */
  readonly streams?: boolean;
  /** What to write for a path with characters that a terminal would act on; default: the path as it is. */
  readonly escape?: (path: string) => string;
}

const NEWLINE = 0x0a;

/**
 * The paths of all files in use as UTF-8 lines, in record order, each hard link on a line of its own, the root left
 * out: a listing at the speed of copying. Unpaired surrogates become U+FFFD. Two buffers are filled by turns: a chunk
 * stays as it is while the next one is made, and is overwritten by the one after that.
 */
export function pathLines(table: MftTable, options: PathLineOptions = {}): Generator<Bytes, void, undefined> {
  return tableLines(table.columns, new PathLineWriter(table, options));
}

class PathLineWriter implements LineWriter {
  readonly lines: ByteLines;
  readonly #columns: MftColumns;
  readonly #paths: MftPaths;
  readonly #writer: PathWriter;
  readonly #streams: boolean;
  /** The lowest record that a path may begin with. */
  readonly #firstTop: number;

  constructor(table: MftTable, options: PathLineOptions) {
    this.#columns = table.columns;
    this.#paths = table.paths;
    this.#writer = new PathWriter(table, { escape: options.escape });
    this.#streams = options.streams === true;
    this.#firstTop = options.metadata === true ? 0 : FIRST_UNRESERVED_RECORD;
    this.lines = this.#writer.lines;
  }

  name(row: number): number {
    const { lines } = this;
    const record = this.#columns.nameRecord[row];
    if (record === ROOT_RECORD || (this.#columns.flags[record] & RecordState.inUse) === 0) return NO_ROW;
    const start = lines.at;
    this.#writer.path(row);
    if (this.#paths.lastTop < this.#firstTop) {
      lines.at = start;
      return NO_ROW;
    }
    lines.chunk[lines.at++] = NEWLINE;
    return this.#streams ? this.#writer.firstStream(record) : NO_ROW;
  }

  stream(row: number, stream: number): void {
    this.#writer.streamPath(row, stream);
    this.lines.chunk[this.lines.at++] = NEWLINE;
  }
}
