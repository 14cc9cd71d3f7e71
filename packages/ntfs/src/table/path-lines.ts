import type { Bytes } from '@deadbox/core';
import { ROOT_RECORD } from '../record/known-records.js';
import { ByteLines } from './byte-lines.js';
import { NO_ROW, RecordState } from './mft-columns.js';
import { isListedName } from './mft-paths.js';
import type { MftTable } from './mft-table.js';
import { NAME_HAS_CONTROL, NAME_HAS_LONE_SURROGATE, poolText, replaceSurrogates } from './name-pool.js';

/** Which lines {@link pathLines} makes. */
export interface PathLineOptions {
  /** NTFS's own files too. Default false. */
  readonly metadata?: boolean;
  /** Also a line `path:stream` for each named stream. Default false. */
  readonly streams?: boolean;
  /** What to write for a path with control characters; default: the path as it is. */
  readonly escape?: (path: string) => string;
}

const NEWLINE = 0x0a;
const COLON = 0x3a;

/**
 * The paths of all files in use as UTF-8 lines, in record order, each hard link on a line of its own, the root left out: a listing at the
 * speed of copying. Unpaired surrogates become U+FFFD. Two buffers are filled by turns: a chunk stays as it is
 * while the next one is made, and is overwritten by the one after that.
 */
export function* pathLines(table: MftTable, options: PathLineOptions = {}): Generator<Bytes, void, undefined> {
  const { columns, paths } = table;
  const lines = new ByteLines();
  const encoder = new TextEncoder();
  const tidy = (from: number, traits: number): void => {
    if ((traits & NAME_HAS_CONTROL) !== 0 && options.escape !== undefined) {
      const escaped = encoder.encode(options.escape(poolText(lines.chunk, from, lines.at - from)));
      lines.at = from;
      lines.reserve(escaped.length + 1);
      lines.bytes(escaped, 0, escaped.length);
    } else if ((traits & NAME_HAS_LONE_SURROGATE) !== 0) replaceSurrogates(lines.chunk, from, lines.at);
  };
  for (let row = 0; row < columns.names; row += 1) {
    if (!isListedName(columns, row)) continue;
    const record = columns.nameRecord[row];
    if (record === ROOT_RECORD || (columns.flags[record] & RecordState.inUse) === 0) continue;
    const start = lines.at;
    const end = paths.write(row, lines.chunk, start);
    if (options.metadata !== true && paths.lastTop < 16) continue;
    lines.at = end;
    const { lastTraits } = paths;
    if (lastTraits !== 0) tidy(start, lastTraits);
    lines.chunk[lines.at++] = NEWLINE;
    if (options.streams === true && record < columns.firstStream.length) {
      for (let stream = columns.firstStream[record]; stream !== NO_ROW; stream = columns.nextStream[stream]) {
        const full = lines.takeFull();
        if (full !== undefined) yield full;
        const from = lines.at;
        lines.at = paths.write(row, lines.chunk, from);
        lines.chunk[lines.at++] = COLON;
        lines.bytes(columns.pool.bytes, columns.streamOffset[stream], columns.streamLength[stream]);
        // Traits of stream names are not kept: take the slow way for all of them.
        tidy(from, NAME_HAS_CONTROL | NAME_HAS_LONE_SURROGATE);
        lines.chunk[lines.at++] = NEWLINE;
      }
    }
    const full = lines.takeFull();
    if (full !== undefined) yield full;
  }
  const rest = lines.take();
  if (rest !== undefined) yield rest;
}
