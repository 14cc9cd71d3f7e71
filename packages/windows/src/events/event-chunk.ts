import { type Bytes, Cursor, fileTimeOf, formatFileTime, hasAscii, isDeadboxError } from '@deadbox/core';
import { BinaryXmlError, BinaryXmlReader, type XmlElement } from './binary-xml.js';

/** Bytes of a chunk. */
export const CHUNK_BYTES = 65_536;
const FIRST_RECORD = 512;
const RECORD_HEADER = 24;

/** One event. */
export interface EventRecord {
  readonly id: bigint;
  /** When it was written, ISO-8601 UTC. */
  readonly time: string;
  readonly provider: string;
  readonly eventId: number;
  /** Values of `EventData` by their names; unnamed ones by their position (`0`, `1`…). */
  readonly data: Record<string, string>;
}

/** Number of the first record of a chunk; `undefined` when these bytes are no chunk's head. */
export function chunkFirstRecord(head: Bytes): bigint | undefined {
  return head.length >= 128 && hasAscii(head, 0, 'ElfChnk\0') ? new Cursor(head).u64(24) : undefined;
}

/**
 * The events of a chunk in the order they were written (libevtx, "Windows XML Event Log").
 * @returns the events, and how many records were damaged
 */
export function parseEventChunk(bytes: Bytes): { events: EventRecord[]; damaged: number } {
  const events: EventRecord[] = [];
  let damaged = 0;
  if (chunkFirstRecord(bytes) === undefined) return { events, damaged: 1 };
  const cursor = new Cursor(bytes, 'event chunk');
  const reader = new BinaryXmlReader(cursor);
  for (let at = FIRST_RECORD; at + RECORD_HEADER <= bytes.length && cursor.u32(at) === 0x2a2a; ) {
    const size = cursor.u32(at + 4);
    if (size < RECORD_HEADER + 4 || at + size > bytes.length) {
      damaged += 1;
      break;
    }
    try {
      const event = toEvent(cursor, at, reader.read(at + RECORD_HEADER, at + size - 4));
      if (event !== undefined) events.push(event);
    } catch (error) {
      if (!(error instanceof BinaryXmlError) && !isDeadboxError(error, 'CURSOR_OUT_OF_RANGE')) throw error;
      damaged += 1;
    }
    at += size;
  }
  return { events, damaged };
}

function toEvent(cursor: Cursor, at: number, roots: readonly XmlElement[]): EventRecord | undefined {
  const event = roots.find((element) => element.name === 'Event');
  const system = event?.children.find((element) => element.name === 'System');
  if (event === undefined || system === undefined) return undefined;
  const child = (name: string): XmlElement | undefined => system.children.find((element) => element.name === name);
  const provider = child('Provider')?.attributes;
  return {
    id: cursor.u64(at + 8),
    time: formatFileTime(fileTimeOf(cursor.u32(at + 16), cursor.u32(at + 20))) ?? '',
    provider: provider?.Name ?? provider?.EventSourceName ?? '',
    eventId: Number(child('EventID')?.text ?? Number.NaN),
    data: eventData(event),
  };
}

function eventData(event: XmlElement): Record<string, string> {
  const data: Record<string, string> = Object.create(null) as Record<string, string>;
  const holder =
    event.children.find((element) => element.name === 'EventData') ??
    event.children.find((element) => element.name === 'UserData')?.children[0];
  for (const [i, element] of (holder?.children ?? []).entries()) {
    data[element.attributes.Name ?? (element.name === 'Data' ? String(i) : element.name)] = element.text;
  }
  return data;
}
