/**
 * Synthetic event logs (`.evtx`), built from the published description of the format (libevtx, "Windows XML Event Log";
 * MS-EVEN6 2.2.12). Nothing is shared with the reader. Checksums are left out: readers of crashed systems cannot rely
 * on them.
 */

/** An event to be written. */
export interface EventSpec {
  provider: string;
  eventId: number;
  /** FILETIME. */
  time: bigint;
  /** Values of EventData by name. */
  data: Record<string, string | number>;
  /** `EventRecordID`, which the event has only with this; its record is numbered by its place. */
  number?: number;
}

const HEADER = 4096;
const CHUNK = 65536;

/** A chunk that is being written, from the place of its first record on. */
export class Chunk {
  bytes = new Uint8Array(CHUNK);
  view = new DataView(this.bytes.buffer);
  at = 512;
  names = new Map<string, number>();
  templates = new Map<string, number>();

  u8(value: number): void {
    this.view.setUint8(this.at, value);
    this.at += 1;
  }
  u16(value: number): void {
    this.view.setUint16(this.at, value, true);
    this.at += 2;
  }
  u32(value: number): void {
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }
  u64(value: bigint): void {
    this.view.setBigUint64(this.at, value, true);
    this.at += 8;
  }
  text(text: string): void {
    for (let i = 0; i < text.length; i += 1) this.u16(text.charCodeAt(i));
  }
  /** A reference to a name; the first one carries the name itself. */
  name(name: string): void {
    const known = this.names.get(name);
    if (known !== undefined) {
      this.u32(known);
      return;
    }
    this.names.set(name, this.at + 4);
    this.u32(this.at + 4);
    this.u32(0);
    this.u16(0x1234);
    this.u16(name.length);
    this.text(name);
    this.u16(0);
  }
  /** An element; `attributes` are written by the caller's function. */
  element(name: string, attributes: (() => void) | undefined, content: (() => void) | undefined): void {
    this.u8(attributes === undefined ? 0x01 : 0x41);
    this.u16(0xffff);
    const sizeAt = this.at;
    this.u32(0);
    this.name(name);
    if (attributes !== undefined) {
      const listAt = this.at;
      this.u32(0);
      attributes();
      this.view.setUint32(listAt, this.at - listAt - 4, true);
    }
    if (content === undefined) this.u8(0x03);
    else {
      this.u8(0x02);
      content();
      this.u8(0x04);
    }
    this.view.setUint32(sizeAt, this.at - sizeAt - 4, true);
  }
  attribute(name: string, value: () => void): void {
    this.u8(0x06);
    this.name(name);
    value();
  }
  literal(text: string): void {
    this.u8(0x05);
    this.u8(0x01);
    this.u16(text.length);
    this.text(text);
  }
  slot(id: number, type: number): void {
    this.u8(0x0d);
    this.u16(id);
    this.u8(type);
  }
}

/** A value of the template instance: type and bytes. */
function encode(value: string | number | bigint, type: number): Uint8Array {
  if (typeof value === 'string') {
    const bytes = new Uint8Array(value.length * 2);
    for (let i = 0; i < value.length; i += 1) new DataView(bytes.buffer).setUint16(i * 2, value.charCodeAt(i), true);
    return bytes;
  }
  const length = type === 0x06 ? 2 : type === 0x08 ? 4 : 8;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  if (length === 2) view.setUint16(0, Number(value), true);
  else if (length === 4) view.setUint32(0, Number(value), true);
  else view.setBigUint64(0, BigInt(value), true);
  return bytes;
}

function definition(chunk: Chunk, event: EventSpec): void {
  chunk.u32(0);
  chunk.at += 16;
  const sizeAt = chunk.at;
  chunk.u32(0);
  const from = chunk.at;
  for (const byte of [0x0f, 1, 1, 0]) chunk.u8(byte);
  chunk.element(
    'Event',
    () => chunk.attribute('xmlns', () => chunk.literal('http://schemas.microsoft.com/win/2004/08/events/event')),
    () => {
      chunk.element('System', undefined, () => {
        chunk.element('Provider', () => chunk.attribute('Name', () => chunk.literal(event.provider)), undefined);
        chunk.element('EventID', undefined, () => chunk.slot(0, 0x06));
        chunk.element('TimeCreated', () => chunk.attribute('SystemTime', () => chunk.slot(1, 0x11)), undefined);
        const { number } = event;
        if (number !== undefined) chunk.element('EventRecordID', undefined, () => chunk.literal(String(number)));
        chunk.element('Computer', undefined, () => chunk.literal('SRV-FILE-07'));
      });
      chunk.element('EventData', undefined, () => {
        Object.entries(event.data).forEach(([name, value], i) => {
          const type = typeof value === 'string' ? 0x01 : 0x08;
          chunk.element(
            'Data',
            /^\d+$/.test(name) ? undefined : () => chunk.attribute('Name', () => chunk.literal(name)),
            () => chunk.slot(2 + i, type),
          );
        });
      });
    },
  );
  chunk.u8(0);
  chunk.view.setUint32(sizeAt, chunk.at - from, true);
}

