import {
  type ByteSource,
  type Bytes,
  CachedSource,
  hasAscii,
  isDamage,
  type ReadOptions,
  type Structure,
  structure,
  WindowSource,
} from '@deadbox/core';
import { MAX_EVENT_CHUNKS } from '../limits.js';
import { CHUNK_BYTES, CHUNK_HEAD_BYTES, type ChunkHead, EVTX, parseChunkHead } from './event-chunk.js';

/** Bytes of an event log's header. */
const LOG_HEADER_BYTES = 4096;
/** Heads of chunks that are asked for at once. */
const HEADS_AT_ONCE = 32;
/** Flag of the header: the log was not closed. */
const NOT_CLOSED = 1;

export const EVENT_LOG_FIELDS = {
  signature: [0x00, 'ascii[8]', 'ElfFile'],
  firstChunk: [0x08, 'u64big', 'Place of the oldest chunk'],
  lastChunk: [0x10, 'u64big', 'Place of the newest chunk, as of the time when the log was closed'],
  nextRecord: [0x18, 'u64big', 'Number of the next record, as of then'],
  headerSize: [0x20, 'u32', 'Bytes of this header'],
  minorVersion: [0x24, 'u16', 'Minor version: 1 or 2'],
  majorVersion: [0x26, 'u16', 'Major version: 3'],
  blockSize: [0x28, 'u16', 'Where the first chunk begins'],
  chunkCount: [0x2a, 'u16', 'Number of chunks'],
  flags: [0x78, 'u32', 'State', { flags: { 1: 'not closed', 2: 'full' } }],
  checksum: [0x7c, 'u32', 'CRC-32 of the first 120 bytes'],
} as const;
/** Header of an event log. */
export const EVENT_LOG: Structure<typeof EVENT_LOG_FIELDS> = structure('event-log', EVTX, EVENT_LOG_FIELDS);

/** What the header says; a place that is no number of a chunk is behind all of them. */
interface LogHeader {
  readonly lastChunk: number;
  readonly nextRecord: bigint;
  readonly flags: number;
}

/**
 * Which chunks an event log has. The numbers in the chunks decide, not the header: the header is only written when the
 * log is closed, and is older than the chunks on a machine that crashed.
 */
export interface EventLogChunks {
  /** Chunks that the file has room for. */
  readonly chunkCount: number;
  /** The newest chunks, from the newest to the oldest. */
  readonly newest: readonly ChunkHead[];
  /** Places that held a chunk, by the header or by what lies around them, and hold none now. */
  readonly lost: readonly number[];
  /** The header does not know the newest chunk or its newest record. */
  readonly stale: boolean;
  /** The bytes of a chunk. */
  readonly read: (chunk: ChunkHead) => Promise<Bytes>;
}

/**
 * Finds the newest chunks of a log. The header is believed where it says that the log was closed and agrees with the
 * chunk that it names and the one behind that; else the heads of all chunks are read.
 * @param count - chunks wanted
 * @returns `undefined` when the source is no event log
 */
export async function readEventLogChunks(
  source: ByteSource,
  count: number,
  options: ReadOptions,
): Promise<EventLogChunks | undefined> {
  if (source.size < LOG_HEADER_BYTES) return undefined;
  const header = parseLogHeader(await source.read(0, CHUNK_HEAD_BYTES, options));
  if (header === undefined) return undefined;
  const chunkCount = Math.min(MAX_EVENT_CHUNKS, Math.floor((source.size - LOG_HEADER_BYTES) / CHUNK_BYTES));
  const area = new WindowSource(source, LOG_HEADER_BYTES, chunkCount * CHUNK_BYTES);
  const cached = new CachedSource(area, { blockSize: CHUNK_BYTES, capacity: 9 * CHUNK_BYTES });
  const wanted = Math.max(1, Math.min(count, chunkCount));
  const closed = await isClosed(header, chunkCount, cached, area, options);
  const places = closed
    ? Array.from({ length: wanted }, (_, i) => (header.lastChunk - i + chunkCount) % chunkCount)
    : Array.from({ length: chunkCount }, (_, i) => i);
  const found = await readHeads(closed ? cached : area, places, options);
  const chunks = [...found.values()].sort((left, right) => olderFirst(right, left));
  const newest = chunks[0];
  return {
    chunkCount,
    newest: chunks.slice(0, wanted),
    lost: lostPlaces(found, places, header.lastChunk),
    stale: newest !== undefined && (newest.index !== header.lastChunk || header.nextRecord <= newest.lastId),
    read: async ({ index }) => cached.read(index * CHUNK_BYTES, CHUNK_BYTES, options),
  };
}

function parseLogHeader(bytes: Bytes): LogHeader | undefined {
  if (!hasAscii(bytes, 0, 'ElfFile\0')) return undefined;
  const { lastChunk, nextRecord, flags } = EVENT_LOG.read(bytes);
  return { lastChunk: Number(lastChunk), nextRecord, flags };
}

async function isClosed(
  header: LogHeader,
  chunkCount: number,
  cached: ByteSource,
  area: ByteSource,
  options: ReadOptions,
): Promise<boolean> {
  const { lastChunk, nextRecord, flags } = header;
  if ((flags & NOT_CLOSED) !== 0 || lastChunk >= chunkCount) return false;
  const named = await readHead(cached, lastChunk, options);
  if (named === undefined || named.lastId + 1n !== nextRecord) return false;
  const behind = await readHead(area, (lastChunk + 1) % chunkCount, options);
  return behind === undefined || olderFirst(behind, named) <= 0;
}

async function readHeads(
  area: ByteSource,
  places: readonly number[],
  options: ReadOptions,
): Promise<Map<number, ChunkHead>> {
  const found = new Map<number, ChunkHead>();
  for (let from = 0; from < places.length; from += HEADS_AT_ONCE) {
    const batch = places.slice(from, from + HEADS_AT_ONCE);
    for (const head of await Promise.all(batch.map((index) => readHead(area, index, options))))
      if (head !== undefined) found.set(head.index, head);
  }
  return found;
}

async function readHead(area: ByteSource, index: number, options: ReadOptions): Promise<ChunkHead | undefined> {
  try {
    return parseChunkHead(await area.read(index * CHUNK_BYTES, CHUNK_HEAD_BYTES, options), index);
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return undefined;
  }
}

function olderFirst(left: ChunkHead, right: ChunkHead): number {
  if (left.firstId !== right.firstId) return left.firstId < right.firstId ? -1 : 1;
  if (left.firstRecord !== right.firstRecord) return left.firstRecord < right.firstRecord ? -1 : 1;
  return left.index - right.index;
}

/** Chunks are written one after the other, so that every place before a written one was written as well. */
function lostPlaces(found: ReadonlyMap<number, ChunkHead>, looked: readonly number[], lastByHeader: number): number[] {
  let last = lastByHeader;
  for (const index of found.keys()) last = Math.max(last, index);
  return looked.filter((index) => index <= last && !found.has(index)).sort((left, right) => left - right);
}
