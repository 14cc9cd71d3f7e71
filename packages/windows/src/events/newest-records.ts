import { type ByteSource, type ReadOptions, unlessDamaged } from '@deadbox/core';
import type { SourceFact } from '../source-fact.js';
import { type EventRecord, parseEventChunk } from './event-chunk.js';
import { readEventLogChunks } from './event-log.js';

/** The records of the newest chunks of a log, and what is missing among them. */
export interface NewestRecords {
  /** Chunk by chunk, the newest chunk first; within one in the order in which they were written. */
  readonly records: readonly EventRecord[];
  /** Records that could not be understood. */
  readonly damagedRecords: number;
  /** Chunks that were read. */
  readonly chunksRead: number;
  /** Chunks that the file has room for. */
  readonly chunkCount: number;
  /** Places of chunks that were written and are no chunks any more, or cannot be read. */
  readonly lostChunks: readonly number[];
  readonly state: SourceFact['state'];
}

/**
 * Reads the newest chunks of a log; a chunk that cannot be read costs its own records only.
 * @param count - chunks wanted
 * @returns `undefined` when the source is no event log
 */
export async function readNewestRecords(
  source: ByteSource,
  count: number,
  options: ReadOptions,
): Promise<NewestRecords | undefined> {
  const log = await readEventLogChunks(source, count, options);
  if (log === undefined) return undefined;
  const records: EventRecord[] = [];
  const lostChunks = [...log.lost];
  let damagedRecords = 0;
  for (const chunk of log.newest) {
    const bytes = await unlessDamaged(() => log.read(chunk), undefined, options);
    if (bytes === undefined) {
      lostChunks.push(chunk.index);
      continue;
    }
    const { events, damaged } = parseEventChunk(bytes);
    damagedRecords += damaged;
    for (const event of events) records.push(event);
  }
  const chunksRead = log.newest.length - (lostChunks.length - log.lost.length);
  // Windows writes no log without a chunk.
  const damaged = lostChunks.length > 0 || damagedRecords > 0 || chunksRead === 0;
  return {
    records,
    damagedRecords,
    chunksRead,
    chunkCount: log.chunkCount,
    lostChunks: lostChunks.sort((left, right) => left - right),
    state: damaged ? 'damaged' : log.stale ? 'stale' : 'whole',
  };
}