function record(chunk: Chunk, event: EventSpec, id: bigint): void {
  const from = chunk.at;
  chunk.u32(0x2a2a);
  chunk.u32(0);
  chunk.u64(id);
  chunk.u64(event.time);
  for (const byte of [0x0f, 1, 1, 0]) chunk.u8(byte);
  const key = `${event.provider} ${event.number} ${Object.entries(event.data)
    .map(([name, value]) => `${name}:${typeof value}`)
    .join(' ')}`;
  const known = chunk.templates.get(key);
  chunk.u8(0x0c);
  chunk.u8(1);
  chunk.u32(0x1234);
  if (known === undefined) {
    chunk.templates.set(key, chunk.at + 4);
    chunk.u32(chunk.at + 4);
    definition(chunk, event);
  } else chunk.u32(known);
  const values: { type: number; bytes: Uint8Array }[] = [
    { type: 0x06, bytes: encode(event.eventId, 0x06) },
    { type: 0x11, bytes: encode(event.time, 0x11) },
    ...Object.values(event.data).map((value) => {
      const type = typeof value === 'string' ? 0x01 : 0x08;
      return { type, bytes: encode(value, type) };
    }),
  ];
  chunk.u32(values.length);
  for (const { type, bytes } of values) {
    chunk.u16(bytes.length);
    chunk.u8(type);
    chunk.u8(0);
  }
  for (const { bytes } of values) {
    chunk.bytes.set(bytes, chunk.at);
    chunk.at += bytes.length;
  }
  chunk.u8(0);
  while ((chunk.at - from + 4) % 8 !== 0) chunk.u8(0);
  const size = chunk.at - from + 4;
  chunk.u32(size);
  chunk.view.setUint32(from + 4, size, true);
}

/**
 * Writes a log. @param chunks - the events of each chunk in the order of the file; record numbers count on from
 * `firstId`
 * @param current - index of the newest chunk that the header names; `notClosed` marks the log as one of a machine that
 * crashed
 */
export function writeEventLog(
  chunks: readonly (readonly EventSpec[])[],
  options: { current?: number; firstIds?: readonly number[]; empty?: number; notClosed?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(HEADER + (chunks.length + (options.empty ?? 0)) * CHUNK);
  const view = new DataView(file.buffer);
  file.set(Array.from('ElfFile\0', (char) => char.charCodeAt(0)));
  view.setBigUint64(0x10, BigInt(options.current ?? chunks.length - 1), true);
  view.setUint32(0x20, 128, true);
  view.setUint16(0x24, 1, true);
  view.setUint16(0x26, 3, true);
  view.setUint16(0x28, HEADER, true);
  view.setUint16(0x2a, chunks.length, true);
  let next = 1;
  chunks.forEach((events, i) => {
    const chunk = new Chunk();
    const first = options.firstIds?.[i] ?? next;
    events.forEach((event, n) => record(chunk, event, BigInt(first + n)));
    next = first + events.length;
    chunk.bytes.set(Array.from('ElfChnk\0', (char) => char.charCodeAt(0)));
    for (const at of [8, 24]) chunk.view.setBigUint64(at, BigInt(first), true);
    for (const at of [16, 32]) chunk.view.setBigUint64(at, BigInt(next - 1), true);
    chunk.view.setUint32(40, 128, true);
    chunk.view.setUint32(48, chunk.at, true);
    file.set(chunk.bytes, HEADER + i * CHUNK);
    if (i === (options.current ?? chunks.length - 1)) view.setBigUint64(0x18, BigInt(next), true);
  });
  view.setUint32(0x78, options.notClosed === true ? 1 : 0, true);
  return file;
}
