import { ROOT_RECORD } from './file-reference.js';
import { NO_ROW, RecordState } from './mft-columns.js';
import { isListedName } from './mft-paths.js';
import type { MftTable } from './mft-table.js';
import { NAME_HAS_CONTROL, NAME_HAS_LONE_SURROGATE, poolText } from './name-pool.js';

/** Which lines {@link pathLines} makes. */
export interface PathLineOptions {
  /** NTFS's own files too. Default false. */
  metadata?: boolean;
  /** Also a line `path:stream` for each named stream. Default false. */
  streams?: boolean;
  /** What to write for a path with control characters; default: the path as it is. */
  escape?: (path: string) => string;
}

const CHUNK_SIZE = 1 << 18;
/** Longest line: 256 names of 765 bytes, a stream name, the separators. */
const LONGEST_LINE = 257 * 766 + 1024;
const NEWLINE = 0x0a;
const COLON = 0x3a;

/**
 * The paths of all files in use as UTF-8 lines, in record order, each hard link on a line of its own, the root left out: a listing at the
 * speed of copying. Unpaired surrogates become U+FFFD. Each chunk is the caller's to keep.
 */
export function* pathLines(table: MftTable, options: PathLineOptions = {}): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { columns, paths } = table;
  const encoder = new TextEncoder();
  let chunk = new Uint8Array(CHUNK_SIZE + LONGEST_LINE);
  let at = 0;
  const tidy = (from: number, traits: number): void => {
    if ((traits & NAME_HAS_CONTROL) !== 0 && options.escape !== undefined) {
      const escaped = encoder.encode(options.escape(poolText(chunk, from, at - from)));
      at = from;
      if (at + escaped.length + 1 > chunk.length) {
        const grown = new Uint8Array(at + escaped.length + 1);
        grown.set(chunk.subarray(0, at));
        chunk = grown;
      }
      chunk.set(escaped, at);
      at += escaped.length;
    } else if ((traits & NAME_HAS_LONE_SURROGATE) !== 0) replaceSurrogates(chunk, from, at);
  };
  for (let row = 0; row < columns.names; row += 1) {
    if (!isListedName(columns, row)) continue;
    const record = columns.nameRecord[row];
    if (record === ROOT_RECORD || (columns.flags[record] & RecordState.inUse) === 0) continue;
    const start = at;
    at = paths.write(row, chunk, at);
    if (options.metadata !== true && paths.lastTop < 16) {
      at = start;
      continue;
    }
    const { lastTraits } = paths;
    if (lastTraits !== 0) tidy(start, lastTraits);
    chunk[at++] = NEWLINE;
    if (options.streams === true && record < columns.firstStream.length) {
      for (let stream = columns.firstStream[record]; stream !== NO_ROW; stream = columns.nextStream[stream]) {
        if (at >= CHUNK_SIZE) {
          yield chunk.subarray(0, at);
          chunk = new Uint8Array(CHUNK_SIZE + LONGEST_LINE);
          at = 0;
        }
        const from = at;
        at = paths.write(row, chunk, at);
        chunk[at++] = COLON;
        const offset = columns.streamOffset[stream];
        const length = columns.streamLength[stream];
        chunk.set(columns.pool.bytes.subarray(offset, offset + length), at);
        at += length;
        // Traits of stream names are not kept: take the slow way for all of them.
        tidy(from, NAME_HAS_CONTROL | NAME_HAS_LONE_SURROGATE);
        chunk[at++] = NEWLINE;
      }
    }
    if (at >= CHUNK_SIZE) {
      yield chunk.subarray(0, at);
      chunk = new Uint8Array(CHUNK_SIZE + LONGEST_LINE);
      at = 0;
    }
  }
  if (at > 0) yield chunk.subarray(0, at);
}

/** U+FFFD has three bytes, as an unpaired surrogate has here. */
function replaceSurrogates(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at + 2 < to; at += 1) {
    if (bytes[at] !== 0xed || bytes[at + 1] < 0xa0) continue;
    bytes[at] = 0xef;
    bytes[at + 1] = 0xbf;
    bytes[at + 2] = 0xbd;
    at += 2;
  }
}
