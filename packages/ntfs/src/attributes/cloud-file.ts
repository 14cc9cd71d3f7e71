import { type Bytes, Cursor } from '@deadbox/core';
import { expandLznt1 } from '../compression/lznt1.js';
import { ntfsError } from '../errors.js';
import { type FilterBlockElement, parseFilterBlock } from './filter-block.js';

/**
 * The `FeRp` block that the cloud files filter keeps in its reparse point. The meaning of an element's index is not
 * documented.
 */
export interface CloudFileInfo {
  /** Whether the block was stored as LZNT1. */
  readonly compressed: boolean;
  /** Whether the CRC-32 in the block fits its bytes; `undefined` when the block carries none. */
  readonly crcValid: boolean | undefined;
  /** The elements that could be read. */
  readonly elements: readonly FilterBlockElement[];
}

const LAYER = 'cloud file data';
const HEAD_BYTES = 4;
const SMALLEST_BLOCK = 16;
const FLAG_COMPRESSED = 0x8000;

/**
 * Parses the reparse data of a cloud file placeholder (tags `9000x01A`). Layout as FileTest's ReparseDataHsm.h records
 * it:
 * 0x00 u16 flags (low byte revision 1, 0x8000 = the rest is LZNT1), 0x02 u16 length with these 4 bytes, then a block
 * `FeRp`.
 * @throws DeadboxError `NTFS_REPARSE_POINT_INVALID`, `NTFS_COMPRESSION_INVALID`, `CURSOR_OUT_OF_RANGE`
 */
export function parseCloudFile(data: Bytes): CloudFileInfo {
  const head = new Cursor(data, LAYER);
  const compressed = (head.u16(0) & FLAG_COMPRESSED) !== 0;
  const length = head.u16(2);
  if (length < HEAD_BYTES + SMALLEST_BLOCK) {
    const what = `Data of a cloud file claims ${length} bytes, expected at least ${HEAD_BYTES + SMALLEST_BLOCK}`;
    throw ntfsError('NTFS_REPARSE_POINT_INVALID', what, head.at(2), { length });
  }
  const bytes = compressed
    ? expandLznt1(data.subarray(HEAD_BYTES), length - HEAD_BYTES)
    : head.slice(HEAD_BYTES, length - HEAD_BYTES);
  const { crcValid, elements } = parseFilterBlock(bytes, 'FeRp', LAYER, compressed ? 0 : HEAD_BYTES);
  return { compressed, crcValid, elements };
}
