import {
  type Bytes,
  Cursor,
  formatFileTime,
  hasAscii,
  parseFileTime,
  type Structure,
  structure,
  unlessDamaged,
} from '@deadbox/core';
import { BinaryXmlReader, type XmlElement } from './binary-xml.js';

/** Bytes of a chunk. */
export const CHUNK_BYTES = 65_536;
/** Bytes of a chunk's head that are needed to tell which records it has. */
export const CHUNK_HEAD_BYTES = 128;
const FIRST_RECORD = 512;

/** Where the facts about event logs come from. */
export const EVTX = 'libevtx, "Windows XML Event Log"';

export const EVENT_CHUNK_FIELDS = {
  signature: [0x00, 'ascii[8]', 'ElfChnk'],
  firstRecord: [0x08, 'u64big', 'Number of the first record in the log'],
  lastRecord: [0x10, 'u64big', 'Number of the last record in the log'],
  firstId: [0x18, 'u64big', 'Id of the first record'],
  lastId: [0x20, 'u64big', 'Id of the last record'],
  headerSize: [0x28, 'u32', 'Bytes of the header'],
  lastRecordAt: [0x2c, 'u32', 'Where the last record begins'],
  freeAt: [0x30, 'u32', 'Where the records end'],
  recordsChecksum: [0x34, 'u32', 'CRC-32 of the records'],
  flags: [0x78, 'u32', 'State'],
  checksum: [0x7c, 'u32', 'CRC-32 of the header without this field'],
} as const;
/** Header of a chunk of 64 KiB. */
export const EVENT_CHUNK: Structure<typeof EVENT_CHUNK_FIELDS> = structure('event-chunk', EVTX, EVENT_CHUNK_FIELDS);

export const EVENT_RECORD_FIELDS = {
  signature: [0x00, 'u32', 'Two asterisks and two zeros'],
  size: [0x04, 'u32', 'Bytes of the record; they stand at its end as well'],
  number: [0x08, 'u64big', 'Number of the record: in exported and edited logs not that of the event'],
  written: [0x10, 'filetime', 'When it was written: in exported and edited logs not the time of the event'],
} as const;
/** Header of a record; the event follows as binary XML. */
export const EVENT_RECORD: Structure<typeof EVENT_RECORD_FIELDS> = structure('event-record', EVTX, EVENT_RECORD_FIELDS);
const RECORD_SIGNATURE = 0x2a2a;

/**
 * One event. Number and time are the event's own: in logs that were exported or edited the record's header has others.
 */
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
  const { firstRecord, lastRecord, firstId, lastId } = EVENT_CHUNK.read(head);
  return { index, firstRecord, lastRecord, firstId, lastId };
}

/** The events of a chunk, and the records that could not be read. */
export interface ChunkEvents {
  readonly events: readonly EventRecord[];
  readonly damaged: number;
}

/** The events of a chunk in the order they were written */
export function parseEventChunk(bytes: Bytes): ChunkEvents {
  const events: EventRecord[] = [];
  if (parseChunkHead(bytes, 0) === undefined) return { events, damaged: 1 };
  const cursor = new Cursor(bytes, 'event chunk');
  const reader = new BinaryXmlReader(cursor);
  const freeAt = EVENT_CHUNK.fields.freeAt.read(cursor);
  let damaged = 0;
  let last: bigint | undefined;
  for (let at = FIRST_RECORD; at + EVENT_RECORD.size <= bytes.length; ) {
    const record = EVENT_RECORD.read(cursor, at);
    const { size, number } = record;
    // Behind the end of what was written lie remains of the log's last turn.
    const remains = at >= freeAt && last !== undefined && number !== last + 1n;
    if (record.signature !== RECORD_SIGNATURE || remains) break;
    if (size < EVENT_RECORD.size + 4 || at + size > bytes.length) {
      damaged += 1;
      break;
    }
    const event = reader.exhausted ? undefined : readEvent(reader, record, at);
    if (event === undefined) damaged += 1;
    else events.push(event);
    last = number;
    at += size;
  }
  return { events, damaged };
}

type RecordHeader = ReturnType<typeof EVENT_RECORD.read>;

function readEvent(reader: BinaryXmlReader, record: RecordHeader, at: number): EventRecord | undefined {
  // The size stands at the end of a record once more.
  return unlessDamaged(() => toEvent(reader.read(at + EVENT_RECORD.size, at + record.size - 4), record), undefined);
}

function toEvent(roots: readonly XmlElement[], { number, written }: RecordHeader): EventRecord | undefined {
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
