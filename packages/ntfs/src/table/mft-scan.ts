import { type ByteSource, type Bytes, type IssueLog, isDamage, type ReadOptions, readInto } from '@deadbox/core';
import { addIssue } from '../errors.js';
import { type ClusterBounds, ContentPlaces } from './content-places.js';
import { assemble } from './mft-assembly.js';
import { MftColumns } from './mft-columns.js';
import { MftParser } from './mft-parser.js';
import { type RecordRange, type StoredRecords, storedRecords } from './stored-records.js';

/**
 * Bytes of one bulk read: large enough that a file source answers from another thread, so that the next chunk is read
 * while this one is parsed.
 */
const CHUNK_SIZE = 1 << 21;
/** Free records between two used ones are read along when they are fewer bytes than this. */
const SMALL_GAP = 1 << 18;
/** Records for which room is made before any is seen: a forged size must not allocate. */
const EXPECTED_RECORDS = 1 << 20;

/** Options of a scan. */
export interface ScanOptions extends ReadOptions {
  /** Free records too. Default false. */
  readonly deleted?: boolean;
  /** Both sets of times, and the attributes. Default true. */
  readonly times?: boolean;
  /** 8.3 names beside long ones. Default true. */
  readonly shortNames?: boolean;
  /** Named streams. Default true. */
  readonly streams?: boolean;
  /** Where the contents of plain files lie, and the hashes of those in their records; of volumes only. Default false. */
  readonly contents?: boolean;
  /** Told after each chunk. */
  readonly onProgress?: (recordsDone: number, recordsInAll: number) => void;
}

/** What is scanned. */
export interface ScanInput {
  /** The content of `$MFT`: a stream of a volume, or a dumped file. */
  readonly source: ByteSource;
  /** Bytes in a file record. */
  readonly recordSize: number;
  /** Records to look at. */
  readonly recordCount: number;
  /** `$MFT:$BITMAP`; free records are skipped by it when they are not wanted. */
  readonly bitmap?: Bytes | undefined;
  /** The volume's clusters; absent for a dumped file. */
  readonly clusters?: ClusterBounds;
  /** Which records are stored, where that is known already. */
  readonly stored?: StoredRecords;
  /** Receives what is damaged. */
  readonly issues?: IssueLog | undefined;
}

/** The outcome of a scan. */
export interface ScanResult {
  readonly columns: MftColumns;
  /** Records that could not be used, and records that could not be read. */
  readonly badRecords: number;
}

/**
 * Reads and parses all of `$MFT` that is stored, in one sequential pass. A read error is halved down to single records,
 * is one issue, and the pass goes on.
 */
export async function scanMft(input: ScanInput, options: ScanOptions = {}): Promise<ScanResult> {
  const { recordSize, issues } = input;
  const stored = input.stored ?? (await storedRecords(input, options));
  const { times = true, shortNames = true, streams = true, deleted = false } = options;
  const columns = new MftColumns(Math.min(stored.end, EXPECTED_RECORDS), { times, shortNames, streams });
  if (options.contents === true && input.clusters !== undefined) columns.contents = new ContentPlaces(input.clusters);
  const parser = new MftParser(columns, { recordSize, deleted, issues });
  const perChunk = Math.max(1, Math.min(Math.floor(CHUNK_SIZE / recordSize), stored.end));
  const buffers = [new Uint8Array(perChunk * recordSize), new Uint8Array(perChunk * recordSize)];
  const bitmap = deleted ? undefined : input.bitmap;
  const parts = chunks(stored.ranges, perChunk, bitmap, Math.ceil(SMALL_GAP / recordSize));
  let { lost } = stored;
  let turn = 0;
  let current = parts.next();
  let pending = current.done === true ? undefined : start(input, current.value, buffers[0], options);
  while (current.done !== true) {
    const { first, count } = current.value;
    const buffer = buffers[turn];
    let failed = false;
    try {
      if (pending instanceof Promise) await pending;
      else if (pending !== undefined) throw pending.error;
    } catch (error) {
      if (!isDamage(error, options.signal)) throw error;
      failed = true;
    }
    options.signal?.throwIfAborted();
    const next = parts.next();
    turn = 1 - turn;
    // The next chunk is read while this one is parsed.
    pending = next.done === true ? undefined : start(input, next.value, buffers[turn], options);
    if (failed) lost += await readPiecemeal(input, parser, current.value, buffer, options);
    else parser.parse(buffer.subarray(0, count * recordSize), first, count);
    options.onProgress?.(first + count, stored.end);
    current = next;
  }
  assemble(columns, parser.extensions, recordSize, issues);
  return { columns, badRecords: parser.badRecords + lost };
}

