import { type Bytes, Cursor, crc32, type Json } from '@deadbox/core';
import { ntfsError } from '../errors.js';

/** One value in a block that Microsoft's storage filters keep in reparse points. */
export interface FilterBlockElement {
  /** Position in the element table, from 0: tells what it is. */
  readonly index: number;
  /** 5, 9, 10: u32; 6: u64; 7: bytes; 11: FILETIME; 12: GUID; 13: another block; 14: chunk reference; 17: bitmap. */
  readonly type: number;
  /** The bytes of the element. */
  readonly value: Bytes;
}

/** A block: `FeRp` (file), `RbRp` (bitmap), `DdRp` (deduplicated data), `BtRp`. */
export interface FilterBlock {
  /** The four characters. */
  readonly signature: string;
  /** Whether the CRC-32 fits; `undefined` when the block says that it has none. */
  readonly crcValid: boolean | undefined;
  /** The elements that are there. */
  readonly elements: readonly FilterBlockElement[];
}

const HEAD_BYTES = 16;
const ELEMENT_BYTES = 8;
const FLAG_HAS_CRC = 2;

/**
 * Parses such a block. Layout as FileTest's ReparseDataHsm.h and the ntfs-3g dedup plug-ins record it: 0x00 signature,
 * 0x04 u32 CRC-32 of what follows it, 0x08 u32 length, 0x0C u16 flags (2 = has CRC), 0x0E u16 elements, then 8 bytes an
 * element: u16 type, u16 length, u32 offset in the block (0 = absent).
 * @param offset - where the block stands, for messages
 * @throws DeadboxError `NTFS_REPARSE_POINT_INVALID`, `CURSOR_OUT_OF_RANGE`
 */
export function parseFilterBlock(bytes: Bytes, signature: string, layer: string, offset: number): FilterBlock {
  const cursor = new Cursor(bytes, layer, offset);
  const found = String.fromCharCode(cursor.u8(0), cursor.u8(1), cursor.u8(2), cursor.u8(3));
  const invalid = (what: string, at: number, data: Record<string, Json>): Error =>
    ntfsError('NTFS_REPARSE_POINT_INVALID', `Block at byte ${offset} of ${layer} ${what}`, cursor.at(at), data);
  if (found !== signature) throw invalid(`has no signature ${signature}`, 0, { expected: signature });
  const size = cursor.u32(8);
  const count = cursor.u16(0x0e);
  if (size > bytes.length || HEAD_BYTES + count * ELEMENT_BYTES > size)
    throw invalid(`claims ${count} elements in ${size} of ${bytes.length} bytes`, 8, { count, size });
  const elements: FilterBlockElement[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = HEAD_BYTES + index * ELEMENT_BYTES;
    const place = cursor.u32(at + 4);
    if (place !== 0) elements.push({ index, type: cursor.u16(at), value: cursor.slice(place, cursor.u16(at + 2)) });
  }
  const hasCrc = (cursor.u16(0x0c) & FLAG_HAS_CRC) !== 0;
  return { signature, crcValid: hasCrc ? crc32(bytes.subarray(8, size)) === cursor.u32(4) : undefined, elements };
}
