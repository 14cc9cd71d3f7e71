import { type Bytes, Cursor, formatGuid, hasAscii, isZero, type Json } from '@deadbox/core';
import { adler32 } from '../compression/adler32.js';
import { imageError } from '../errors.js';
import { MAX_UNPACKED_BYTES, MAX_VIRTUAL_SIZE } from '../limits.js';

/** Data of the volume or disk section of EnCase; offsets in bytes. */
const FIELD = {
  mediaType: 0,
  chunks: 4,
  chunkSectors: 8,
  sectorBytes: 12,
  sectors: 16,
  mediaFlags: 36,
  compression: 52,
  errorGranularity: 56,
  segmentSetId: 64,
  checksum: 1048,
} as const;
const ENCASE_BYTES = 1052;
/** Data of the volume section of SMART, which ends with that word and a checksum. */
const SMART_FIELD = { sectors: 16, word: 85, checksum: 90 } as const;
const SMART_BYTES = 94;

/** Media types of EnCase. */
const MEDIA_TYPES: Readonly<Record<number, string>> = {
  0: 'removable',
  1: 'fixed',
  3: 'optical',
  14: 'logical evidence',
  16: 'memory',
};

/** Geometry of the imaged medium. */
export interface EwfVolume {
  /** `E01` (EnCase) or `S01` (SMART). */
  readonly kind: 'E01' | 'S01';
  readonly sectorBytes: number;
  /** Virtual size in bytes. */
  readonly size: number;
  /** Bytes of a chunk. */
  readonly chunkBytes: number;
  /** Number of chunks as recorded; old writers leave it wrong. */
  readonly chunks: number;
  readonly details: Readonly<Record<string, Json>>;
}

/**
 * Parses the data of a volume or disk section.
 * @param at - byte offset of `bytes` in the file `layer`
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_LIMIT`
 */
export function parseEwfVolume(bytes: Bytes, layer: string, at: number): EwfVolume {
  const cursor = new Cursor(bytes, layer, at);
  const damaged = (field: number, what: string): Error =>
    imageError('IMAGE_DAMAGED', `${layer} has a damaged EWF volume section: ${what}`, cursor.at(field));
  if (bytes.length < SMART_BYTES) throw damaged(0, `it has ${bytes.length} bytes`);
  const isEnCase = bytes.length >= ENCASE_BYTES;
  const checksum = isEnCase ? FIELD.checksum : SMART_FIELD.checksum;
  if (adler32(cursor.slice(0, checksum)) !== cursor.u32(checksum)) throw damaged(checksum, 'its checksum does not fit');
  const sectorBytes = cursor.u32(FIELD.sectorBytes);
  const chunkSectors = cursor.u32(FIELD.chunkSectors);
  const chunkBytes = chunkSectors * sectorBytes;
  if (sectorBytes < 1 || sectorBytes > 65_536 || chunkSectors < 1)
    throw damaged(FIELD.chunkSectors, `chunks of ${chunkSectors} sectors of ${sectorBytes} bytes`);
  if (chunkBytes > MAX_UNPACKED_BYTES) {
    throw imageError(
      'IMAGE_LIMIT',
      `${layer} has chunks of ${chunkBytes} bytes; the most is ${MAX_UNPACKED_BYTES}`,
      cursor.at(FIELD.chunkSectors),
    );
  }
  const sectors = isEnCase ? cursor.u64Number(FIELD.sectors) : cursor.u32(SMART_FIELD.sectors);
  const size = sectors * sectorBytes;
  if (size > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims ${sectors} sectors`, cursor.at(FIELD.sectors), { sectors });
  const common = { sectorBytes, size, chunkBytes, chunks: cursor.u32(FIELD.chunks) };
  const geometry = { sectorSize: sectorBytes, chunkSize: chunkBytes };
  if (!isEnCase)
    return { kind: hasAscii(bytes, SMART_FIELD.word, 'SMART') ? 'S01' : 'E01', ...common, details: geometry };
  const id = cursor.slice(FIELD.segmentSetId, 16);
  const mediaType = cursor.u8(FIELD.mediaType);
  return {
    kind: 'E01',
    ...common,
    details: {
      ...geometry,
      mediaType: MEDIA_TYPES[mediaType] ?? `type ${mediaType}`,
      physical: (cursor.u8(FIELD.mediaFlags) & 2) !== 0,
      compressionLevel: ['none', 'good', 'best'][cursor.u8(FIELD.compression)] ?? 'unknown',
      errorGranularity: cursor.u32(FIELD.errorGranularity),
      ...(isZero(id) ? {} : { segmentSetId: formatGuid(id) }),
    },
  };
}

/** Words of the header section, e.g. for `details`: case number, examiner, acquisition software. */
export function parseEwfHeaderText(text: string): Record<string, Json> {
  const lines = text.split(/\r\n|\n|\r/);
  const start = lines.findIndex((line) => line.trim() === 'main');
  const keys = lines[start + 1]?.split('\t') ?? [];
  const values = lines[start + 2]?.split('\t') ?? [];
  const found: Record<string, Json> = {};
  keys.forEach((key, index) => {
    const name = HEADER_KEYS[key.trim()];
    const value = values[index]?.trim() ?? '';
    if (start >= 0 && name !== undefined && value !== '') found[name] = asDate(name, value);
  });
  return found;
}

const HEADER_KEYS: Readonly<Record<string, string>> = {
  a: 'description',
  c: 'caseNumber',
  n: 'evidenceNumber',
  e: 'examiner',
  t: 'notes',
  av: 'softwareVersion',
  ov: 'platform',
  m: 'acquired',
  u: 'systemTime',
  md: 'model',
  sn: 'serialNumber',
};

/** header2 holds seconds since 1970, header six numbers in local time of an unknown zone. */
function asDate(name: string, value: string): string {
  if (name !== 'acquired' && name !== 'systemTime') return value;
  if (/^\d{1,10}$/.test(value)) return new Date(Number(value) * 1000).toISOString();
  const parts = /^(\d{4}) (\d{1,2}) (\d{1,2}) (\d{1,2}) (\d{1,2}) (\d{1,2})$/.exec(value);
  if (parts === null) return value;
  const [year, ...rest] = parts.slice(1).map((part) => part.padStart(2, '0'));
  return `${year}-${rest[0]}-${rest[1]}T${rest[2]}:${rest[3]}:${rest[4]}`;
}

/** Text of a header section: ASCII, or UTF-16 with a byte order mark in header2. */
export function decodeEwfText(bytes: Bytes): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder().decode(bytes);
}
