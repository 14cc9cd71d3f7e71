import { Cursor, crc32, type Bytes } from '@deadbox/core';
import { ntfsError } from './errors.js';
import { expandLznt1 } from './lznt1.js';

/** One value in the data of a cloud file. The meaning of an index is Microsoft's and not documented. */
export interface CloudFileElement {
  /** Position in the element table, from 0. */
  readonly index: number;
  /** 6: u64, 7: byte(s), 10: u32, 17: bitmap; other numbers as stored. */
  readonly type: number;
  /** The bytes of the element. */
  readonly value: Bytes;
}

/** The `FeRp` block that the cloud files filter keeps in its reparse point. */
export interface CloudFileInfo {
  /** Whether the block was stored as LZNT1. */
  readonly compressed: boolean;
  /** Whether the CRC-32 in the block fits its bytes; `undefined` when the block carries none. */
  readonly crcValid: boolean | undefined;
  /** The elements that could be read. */
  readonly elements: readonly CloudFileElement[];
}

const LAYER = 'cloud file data';
const HEAD_BYTES = 16;
const ELEMENT_BYTES = 8;
const FLAG_COMPRESSED = 0x8000;
const FLAG_HAS_CRC = 2;

/**
 * Parses the reparse data of a cloud file placeholder (tags `9000x01A`). Layout as FileTest's ReparseDataHsm.h records it:
 * 0x00 u16 flags (low byte revision 1, 0x8000 = the rest is LZNT1), 0x02 u16 length with these 4 bytes, then the block:
 * 0x00 `FeRp`, 0x04 u32 CRC-32 of what follows it, 0x08 u32 length, 0x0C u16 flags (2 = has CRC), 0x0E u16 elements, then 8 bytes an
 * element: u16 type, u16 length, u32 offset in the block (0 = absent).
 * @throws DeadboxError `NTFS_REPARSE_POINT_INVALID`, `NTFS_COMPRESSION_INVALID`, `CURSOR_OUT_OF_RANGE`
 */
export function parseCloudFile(data: Bytes): CloudFileInfo {
  const head = new Cursor(data, LAYER);
  const compressed = (head.u16(0) & FLAG_COMPRESSED) !== 0;
  const length = head.u16(2);
  if (length < 4 + HEAD_BYTES) throw invalid(2, `length ${length}`, `at least ${4 + HEAD_BYTES}`);
  const block = compressed ? expandLznt1(data.subarray(4), length - 4) : head.slice(4, length - 4);
  const cursor = new Cursor(block, LAYER, compressed ? 0 : 4);
  const magic = cursor.u32(0);
  if (magic !== 0x7052_6546) throw invalid(4, `signature ${magic.toString(16)}`, 'FeRp');
  const size = cursor.u32(8);
  const count = cursor.u16(0x0e);
  if (size > block.length || HEAD_BYTES + count * ELEMENT_BYTES > size)
    throw invalid(12, `${count} elements in ${size} bytes`, `at most ${block.length} bytes`);
  const elements: CloudFileElement[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = HEAD_BYTES + index * ELEMENT_BYTES;
    const offset = cursor.u32(at + 4);
    if (offset !== 0) elements.push({ index, type: cursor.u16(at), value: cursor.slice(offset, cursor.u16(at + 2)) });
  }
  const hasCrc = (cursor.u16(0x0c) & FLAG_HAS_CRC) !== 0;
  return { compressed, crcValid: hasCrc ? crc32(block.subarray(8, size)) === cursor.u32(4) : undefined, elements };
}

function invalid(offset: number, found: string, expected: string): Error {
  return ntfsError(
    'NTFS_REPARSE_POINT_INVALID',
    `Data of a cloud file has ${found} at byte ${offset}, expected ${expected}`,
    { layer: LAYER, offset },
    { found, expected },
  );
}
