import {
  type Bytes,
  Cursor,
  type Field,
  formatGuid,
  isZero,
  type Json,
  type Structure,
  structure,
} from '@deadbox/core';
import { adler32 } from '../compression/adler32.js';
import { imageError } from '../errors.js';
import { MAX_UNPACKED_BYTES, MAX_VIRTUAL_SIZE } from '../limits.js';

/** Data of the volume or disk section of EnCase, little-endian. */
const EWF_VOLUME_FIELDS = {
  mediaType: [
    0,
    'u8',
    'What was imaged',
    { values: { 0: 'removable', 1: 'fixed', 3: 'optical', 14: 'logical evidence', 16: 'memory' } },
  ],
  chunks: [4, 'u32', 'Chunks of the image; old writers leave it wrong'],
  chunkSectors: [8, 'u32', 'Sectors of a chunk'],
  sectorBytes: [12, 'u32', 'Bytes of a sector'],
  sectors: [16, 'u64', 'Sectors of the medium; 32 bits in the SMART form'],
  mediaFlags: [36, 'u8', 'Flags', { flags: { 0x1: 'image', 0x2: 'physical', 0x4: 'Fastbloc', 0x8: 'Tableau' } }],
  compression: [52, 'u8', 'Compression level', { values: { 0: 'none', 1: 'good', 2: 'best' } }],
  errorGranularity: [56, 'u32', 'Sectors that one read error cost'],
  segmentSetId: [64, 'bytes[16]', 'Identifies the set of segment files'],
  checksum: [1048, 'u32', 'Adler-32 of the bytes before it'],
} as const;
/** See {@link EWF_VOLUME_FIELDS}. */
export const EWF_VOLUME: Structure<typeof EWF_VOLUME_FIELDS> = structure(
  'ewf-volume',
  'libyal, EWF specification, Volume section',
  EWF_VOLUME_FIELDS,
);

/** Data of the volume section of SMART, which is shorter. */
const EWF_SMART_VOLUME_FIELDS = {
  chunks: [4, 'u32', 'Chunks of the image'],
  chunkSectors: [8, 'u32', 'Sectors of a chunk'],
  sectorBytes: [12, 'u32', 'Bytes of a sector'],
  sectors: [16, 'u32', 'Sectors of the medium'],
  word: [85, 'ascii[5]', '"SMART"'],
  checksum: [90, 'u32', 'Adler-32 of the bytes before it'],
} as const;
/** See {@link EWF_SMART_VOLUME_FIELDS}. */
export const EWF_SMART_VOLUME: Structure<typeof EWF_SMART_VOLUME_FIELDS> = structure(
  'ewf-smart-volume',
  'libyal, EWF specification, Volume section, EWF-S01',
  EWF_SMART_VOLUME_FIELDS,
);
const AT = EWF_VOLUME.fields;

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
  /** Identifies the set of segment files; absent where the writer left it empty. */
  readonly segmentSetId?: string;
  readonly details: Readonly<Record<string, Json>>;
}

/**
 * Parses the data of a volume or disk section.
 * @param at - byte offset of `bytes` in the file `layer`
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_LIMIT`
 */
export function parseEwfVolume(bytes: Bytes, layer: string, at: number): EwfVolume {
  const cursor = new Cursor(bytes, layer, at);
  const damaged = (field: Field, what: string): Error =>
    imageError('IMAGE_DAMAGED', `${layer} has a damaged EWF volume section: ${what}`, cursor.at(field.offset));
  if (bytes.length < EWF_SMART_VOLUME.size) throw damaged(AT.mediaType, `it has ${bytes.length} bytes`);
  const isEnCase = bytes.length >= EWF_VOLUME.size;
  const checksum = isEnCase ? AT.checksum : EWF_SMART_VOLUME.fields.checksum;
  if (adler32(cursor.slice(0, checksum.offset)) !== checksum.read(cursor))
    throw damaged(checksum, 'its checksum does not fit');
  const sectorBytes = AT.sectorBytes.read(cursor);
  const chunkSectors = AT.chunkSectors.read(cursor);
  const chunkBytes = chunkSectors * sectorBytes;
  if (sectorBytes < 1 || sectorBytes > 65_536 || chunkSectors < 1)
    throw damaged(AT.chunkSectors, `chunks of ${chunkSectors} sectors of ${sectorBytes} bytes`);
  if (chunkBytes > MAX_UNPACKED_BYTES) {
    throw imageError(
      'IMAGE_LIMIT',
      `${layer} has chunks of ${chunkBytes} bytes; the most is ${MAX_UNPACKED_BYTES}`,
      cursor.at(AT.chunkSectors.offset),
    );
  }
  const sectors = isEnCase ? cursor.u64Number(AT.sectors.offset) : EWF_SMART_VOLUME.fields.sectors.read(cursor);
  const size = sectors * sectorBytes;
  if (size > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims ${sectors} sectors`, cursor.at(AT.sectors.offset), { sectors });
  const common = { sectorBytes, size, chunkBytes, chunks: AT.chunks.read(cursor) };
  const geometry = { sectorSize: sectorBytes, chunkSize: chunkBytes };
  if (!isEnCase)
    return {
      kind: EWF_SMART_VOLUME.fields.word.read(cursor) === 'SMART' ? 'S01' : 'E01',
      ...common,
      details: geometry,
    };
  const id = AT.segmentSetId.read(cursor);
  const mediaType = AT.mediaType.read(cursor);
  return {
    kind: 'E01',
    ...common,
    ...(isZero(id) ? {} : { segmentSetId: formatGuid(id) }),
    details: {
      ...geometry,
      mediaType: AT.mediaType.options.values?.[mediaType] ?? `type ${mediaType}`,
      physical: (AT.mediaFlags.read(cursor) & 2) !== 0,
      compressionLevel: AT.compression.options.values?.[AT.compression.read(cursor)] ?? 'unknown',
      errorGranularity: AT.errorGranularity.read(cursor),
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
    const name = HEADER_KEYS.get(key.trim());
    const value = values[index]?.trim() ?? '';
    if (start >= 0 && name !== undefined && value !== '') found[name] = asDate(name, value);
  });
  return found;
}

const HEADER_KEYS: ReadonlyMap<string, string> = new Map([
  ['a', 'description'],
  ['c', 'caseNumber'],
  ['n', 'evidenceNumber'],
  ['e', 'examiner'],
  ['t', 'notes'],
  ['av', 'softwareVersion'],
  ['ov', 'platform'],
  ['m', 'acquired'],
  ['u', 'systemTime'],
  ['md', 'model'],
  ['sn', 'serialNumber'],
]);

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
