import { type Bytes, Cursor, crc32, hasAscii, SECTOR, type Structure, structure } from '@deadbox/core';
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
  readonly copies: readonly number[];
  /** Volume offsets of the bitmaps, one a region. */
  readonly bitmapOffsets: readonly number[];
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

const SOURCE = 'dissect.fve (eow); fields and CRCs re-derived from two images';

const EOW_INFORMATION_FIELDS = {
  signature: [0, 'ascii[8]', 'FVE-EOW and a zero'],
  headerSize: [8, 'u16', 'Size of this header in bytes'],
  size: [10, 'u16', 'Size of the block in bytes, with the list of bitmaps'],
  sectorSize: [12, 'u32', 'Bytes a sector'],
  chunkSize: [20, 'u32', 'Bytes that one bit of a bitmap stands for'],
  logSize: [24, 'u32', 'Bytes of each conversion log'],
  regions: [32, 'u32', 'Number of regions, each with a bitmap'],
  crc: [36, 'u32', 'CRC-32 of the block with this field zero'],
  copy1: [40, 'u64', 'Volume offset of the first copy of this block'],
  copy2: [48, 'u64', 'Volume offset of the second copy'],
} as const;
/** Encrypt-on-write information; the volume offsets of the bitmaps follow, 8 bytes each. */
export const EOW_INFORMATION: Structure<typeof EOW_INFORMATION_FIELDS> = structure(
  'bitlocker-eow-information',
  SOURCE,
  EOW_INFORMATION_FIELDS,
);

const EOW_BITMAP_FIELDS = {
  signature: [0, 'ascii[10]', 'FVE-EOWBM and a zero'],
  headerSize: [10, 'u16', 'Size of this header in bytes'],
  size: [12, 'u32', 'Size in bytes, with both records'],
  index: [16, 'u32', 'Number of the region'],
  regionOffset: [20, 'u64', 'Volume offset of the region'],
  regionSize: [28, 'u64', 'Bytes of the region'],
  logOffset: [36, 'u64', 'Volume offset of the conversion log'],
  record1: [44, 'u32', 'Where the first record begins'],
  record2: [48, 'u32', 'Where the second record begins'],
  recordSize: [52, 'u32', 'Bytes of each record'],
  crc: [56, 'u32', 'CRC-32 of the bytes before the first record with this field zero'],
} as const;
/** Header of an encrypt-on-write bitmap, with two records behind it. */
export const EOW_BITMAP: Structure<typeof EOW_BITMAP_FIELDS> = structure(
  'bitlocker-eow-bitmap',
  SOURCE,
  EOW_BITMAP_FIELDS,
);

const EOW_RECORD_FIELDS = {
  signature: [0, 'ascii[10]', 'FVE-EOWBR and a zero'],
  headerSize: [10, 'u16', 'Size of this header: where the bits begin'],
  size: [12, 'u32', 'Size in bytes, with the bits'],
  bits: [16, 'u32', 'Number of bits: 1 encrypted, 0 plain; lowest first'],
  sequence: [20, 'u64', 'The record with the higher number is in force'],
  flags: [28, 'u32', 'Flags'],
  crc: [32, 'u32', 'CRC-32 of the record with this field zero'],
} as const;
/** One of the two states of an encrypt-on-write bitmap. */
export const EOW_RECORD: Structure<typeof EOW_RECORD_FIELDS> = structure(
  'bitlocker-eow-record',
  SOURCE,
  EOW_RECORD_FIELDS,
);

const INFORMATION = EOW_INFORMATION.fields;
const BITMAP = EOW_BITMAP.fields;
const RECORD = EOW_RECORD.fields;
const BITMAP_OFFSET = 8;

