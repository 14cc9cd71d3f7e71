import type { Bytes } from '@deadbox/core';
import { FIRST_UNRESERVED_RECORD, ROOT_RECORD } from '../record/known-records.js';
import { NO_ROW, RecordState } from './mft-columns.js';
import { isListedName } from './mft-paths.js';
import type { MftTable } from './mft-table.js';
import { PathWriter } from './path-writer.js';

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
 * The paths of all files in use as UTF-8 lines, in record order, each hard link on a line of its own, the root left out: a listing at the
 * speed of copying. Unpaired surrogates become U+FFFD. Two buffers are filled by turns: a chunk stays as it is
 * while the next one is made, and is overwritten by the one after that.
 */
export function* pathLines(table: MftTable, options: PathLineOptions = {}): Generator<Bytes, void, undefined> {
  const { columns, paths } = table;
  const writer = new PathWriter(table, { escape: options.escape });
  const { lines } = writer;
  for (let row = 0; row < columns.names; row += 1) {
    if (!isListedName(columns, row)) continue;
    const record = columns.nameRecord[row];
    if (record === ROOT_RECORD || (columns.flags[record] & RecordState.inUse) === 0) continue;
    const start = lines.at;
    writer.path(row);
    if (options.metadata !== true && paths.lastTop < FIRST_UNRESERVED_RECORD) {
      lines.at = start;
      continue;
    }
    lines.chunk[lines.at++] = NEWLINE;
    if (options.streams === true) {
      for (let stream = writer.firstStream(record); stream !== NO_ROW; stream = columns.nextStream[stream]) {
        const full = lines.takeFull();
        if (full !== undefined) yield full;
        writer.streamPath(row, stream);
        lines.chunk[lines.at++] = NEWLINE;
      }
    }
    const full = lines.takeFull();
    if (full !== undefined) yield full;
  }
  const rest = lines.take();
  if (rest !== undefined) yield rest;
}
