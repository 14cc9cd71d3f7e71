import type { ByteLines, ByteSource, Bytes, ReadOptions } from '@deadbox/core';
import { FIRST_UNRESERVED_RECORD, ROOT_RECORD } from '../record/known-records.js';
import { NO_ROW, RecordState } from './mft-columns.js';
import { isListedName } from './mft-paths.js';
import type { MftTable } from './mft-table.js';
import type { PathLineOptions } from './path-lines.js';
import { PathWriter } from './path-writer.js';
import { plainHashes } from './plain-hashes.js';

/** Names whose contents are read and hashed together. */
const BATCH = 1024;
/** Characters of a SHA-256, and of the gap behind it. */
const HASH_WIDTH = 64;
const GAP_WIDTH = 2;
const SPACE = 0x20;
const DASH = 0x2d;
const NEWLINE = 0x0a;
/** The name is not listed: nothing was written. */
const NOT_LISTED = -1;

/** How {@link hashLines} comes by its hashes. */
export interface HashLineOptions extends PathLineOptions, ReadOptions {
  /** The volume that the table is of. */
  readonly volume: ByteSource;
  /** Whether a content of so many bytes is hashed along with its neighbours; one that is not is asked of `hash`. */
  readonly affords: (bytes: number) => boolean;
  /** Hash of a stream whose content is not plain; `null` where there is none. */
  readonly hash: (record: number, stream: string) => Promise<string | null>;
}

/**
 * The lines of {@link ./path-lines.ts}, the SHA-256 of the content before each path: 64 digits, or a dash where there
 * is none. The table must have been scanned for contents. With `metadata` the root has a line, too.
 */
export async function* hashLines(table: MftTable, options: HashLineOptions): AsyncGenerator<Bytes, void, undefined> {
  const { columns } = table;
  const { names, nameRecord, nextStream } = columns;
  const writer = new HashLineWriter(table, options);
  const { lines } = writer;
  for (let from = 0; from < names; from += BATCH) {
    const end = Math.min(from + BATCH, names);
    const plain = await plainHashes(table, options.volume, plainRecords(table, from, end, options), options);
    for (let row = from; row < end; row += 1) {
      const at = writer.name(row);
      if (at === NOT_LISTED) continue;
      const record = nameRecord[row];
      writer.hash(at, plain.get(record) ?? (hasContent(table, record) ? await options.hash(record, '') : null));
      let stream = options.streams === true ? writer.firstStream(record) : NO_ROW;
      for (; stream !== NO_ROW; stream = nextStream[stream]) {
        const text = table.streamName(stream);
        writer.hash(writer.stream(row, stream), await options.hash(record, text));
        if (lines.isFull) yield* taken(lines);
      }
      if (lines.isFull) yield* taken(lines);
    }
  }
  yield* taken(lines);
}

function* taken(lines: ByteLines): Generator<Bytes, void, undefined> {
  const chunk = lines.take();
  if (chunk !== undefined) yield chunk;
}

/** The records of some names whose contents are plain, each once. */
function plainRecords(table: MftTable, from: number, end: number, options: HashLineOptions): Set<number> {
  const { columns } = table;
  const { contents, nameRecord, size } = columns;
  const first = options.metadata === true ? 0 : FIRST_UNRESERVED_RECORD;
  const records = new Set<number>();
  for (let row = from; row < end; row += 1) {
    const record = nameRecord[row];
    if (!isListedName(columns, row) || record < first || records.has(record)) continue;
    const isPlain = isFile(columns.flags[record]) && contents?.has(record) === true;
    if (isPlain && options.affords(size[record])) records.add(record);
  }
  return records;
}

/** Whether a record is one of a file in use, and no part of another. */
function isFile(state: number): boolean {
  const wanted = RecordState.base | RecordState.inUse;
  return (state & wanted) === wanted;
}

function hasContent(table: MftTable, record: number): boolean {
  const type = table.type(record);
  return type !== 'directory' && type !== 'other';
}

class HashLineWriter {
  readonly lines: ByteLines;
  readonly #table: MftTable;
  readonly #writer: PathWriter;
  readonly #metadata: boolean;

  constructor(table: MftTable, options: HashLineOptions) {
    this.#table = table;
    this.#writer = new PathWriter(table, { escape: options.escape });
    this.#metadata = options.metadata === true;
    this.lines = this.#writer.lines;
  }

  /** Writes the line of name `row` with room for its hash; gives where that goes, or {@link NOT_LISTED}. */
  name(row: number): number {
    const { columns, paths } = this.#table;
    const record = columns.nameRecord[row];
    if (!isListedName(columns, row) || !isFile(columns.flags[record])) return NOT_LISTED;
    if (record === ROOT_RECORD && !this.#metadata) return NOT_LISTED;
    const { lines } = this;
    const start = lines.at;
    lines.at += HASH_WIDTH + GAP_WIDTH;
    this.#writer.path(row);
    if (!this.#metadata && paths.lastTop < FIRST_UNRESERVED_RECORD) {
      lines.at = start;
      return NOT_LISTED;
    }
    lines.chunk[lines.at++] = NEWLINE;
    return start;
  }

  /** The same of stream `stream` under name `row`. */
  stream(row: number, stream: number): number {
    const { lines } = this;
    const start = lines.at;
    lines.at += HASH_WIDTH + GAP_WIDTH;
    this.#writer.streamPath(row, stream);
    lines.chunk[lines.at++] = NEWLINE;
    return start;
  }

  firstStream(record: number): number {
    return this.#writer.firstStream(record);
  }

  /** Writes the hash of the line that begins at `at`. */
  hash(at: number, hash: string | null): void {
    const { chunk } = this.lines;
    const length = hash === null ? 0 : HASH_WIDTH;
    for (let i = 0; i < length; i += 1) chunk[at + i] = (hash as string).charCodeAt(i);
    for (let i = length; i < HASH_WIDTH + GAP_WIDTH; i += 1) chunk[at + i] = SPACE;
    if (hash === null) chunk[at] = DASH;
  }
}