/** Parses the information block at the start of `bytes`; `undefined` when signature, sizes or CRC are wrong. */
export function parseEowInformation(bytes: Bytes): EowInformation | undefined {
  if (bytes.length < EOW_INFORMATION.size || !hasAscii(bytes, 0, 'FVE-EOW\0')) return undefined;
  const cursor = new Cursor(bytes, 'encrypt-on-write information');
  const size = INFORMATION.size.read(cursor);
  const regions = INFORMATION.regions.read(cursor);
  if (size > Math.min(bytes.length, MAX_EOW_INFORMATION) || regions > MAX_EOW_REGIONS) return undefined;
  if (EOW_INFORMATION.size + regions * BITMAP_OFFSET > size) return undefined;
  if (!crcMatches(bytes.subarray(0, size), INFORMATION.crc.offset)) return undefined;
  const chunkSize = INFORMATION.chunkSize.read(cursor);
  if (chunkSize < SECTOR || chunkSize % SECTOR !== 0) return undefined;
  return {
    chunkSize,
    conversionLogSize: INFORMATION.logSize.read(cursor),
    size,
    copies: [INFORMATION.copy1, INFORMATION.copy2].map((field) => cursor.u64Number(field.offset)),
    bitmapOffsets: Array.from({ length: regions }, (_, i) =>
      cursor.u64Number(EOW_INFORMATION.size + i * BITMAP_OFFSET),
    ),
  };
}

/** Size in bytes that a bitmap's first sector announces; `undefined` when it is none. */
export function eowBitmapSize(bytes: Bytes): number | undefined {
  if (bytes.length < EOW_BITMAP.size || !hasAscii(bytes, 0, 'FVE-EOWBM\0')) return undefined;
  const size = BITMAP.size.read(new Cursor(bytes));
  return size >= EOW_BITMAP.size && size <= MAX_EOW_BITMAP ? size : undefined;
}

/**
 * Parses a bitmap with its two records, and takes the valid record with the higher sequence number; `undefined` when
 * none is valid.
 */
export function parseEowBitmap(bytes: Bytes, offset: number): EowBitmap | undefined {
  const size = eowBitmapSize(bytes);
  if (size === undefined || size > bytes.length) return undefined;
  const cursor = new Cursor(bytes, 'encrypt-on-write bitmap', offset);
  const records = [BITMAP.record1.read(cursor), BITMAP.record2.read(cursor)];
  const recordSize = BITMAP.recordSize.read(cursor);
  const covered = records[0];
  if (covered < EOW_BITMAP.size || covered > size || !crcMatches(bytes.subarray(0, covered), BITMAP.crc.offset))
    return undefined;
  let best: EowRecord | undefined;
  for (const at of records) {
    if (at + recordSize > size) continue;
    const record = parseRecord(bytes.subarray(at, at + recordSize));
    if (record !== undefined && (best === undefined || record.sequence > best.sequence)) best = record;
  }
  if (best === undefined) return undefined;
  return {
    offset,
    size,
    regionOffset: cursor.u64Number(BITMAP.regionOffset.offset),
    regionSize: cursor.u64Number(BITMAP.regionSize.offset),
    conversionLogOffset: cursor.u64Number(BITMAP.logOffset.offset),
    ...best,
  };
}

type EowRecord = Pick<EowBitmap, 'bits' | 'bitmap' | 'sequence'>;

function parseRecord(bytes: Bytes): EowRecord | undefined {
  if (bytes.length < EOW_RECORD.size || !hasAscii(bytes, 0, 'FVE-EOWBR\0')) return undefined;
  const cursor = new Cursor(bytes);
  const headerSize = RECORD.headerSize.read(cursor);
  const size = RECORD.size.read(cursor);
  const bits = RECORD.bits.read(cursor);
  if (headerSize < EOW_RECORD.size || size > bytes.length || headerSize + Math.ceil(bits / 8) > size) return undefined;
  if (!crcMatches(bytes.subarray(0, size), RECORD.crc.offset)) return undefined;
  return { bits, bitmap: bytes.subarray(headerSize, size), sequence: cursor.u64Number(RECORD.sequence.offset) };
}

/** Every structure carries a CRC-32 over itself with the CRC field zeroed. */
function crcMatches(bytes: Bytes, field: number): boolean {
  const zeroed = new Uint8Array(bytes);
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
