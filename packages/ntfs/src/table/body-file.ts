import type { Bytes } from '@deadbox/core';
import { FileAttribute } from '../attributes/file-name.js';
import { ByteLines } from './byte-lines.js';
import { NO_ROW, RecordState } from './mft-columns.js';
import { isListedName } from './mft-paths.js';
import type { MftTable } from './mft-table.js';
import { NAME_HAS_CONTROL, NAME_HAS_LONE_SURROGATE, poolText, replaceSurrogates } from './name-pool.js';

/** Seconds between 1601 and 1970. */
const UNIX_EPOCH = 11_644_473_600;
/** Offsets of accessed, modified, changed, created among eight halves. */
const BODY_ORDER: readonly number[] = [6, 2, 4, 0];
const BAR = 0x7c;
const NEWLINE = 0x0a;
const COLON = 0x3a;

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Type in the name and in the metadata, permissions, UID and GID: which NTFS has not. */
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
  /** What to write for a name with control characters; default: as it is. */
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
 * `MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime`. One line with the times of `$STANDARD_INFORMATION`, one marked
 * ` ($FILE_NAME)` with those of the name, one for each named stream; names of free records are marked ` (deleted)`.
 * The table must have been scanned with times. Two buffers are filled by turns: a chunk stays as it is
 * while the next one is made, and is overwritten by the one after that.
 */
export function* bodyFileLines(table: MftTable, options: BodyFileOptions = {}): Generator<Bytes, void, undefined> {
  const { columns, paths } = table;
  const lines = new ByteLines();
  const encoder = new TextEncoder();

  const tidy = (from: number, traits: number): void => {
    if ((traits & NAME_HAS_CONTROL) !== 0 && options.escape !== undefined) {
      const escaped = encoder.encode(options.escape(poolText(lines.chunk, from, lines.at - from)));
      lines.at = from;
      lines.reserve(escaped.length * 3);
      lines.bytes(escaped, 0, escaped.length);
    } else if ((traits & NAME_HAS_LONE_SURROGATE) !== 0) replaceSurrogates(lines.chunk, from, lines.at);
  };
  const name = (row: number): void => {
    const from = lines.at;
    lines.at = paths.write(row, lines.chunk, from);
    if (paths.lastTraits !== 0) tidy(from, paths.lastTraits);
  };
  const facts = (record: number, isDirectory: boolean, inUse: boolean, size: number): void => {
    lines.chunk[lines.at++] = BAR;
    lines.decimal(record);
    const link = (columns.attributes[record] & FileAttribute.reparsePoint) !== 0 && table.type(record) === 'symlink';
    lines.all(
      inUse
        ? isDirectory
          ? MODE.directory
          : link
            ? MODE.link
            : MODE.file
        : isDirectory
          ? MODE.freeDirectory
          : MODE.freeFile,
    );
    lines.decimal(size);
  };
  // Stored order is created, modified, changed, accessed; a body file has accessed, modified, changed, created.
  const times = (column: Uint32Array, at: number): void => {
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
  };

  for (let row = 0; row < columns.names; row += 1) {
    if (!isListedName(columns, row)) continue;
    const record = columns.nameRecord[row];
    const state = columns.flags[record];
    const inUse = (state & RecordState.inUse) !== 0;
    const isDirectory = (state & RecordState.directory) !== 0;
    const deleted = inUse ? NOTHING : DELETED;

    const line = lines.at;
    lines.all(NO_HASH);
    name(row);
    const nameEnd = lines.at;
    lines.all(deleted);
    const factsAt = lines.at;
    facts(record, isDirectory, inUse, columns.size[record]);
    const factsEnd = lines.at;
    times(columns.times, record * 8);

    const lineEnd = lines.at;

    lines.again(line, nameEnd);
    lines.all(inUse ? FILE_NAME : FILE_NAME_DELETED);
    // A file that was never changed or moved has the same times in both places.
    if (sameTimes(columns.times, record * 8, columns.nameTimes, row * 8)) lines.again(factsAt, lineEnd);
    else {
      lines.again(factsAt, factsEnd);
      times(columns.nameTimes, row * 8);
    }

    if (record < columns.firstStream.length) {
      for (let stream = columns.firstStream[record]; stream !== NO_ROW; stream = columns.nextStream[stream]) {
        const full = lines.takeFull();
        if (full !== undefined) yield full;
        lines.all(NO_HASH);
        name(row);
        lines.chunk[lines.at++] = COLON;
        const from = lines.at;
        lines.bytes(columns.pool.bytes, columns.streamOffset[stream], columns.streamLength[stream]);
        // Traits of stream names are not kept: take the slow way for all of them.
        tidy(from, NAME_HAS_CONTROL | NAME_HAS_LONE_SURROGATE);
        lines.all(deleted);
        facts(record, false, inUse, columns.streamSize[stream]);
        times(columns.times, record * 8);
      }
    }
    const full = lines.takeFull();
    if (full !== undefined) yield full;
  }
  const rest = lines.take();
  if (rest !== undefined) yield rest;
}
