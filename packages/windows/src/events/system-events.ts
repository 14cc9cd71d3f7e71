import { type ByteSource, Cursor, type FileTree, hasAscii, isDeadboxError, type ReadOptions } from '@deadbox/core';
import { stopCodeName } from '../crash/bugcheck.js';
import { CHUNK_BYTES, chunkFirstRecord, type EventRecord, parseEventChunk } from './event-chunk.js';

/** An event of the System log that tells of a crash, a start or a stop. */
export interface SystemEvent {
  /**
   * `bugcheck`: Windows reports the stop code after the restart (1001). `unexpected-restart`: it was not shut down before (Kernel-Power 41).
   * `unexpected-shutdown`: the same from the event log service (6008). `start`, `stop`: Kernel-General 12 and 13.
   */
  readonly kind: 'bugcheck' | 'unexpected-restart' | 'unexpected-shutdown' | 'start' | 'stop';
  /** When the event was written, ISO-8601 UTC: for a crash, after the restart. */
  readonly time: string;
  /** Record number, as decimal text. */
  readonly record: string;
  /** Stop code. */
  readonly code?: number;
  /** Its name, for known codes. */
  readonly codeName?: string;
  /** As written. */
  readonly parameters: string[];
  /** Dump that Windows wrote, as stored. */
  readonly dumpFile?: string;
  /** Text of the event where it is not a number: of 6008 the local time and date of the shutdown. */
  text?: string;
}

/** What the newest part of the System log says. */
export interface SystemEvents {
  /** Path of the log. */
  readonly path: string;
  /** Newest first. */
  readonly events: SystemEvent[];
  /** Time of the oldest event that was looked at; earlier ones were not. */
  reachesBackTo?: string;
  /** Chunks that were read. */
  chunksRead: number;
  /** Chunks that the file has room for. */
  readonly chunkCount: number;
  /** Records of those chunks that could not be read. */
  damagedRecords: number;
}

/** Options of {@link readSystemEvents}. */
export interface SystemEventsOptions extends ReadOptions {
  /** Chunks of 64 KiB that are read, the newest first. Default 8. */
  readonly maxChunks?: number;
}

const FILE_HEADER = 4096;
/** A log that was not closed can have chunks behind the last one that its header knows. */
const MAX_CHUNKS_AHEAD = 4;

/**
 * Reads the newest chunks of `System.evtx` (libevtx, "Windows XML Event Log").
 * @returns `undefined` when there is no such log or it is none
 */
export async function readSystemEvents(
  tree: FileTree,
  root: string,
  options: SystemEventsOptions = {},
): Promise<SystemEvents | undefined> {
  const read: ReadOptions = options.signal === undefined ? {} : { signal: options.signal };
  try {
    const file = await tree.lookup(`${root}/System32/winevt/Logs/System.evtx`, read);
    if (file?.type !== 'file' || file.size < FILE_HEADER + CHUNK_BYTES) return undefined;
    const source = await file.stream(undefined, read);
    return await readLog(source, file.path, options.maxChunks ?? 8, read);
  } catch (error) {
    read.signal?.throwIfAborted();
    if (isDeadboxError(error)) return undefined;
    throw error;
  }
}

async function readLog(
  source: ByteSource,
  path: string,
  maxChunks: number,
  read: ReadOptions,
): Promise<SystemEvents | undefined> {
  const header = new Cursor(await source.read(0, 128, read), 'event log');
  if (!hasAscii(header.bytes, 0, 'ElfFile\0')) return undefined;
  const chunkCount = Math.floor((source.size - FILE_HEADER) / CHUNK_BYTES);
  const newest = await newestChunk(source, header.u64Number(0x10), chunkCount, read);
  const result: SystemEvents = { path, events: [], chunksRead: 0, chunkCount, damagedRecords: 0 };
  const seen: EventRecord[] = [];
  for (let i = 0; i < Math.min(maxChunks, chunkCount); i += 1) {
    const index = (newest - i + chunkCount) % chunkCount;
    const bytes = await source.read(FILE_HEADER + index * CHUNK_BYTES, CHUNK_BYTES, read);
    // Chunks that were never written are zeros: before the log first wrapped around there is nothing older.
    if (chunkFirstRecord(bytes) === undefined) break;
    const { events, damaged } = parseEventChunk(bytes);
    result.chunksRead += 1;
    result.damagedRecords += damaged;
    seen.push(...events);
  }
  seen.sort((left, right) => (left.id < right.id ? 1 : left.id > right.id ? -1 : 0));
  for (const record of seen) {
    const event = interpret(record);
    if (event !== undefined) result.events.push(event);
  }
  const oldest = seen.at(-1)?.time;
  if (oldest !== undefined && oldest !== '') result.reachesBackTo = oldest;
  return result;
}

