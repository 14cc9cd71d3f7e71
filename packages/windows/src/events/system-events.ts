import { type ByteSource, defined, type FileTree, isDamage, type ReadOptions } from '@deadbox/core';
import { stopCodeName } from '../crash/bugcheck.js';
import type { SourceFact } from '../source-fact.js';
import type { EventRecord } from './event-chunk.js';
import { readNewestRecords } from './newest-records.js';

/**
 * `bugcheck`: Windows reports the stop code after the restart (1001). `unexpected-restart`: it was not shut down before
 * (Kernel-Power 41). `unexpected-shutdown`: the same from the event log service (6008). `start`, `stop`: Kernel-General
 * 12 and 13.
 */
export type SystemEventKind = 'bugcheck' | 'unexpected-restart' | 'unexpected-shutdown' | 'start' | 'stop';

/** An event of the System log that tells of a crash, a start or a stop. */
export interface SystemEvent {
  readonly kind: SystemEventKind;
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
  readonly text?: string;
}

/** What the newest part of the System log says. */
export interface SystemEvents {
  /** Path of the log. */
  readonly path: string;
  /** Newest first, by the number of the event. */
  readonly events: readonly SystemEvent[];
  /** Time of the oldest event that was looked at; earlier ones were not. */
  readonly reachesBackTo?: string;
  /** Chunks that were read. */
  readonly chunksRead: number;
  /** Chunks that the file has room for. */
  readonly chunkCount: number;
  /** Places of chunks that were written and are no chunks any more, or cannot be read: their events are lost. */
  readonly lostChunks: readonly number[];
  /** Records of the chunks that were read and could not be understood. */
  readonly damagedRecords: number;
  /** The log as a source: its newest record is the newest event of any kind. */
  readonly source: SourceFact;
}

/** Options of {@link readSystemEvents}. */
export interface SystemEventsOptions extends ReadOptions {
  /** Chunks of 64 KiB that are read, the newest first. Default 8. */
  readonly maxChunks?: number;
}

/**
 * Reads the newest chunks of `System.evtx` (libevtx, "Windows XML Event Log").
 * @returns `undefined` when there is no such log; one that cannot be read has no events and a damaged `source`
 */
export async function readSystemEvents(
  tree: FileTree,
  root: string,
  options: SystemEventsOptions = {},
): Promise<SystemEvents | undefined> {
  const read: ReadOptions = defined({ signal: options.signal });
  let path = `${root}/System32/winevt/Logs/System.evtx`;
  try {
    const file = await tree.lookup(path, read);
    if (file?.type !== 'file') return undefined;
    path = file.path;
    return await readLog(await file.stream(undefined, read), path, options.maxChunks ?? 8, read);
  } catch (error) {
    if (!isDamage(error, read.signal)) throw error;
    return unreadable(path);
  }
}

function unreadable(path: string): SystemEvents {
  const source: SourceFact = { path, kind: 'event-log', state: 'damaged', newest: null };
  return { path, events: [], chunksRead: 0, chunkCount: 0, lostChunks: [], damagedRecords: 0, source };
}

async function readLog(source: ByteSource, path: string, maxChunks: number, read: ReadOptions): Promise<SystemEvents> {
  const log = await readNewestRecords(source, maxChunks, read);
  if (log === undefined) return unreadable(path);
  const found: { id: bigint; event: SystemEvent }[] = [];
  let oldest: string | undefined;
  let newest: string | undefined;
  for (const record of log.records) {
    if (oldest === undefined || record.time < oldest) oldest = record.time;
    if (newest === undefined || record.time > newest) newest = record.time;
    const event = interpret(record);
    if (event !== undefined) found.push({ id: record.id, event });
  }
  found.sort((left, right) => (left.id < right.id ? 1 : left.id > right.id ? -1 : 0));
  const { chunksRead, chunkCount, lostChunks, damagedRecords, state } = log;
  return {
    path,
    events: found.map(({ event }) => event),
    ...defined({ reachesBackTo: oldest }),
    chunksRead,
    chunkCount,
    lostChunks,
    damagedRecords,
    source: { path, kind: 'event-log', state, newest: newest ?? null },
  };
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
  const code = match === null ? undefined : Number.parseInt(match[1], 16);
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
