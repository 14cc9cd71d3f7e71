import type { Cursor } from '@deadbox/core';

/** A file reference: which record, and which of its lives (MS-FSCC: 48-bit number, 16-bit sequence). */
export interface FileReference {
  /** File record number. */
  readonly record: number;
  /** Sequence number; 0 means "do not check". */
  readonly sequence: number;
}

/** The 8-byte file reference at `offset`. */
export function fileReferenceAt(cursor: Cursor, offset: number): FileReference {
  return { record: cursor.u32(offset) + cursor.u16(offset + 4) * 0x1_0000_0000, sequence: cursor.u16(offset + 6) };
}