/** The chunk that is written to: the header's, or a later one when the log was not closed. */
async function newestChunk(
  source: ByteSource,
  fromHeader: number,
  chunkCount: number,
  read: ReadOptions,
): Promise<number> {
  let newest = fromHeader < chunkCount ? fromHeader : chunkCount - 1;
  let number = await firstRecordOf(source, newest, read);
  for (let ahead = 0; ahead < MAX_CHUNKS_AHEAD; ahead += 1) {
    const next = (newest + 1) % chunkCount;
    const nextNumber = await firstRecordOf(source, next, read);
    if (nextNumber === undefined || (number !== undefined && nextNumber <= number)) break;
    newest = next;
    number = nextNumber;
  }
  return newest;
}

async function firstRecordOf(source: ByteSource, index: number, read: ReadOptions): Promise<bigint | undefined> {
  return chunkFirstRecord(await source.read(FILE_HEADER + index * CHUNK_BYTES, 128, read));
}

/** What an event means; `undefined` for the many that tell nothing of crashes. */
function interpret(record: EventRecord): SystemEvent | undefined {
  const base = { time: record.time, record: record.id.toString(), parameters: [] as string[] };
  const { data, eventId } = record;
  switch (record.provider) {
    case 'Microsoft-Windows-WER-SystemErrorReporting':
    case 'BugCheck':
      return eventId === 1001 ? bugcheck(base, data.param1 ?? data['0'] ?? '', data.param2 ?? data['1']) : undefined;
    case 'Microsoft-Windows-Kernel-Power':
      return eventId === 41 ? restart(base, data) : undefined;
    case 'EventLog':
      return eventId === 6008
        ? { ...base, kind: 'unexpected-shutdown', text: `${data['0'] ?? ''} ${data['1'] ?? ''}`.trim() }
        : undefined;
    case 'Microsoft-Windows-Kernel-General':
      return eventId === 12 ? { ...base, kind: 'start' } : eventId === 13 ? { ...base, kind: 'stop' } : undefined;
    default:
      return undefined;
  }
}

type Base = Pick<SystemEvent, 'time' | 'record' | 'parameters'>;

/** `0x00000050 (0x…, 0x…, 0x…, 0x…)`. */
function bugcheck(base: Base, text: string, dumpFile: string | undefined): SystemEvent {
  const match = /^0x([0-9a-f]{1,8})\s*(?:\(([^)]*)\))?/i.exec(text);
  const code = match === null ? undefined : Number.parseInt(match[1] ?? '', 16);
  const parameters = (match?.[2] ?? '').split(',').map((part) => part.trim());
  return {
    ...base,
    kind: 'bugcheck',
    ...codeOf(code),
    parameters: parameters.filter((part) => part !== ''),
    ...(dumpFile === undefined || dumpFile === '' ? {} : { dumpFile }),
  };
}

/** The code is decimal here, and 0 when power was lost. */
function restart(base: Base, data: Record<string, string>): SystemEvent {
  const code = Number.parseInt(data.BugcheckCode ?? '', 10);
  const parameters = [1, 2, 3, 4].map((n) => data[`BugcheckParameter${n}`]).filter((one) => one !== undefined);
  return {
    ...base,
    kind: 'unexpected-restart',
    ...codeOf(Number.isNaN(code) || code === 0 ? undefined : code),
    parameters,
  };
}

function codeOf(code: number | undefined): { code?: number; codeName?: string } {
  if (code === undefined) return {};
  const name = stopCodeName(code);
  return name === undefined ? { code } : { code, codeName: name };
}