/** Begins a read; a failure that comes at once is kept, so that it is met where the chunk is used. */
function start(
  input: ScanInput,
  part: RecordRange,
  buffer: Bytes,
  options: ReadOptions,
): Promise<void> | { error: unknown } | undefined {
  const { recordSize, source } = input;
  try {
    const target = buffer.subarray(0, part.count * recordSize);
    const pending = readInto(source, part.first * recordSize, target, options);
    if (!(pending instanceof Promise)) return undefined;
    pending.catch(() => undefined);
    return pending;
  } catch (error) {
    return { error };
  }
}

/** Reads a damaged chunk in halves; returns how many records were lost. */
async function readPiecemeal(
  input: ScanInput,
  parser: MftParser,
  range: RecordRange,
  buffer: Bytes,
  options: ReadOptions,
): Promise<number> {
  const { recordSize, source, issues } = input;
  let lost = 0;
  const lostRecords: number[] = [];
  let reason = '';
  const todo: RecordRange[] = [range];
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    options.signal?.throwIfAborted();
    const target = buffer.subarray(0, part.count * recordSize);
    try {
      await readInto(source, part.first * recordSize, target, options);
      parser.parse(target, part.first, part.count);
    } catch (error) {
      if (!isDamage(error, options?.signal)) throw error;
      reason = error.message;
      if (part.count === 1) {
        lost += 1;
        if (lostRecords.length < 16) lostRecords.push(part.first);
        continue;
      }
      const half = part.count >> 1;
      todo.push({ first: part.first + half, count: part.count - half }, { first: part.first, count: half });
    }
  }
  const at = { layer: '$MFT', offset: lostRecords[0] * recordSize, record: lostRecords[0] };
  if (lost > 0) addIssue(issues, 'ntfs.read-failed', at, { records: lost, first: lostRecords, reason });
  return lost;
}

/** The parts to read, in order, none larger than `perChunk` records; with a bitmap, only where records are in use. */
function* chunks(
  ranges: readonly RecordRange[],
  perChunk: number,
  bitmap: Bytes | undefined,
  smallGap: number,
): Generator<RecordRange, undefined> {
  for (const range of ranges) {
    const end = range.first + range.count;
    if (bitmap === undefined) {
      for (let first = range.first; first < end; first += perChunk)
        yield { first, count: Math.min(perChunk, end - first) };
    } else yield* usedChunks(range.first, end, perChunk, bitmap, smallGap);
  }
  return undefined;
}

function* usedChunks(
  from: number,
  end: number,
  perChunk: number,
  bitmap: Bytes,
  smallGap: number,
): Generator<RecordRange, undefined> {
  let at = from;
  for (;;) {
    while (at < end && !isUsed(bitmap, at)) at += bitmap[Math.floor(at / 8)] === 0 ? 8 - (at & 7) : 1;
    if (at >= end) return undefined;
    const first = at;
    let last = at;
    // Go on over small gaps; stop at a large one, or when the chunk is full.
    for (let free = 0; at < end && at - first < perChunk && free <= smallGap; at += 1) {
      if (isUsed(bitmap, at)) {
        last = at + 1;
        free = 0;
      } else free += 1;
    }
    yield { first, count: last - first };
    at = last;
  }
}

/** Records beyond the bitmap are taken to be in use: its end may be lost. */
function isUsed(bitmap: Bytes, record: number): boolean {
  const byte = Math.floor(record / 8);
  return byte >= bitmap.length || (bitmap[byte] & (1 << (record & 7))) !== 0;
}
