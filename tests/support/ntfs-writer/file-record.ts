import type { Attribute } from './attribute.js';
import { writeReference } from './file-name.js';

/** The head of a file record. */
export interface RecordHead {
  number: number;
  sequence: number;
  /** Names with their own $FILE_NAME. */
  links: number;
  directory?: boolean;
  /** Has an index that is no $I30. */
  view?: boolean;
  free?: boolean;
  /** Base record and its sequence, for extension records. */
  base?: { record: number; sequence: number };
}

/** Where attributes begin: behind the head and the update sequence array. */
export function attributesAt(recordSize: number): number {
  return (0x30 + 2 * (recordSize / 512 + 1) + 7) & ~7;
}

/** Whether `attributes` fit one record. */
export function fits(attributes: readonly Attribute[], recordSize: number): boolean {
  return (
    attributes.reduce((sum, attribute) => sum + attribute.bytes.length, attributesAt(recordSize) + 8) <= recordSize
  );
}

/**
 * Writes a file record with its update sequence at `at`. Attributes must come in the order of their types; their ids
 * are their places.
 */
export function writeRecord(
  target: Uint8Array,
  at: number,
  recordSize: number,
  head: RecordHead,
  attributes: readonly Attribute[],
): void {
  const record = target.subarray(at, at + recordSize);
  const view = new DataView(target.buffer, target.byteOffset + at, recordSize);
  view.setUint32(0x00, 0x454c4946, true);
  view.setUint16(0x04, 0x30, true);
  view.setUint16(0x06, recordSize / 512 + 1, true);
  view.setUint16(0x10, head.sequence, true);
  view.setUint16(0x12, head.links, true);
  const first = attributesAt(recordSize);
  view.setUint16(0x14, first, true);
  view.setUint16(
    0x16,
    (head.free === true ? 0 : 1) | (head.directory === true ? 2 : 0) | (head.view === true ? 8 : 0),
    true,
  );
  view.setUint32(0x1c, recordSize, true);
  if (head.base !== undefined) writeReference(view, 0x20, head.base.record, head.base.sequence);
  view.setUint16(0x28, attributes.length, true);
  view.setUint32(0x2c, head.number, true);
  let end = first;
  for (const [id, attribute] of attributes.entries()) {
    if (end + attribute.bytes.length + 8 > recordSize)
      throw new Error(`record ${head.number} has no room for its attributes`);
    record.set(attribute.bytes, end);
    view.setUint16(end + 0x0e, id, true);
    end += attribute.bytes.length;
  }
  view.setUint32(end, 0xffff_ffff, true);
  view.setUint32(end + 4, 0x1147_7982, true);
  view.setUint32(0x18, end + 8, true);
  protect(view, 0x30, recordSize, 1 + (head.number % 0xfff0));
}

/** Sets the update sequence: the last word of each 512 bytes goes to the array, the number takes its place. */
export function protect(view: DataView, arrayAt: number, size: number, number: number): void {
  view.setUint16(arrayAt, number, true);
  for (let stride = 1; stride <= size / 512; stride += 1) {
    view.setUint16(arrayAt + stride * 2, view.getUint16(stride * 512 - 2, true), true);
    view.setUint16(stride * 512 - 2, number, true);
  }
}
