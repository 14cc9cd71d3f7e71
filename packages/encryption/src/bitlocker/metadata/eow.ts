import { type Bytes, Cursor, crc32, hasAscii } from '@deadbox/core';
import { MAX_EOW_BITMAP, MAX_EOW_INFORMATION, MAX_EOW_REGIONS } from '../../limits.js';

/** Encrypt-on-write information: where the bitmaps of a conversion (Windows 10 and later) lie. */
export interface EowInformation {
  /** Bytes that one bit of a bitmap stands for. */
  readonly chunkSize: number;
  /** Bytes of each conversion log. */
  readonly conversionLogSize: number;
  /** Size of this information block in bytes. */
  readonly size: number;
  /** Volume offsets of its two copies. */
  readonly copies: number[];
  /** Volume offsets of the bitmaps, one a region. */
  readonly bitmapOffsets: number[];
}

/** One region's bitmap: which chunks are encrypted. */
export interface EowBitmap {
  /** Volume offset of the bitmap structure and its size with both records, in bytes. */
  readonly offset: number;
  readonly size: number;
  /** The region of the volume it describes. */
  readonly regionOffset: number;
  readonly regionSize: number;
  readonly conversionLogOffset: number;
  /** Number of valid bits. */
  readonly bits: number;
  /** LSB first; 1 = encrypted, 0 = plaintext. Bit i covers `[regionOffset + i * chunkSize, + chunkSize)`. */
  readonly bitmap: Bytes;
  /** Sequence number of the record that was used. */
  readonly sequence: number;
}

/** Source: dissect.fve (eow), fields and CRCs re-derived from two images. */
const INFO = {
  headerSize: 8,
  size: 10,
  chunkSize: 20,
  logSize: 24,
  regions: 32,
  crc: 36,
  copies: 40,
  bitmaps: 56,
} as const;
const BITMAP = {
  size: 12,
  regionOffset: 20,
  regionSize: 28,
  logOffset: 36,
  records: 44,
  recordSize: 52,
  crc: 56,
  length: 60,
} as const;
const RECORD = { headerSize: 10, size: 12, bits: 16, sequence: 20, crc: 32, length: 36 } as const;

/** Parses the information block at the start of `bytes`; `undefined` when signature, sizes or CRC are wrong. */
export function parseEowInformation(bytes: Bytes): EowInformation | undefined {
  if (bytes.length < INFO.bitmaps || !hasAscii(bytes, 0, 'FVE-EOW\0')) return undefined;
  const cursor = new Cursor(bytes, 'encrypt-on-write information');
  const size = cursor.u16(INFO.size);
  const regions = cursor.u32(INFO.regions);
  if (size < INFO.bitmaps || size > Math.min(bytes.length, MAX_EOW_INFORMATION) || regions > MAX_EOW_REGIONS)
    return undefined;
  if (INFO.bitmaps + regions * 8 > size || !crcMatches(bytes.subarray(0, size), INFO.crc)) return undefined;
  const chunkSize = cursor.u32(INFO.chunkSize);
  if (chunkSize < 512 || chunkSize % 512 !== 0) return undefined;
  return {
    chunkSize,
    conversionLogSize: cursor.u32(INFO.logSize),
    size,
    copies: [cursor.u64Number(INFO.copies), cursor.u64Number(INFO.copies + 8)],
    bitmapOffsets: Array.from({ length: regions }, (_, i) => cursor.u64Number(INFO.bitmaps + i * 8)),
  };
}

/** Size in bytes that a bitmap's first sector announces; `undefined` when it is none. */
export function eowBitmapSize(bytes: Bytes): number | undefined {
  if (bytes.length < BITMAP.length || !hasAscii(bytes, 0, 'FVE-EOWBM\0')) return undefined;
  const size = new Cursor(bytes).u32(BITMAP.size);
  return size >= BITMAP.length && size <= MAX_EOW_BITMAP ? size : undefined;
}

/** Parses a bitmap with its two records, and takes the valid record with the higher sequence number; `undefined` when none is valid. */
export function parseEowBitmap(bytes: Bytes, offset: number): EowBitmap | undefined {
  const size = eowBitmapSize(bytes);
  if (size === undefined || size > bytes.length) return undefined;
  const cursor = new Cursor(bytes, 'encrypt-on-write bitmap', offset);
  const records = [cursor.u32(BITMAP.records), cursor.u32(BITMAP.records + 4)];
  const recordSize = cursor.u32(BITMAP.recordSize);
  const covered = records[0];
  if (covered < BITMAP.length || covered > size || !crcMatches(bytes.subarray(0, covered), BITMAP.crc))
    return undefined;
  let best: { bits: number; bitmap: Bytes; sequence: number } | undefined;
  for (const at of records) {
    if (at + recordSize > size) continue;
    const record = parseRecord(bytes.subarray(at, at + recordSize));
    if (record !== undefined && (best === undefined || record.sequence > best.sequence)) best = record;
  }
  if (best === undefined) return undefined;
  return {
    offset,
    size,
    regionOffset: cursor.u64Number(BITMAP.regionOffset),
    regionSize: cursor.u64Number(BITMAP.regionSize),
    conversionLogOffset: cursor.u64Number(BITMAP.logOffset),
    ...best,
  };
}

function parseRecord(bytes: Bytes): { bits: number; bitmap: Bytes; sequence: number } | undefined {
  if (bytes.length < RECORD.length || !hasAscii(bytes, 0, 'FVE-EOWBR\0')) return undefined;
  const cursor = new Cursor(bytes);
  const headerSize = cursor.u16(RECORD.headerSize);
  const size = cursor.u32(RECORD.size);
  const bits = cursor.u32(RECORD.bits);
  if (headerSize < RECORD.length || size > bytes.length || headerSize + Math.ceil(bits / 8) > size) return undefined;
  if (!crcMatches(bytes.subarray(0, size), RECORD.crc)) return undefined;
  return { bits, bitmap: bytes.subarray(headerSize, size), sequence: cursor.u64Number(RECORD.sequence) };
}

/** Every structure carries a CRC-32 over itself with the CRC field zeroed. */
function crcMatches(bytes: Bytes, field: number): boolean {
  const zeroed = bytes.slice();
  zeroed.fill(0, field, field + 4);
  return crc32(zeroed) === new Cursor(bytes).u32(field);
}

/** Whether the chunk of `bitmap` that holds volume offset `offset` is encrypted. */
export function chunkEncrypted(bitmap: EowBitmap, chunkSize: number, offset: number): boolean {
  const bit = Math.floor((offset - bitmap.regionOffset) / chunkSize);
  return bit >= 0 && bit < bitmap.bits && (bitmap.bitmap[bit >> 3] & (1 << (bit & 7))) !== 0;
}

/** Bytes of the region that are encrypted. */
export function encryptedBytes(bitmap: EowBitmap, chunkSize: number): number {
  let total = 0;
  for (let bit = 0; bit < bitmap.bits; bit += 1) {
    const from = bit * chunkSize;
    if (from >= bitmap.regionSize) break;
    if (bitmap.bitmap[bit >> 3] & (1 << (bit & 7))) total += Math.min(chunkSize, bitmap.regionSize - from);
  }
  return total;
}
