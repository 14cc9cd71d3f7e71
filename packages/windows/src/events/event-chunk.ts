import {
  type Bytes,
  Cursor,
  type FileTime,
  fileTimeOf,
  formatFileTime,
  hasAscii,
  isDeadboxError,
  parseFileTime,
} from '@deadbox/core';
import { BinaryXmlReader, type XmlElement } from './binary-xml.js';

/** Bytes of a chunk. */
export const CHUNK_BYTES = 65_536;
/** Bytes of a chunk's head that are needed to tell which records it has. */
export const CHUNK_HEAD_BYTES = 128;
const FIRST_RECORD = 512;
const RECORD_HEADER = 24;

/** One event. Number and time are the event's own: in logs that were exported or edited the record's header has others. */
export interface EventRecord {
  /** `System/EventRecordID`. */
  readonly id: bigint;
  /** `System/TimeCreated`, ISO-8601 UTC. */
  readonly time: string;
  readonly provider: string;
  readonly eventId: number;
  /** Values of `EventData` by their names; unnamed ones by their position (`0`, `1`…). */
  readonly data: Readonly<Record<string, string>>;
}

/** What a chunk's head says of its records. */
export interface ChunkHead {
  /** Place among the chunks of the file, from 0. */
  readonly index: number;
  readonly firstRecord: bigint;
  readonly lastRecord: bigint;
  readonly firstId: bigint;
  readonly lastId: bigint;
}

/** Parses the head of the chunk at place `index`; `undefined` when these bytes are no chunk's head. */
export function parseChunkHead(head: Bytes, index: number): ChunkHead | undefined {
  if (head.length < CHUNK_HEAD_BYTES || !hasAscii(head, 0, 'ElfChnk\0')) return undefined;
  const cursor = new Cursor(head, 'event chunk');
  return {
    index,
    firstRecord: cursor.u64(8),
    lastRecord: cursor.u64(16),
    firstId: cursor.u64(24),
    lastId: cursor.u64(32),
  };
}

/** The events of a chunk, and the records that could not be read. */
export interface ChunkEvents {
  readonly events: readonly EventRecord[];
  readonly damaged: number;
}

/** The events of a chunk in the order they were written (libevtx, "Windows XML Event Log"). */
export function parseEventChunk(bytes: Bytes): ChunkEvents {
  const events: EventRecord[] = [];
  if (parseChunkHead(bytes, 0) === undefined) return { events, damaged: 1 };
  const cursor = new Cursor(bytes, 'event chunk');
  const reader = new BinaryXmlReader(cursor);
  const written = cursor.u32(48);
  let damaged = 0;
  let last: bigint | undefined;
  for (let at = FIRST_RECORD; at + RECORD_HEADER <= bytes.length && cursor.u32(at) === 0x2a2a; ) {
    const size = cursor.u32(at + 4);
    const number = cursor.u64(at + 8);
    // Behind the end of what was written lie remains of the log's last turn.
    if (at >= written && last !== undefined && number !== last + 1n) break;
    if (size < RECORD_HEADER + 4 || at + size > bytes.length) {
      damaged += 1;
      break;
    }
    const event = reader.exhausted ? undefined : readEvent(reader, cursor, at, size);
    if (event === undefined) damaged += 1;
    else events.push(event);
    last = number;
    at += size;
  }
  return { events, damaged };
}

function readEvent(reader: BinaryXmlReader, cursor: Cursor, at: number, size: number): EventRecord | undefined {
  try {
    const roots = reader.read(at + RECORD_HEADER, at + size - 4);
    return toEvent(roots, cursor.u64(at + 8), fileTimeOf(cursor.u32(at + 16), cursor.u32(at + 20)));
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
    return undefined;
  }
}

function toEvent(roots: readonly XmlElement[], number: bigint, written: FileTime): EventRecord | undefined {
  const event = roots.find((element) => element.name === 'Event');
  const system = event?.children.find((element) => element.name === 'System');
  if (event === undefined || system === undefined) return undefined;
  const child = (name: string): XmlElement | undefined => system.children.find((element) => element.name === name);
  const provider = child('Provider')?.attributes;
  const id = child('EventRecordID')?.text ?? '';
  return {
    id: /^\d{1,20}$/.test(id) ? BigInt(id) : number,
    time: timeOf(child('TimeCreated')?.attributes.SystemTime) ?? formatFileTime(written) ?? '',
    provider: provider?.Name ?? provider?.EventSourceName ?? '',
    eventId: Number(child('EventID')?.text ?? Number.NaN),
    data: eventData(event),
  };
}

/** Time text in the one form of the library; XML may carry up to nine decimals. */
function timeOf(text: string | undefined): string | undefined {
  const time = parseFileTime((text ?? '').replace(/(\.\d{7})\d+/, '$1'));
  return time === undefined ? undefined : formatFileTime(time);
}

function eventData(event: XmlElement): Record<string, string> {
  // No prototype: the names come from the file.
  const data: Record<string, string> = Object.create(null) as Record<string, string>;
  const parent =
    event.children.find((element) => element.name === 'EventData') ??
    event.children.find((element) => element.name === 'UserData')?.children[0];
  for (const [i, element] of (parent?.children ?? []).entries()) {
    data[element.attributes.Name ?? (element.name === 'Data' ? String(i) : element.name)] = element.text;
  }
  return data;
}
