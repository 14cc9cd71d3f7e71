import type { Cursor } from '@deadbox/core';

/** Most sub-authorities that Windows allows. */
const MAX_SUB_AUTHORITIES = 15;

/** A security identifier as text, `S-1-5-32-544`, and the bytes it takes. */
export interface Sid {
  /** `S-1-…`. */
  readonly text: string;
  /** Length in bytes. */
  length: number;
}

/**
 * The SID at `offset` (MS-DTYP 2.4.2.2): u8 revision 1, u8 count, 6 bytes authority (big-endian), u32 sub-authorities.
 * @returns `undefined` when it is none, or lies outside the structure
 */
export function sidAt(cursor: Cursor, offset: number): Sid | undefined {
  if (offset < 0 || offset + 8 > cursor.length || cursor.u8(offset) !== 1) return undefined;
  const count = cursor.u8(offset + 1);
  const length = 8 + count * 4;
  if (count > MAX_SUB_AUTHORITIES || offset + length > cursor.length) return undefined;
  const high = cursor.u16Be(offset + 2);
  const authority = high * 0x1_0000_0000 + cursor.u32Be(offset + 4);
  let text = `S-1-${high === 0 ? authority : `0x${authority.toString(16)}`}`;
  for (let i = 0; i < count; i += 1) text += `-${cursor.u32(offset + 8 + i * 4)}`;
  return { text, length };
}
