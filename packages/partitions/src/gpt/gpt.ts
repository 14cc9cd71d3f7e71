import { type Bytes, crc32, hasAscii, isZero, type Structure, structure } from '@deadbox/core';
import { MAX_ENTRY_BYTES } from '../limits.js';
import type { PartitionFlag } from '../table/partition-table.js';

export const GPT_HEADER_FIELDS = {
  signature: [0x00, 'ascii[8]', 'EFI PART'],
  revision: [0x08, 'u32', 'Version: 0x10000'],
  headerSize: [0x0c, 'u32', 'Bytes of the header, from 92 to a sector'],
  headerCrc: [0x10, 'u32', 'CRC-32 of the header, with this field as 0'],
  ownSector: [0x18, 'u64big', 'Sector of this header'],
  otherSector: [0x20, 'u64big', 'Sector of the other copy'],
  firstUsable: [0x28, 'u64big', 'First sector that a partition may use'],
  lastUsable: [0x30, 'u64big', 'Last sector that a partition may use'],
  diskId: [0x38, 'guid', 'Identifies the disk'],
  entriesSector: [0x48, 'u64big', 'First sector of the partition entries'],
  entryCount: [0x50, 'u32', 'Number of entries, used or not'],
  entrySize: [0x54, 'u32', 'Bytes of an entry: 128, or a multiple'],
  entriesCrc: [0x58, 'u32', 'CRC-32 of all entries'],
} as const;
/** GPT header, in sector 1 and, as backup, in the last sector. */
export const GPT_HEADER: Structure<typeof GPT_HEADER_FIELDS> = structure(
  'gpt-header',
  'UEFI 2.10, 5.3.2',
  GPT_HEADER_FIELDS,
);

export const GPT_ENTRY_FIELDS = {
  type: [0x00, 'guid', 'Kind of partition; zero = unused'],
  id: [0x10, 'guid', 'Identifies the partition'],
  firstSector: [0x20, 'u64big', 'First sector'],
  lastSector: [0x28, 'u64big', 'Last sector, inclusive'],
  attributes: [0x30, 'u64big', "Attribute bits: 0 to 2 of UEFI, 60 to 63 of the type; here Microsoft's"],
  name: [0x38, 'utf16[36]', 'Name'],
} as const;
/** GPT entry; larger entries have more room for the name. */
export const GPT_ENTRY: Structure<typeof GPT_ENTRY_FIELDS> = structure(
  'gpt-entry',
  'UEFI 2.10, 5.3.3; Microsoft, PARTITION_INFORMATION_GPT',
  GPT_ENTRY_FIELDS,
);

/** The fields of a GPT header. Sector numbers count from the start of the disk. */
export interface GptHeader {
  /** Sector that the header says it lies in. */
  readonly ownSector: number;
  /** Sector of the other header. */
  readonly otherSector: number;
  /** First sector that a partition may use. */
  readonly firstUsable: number;
  /** Last sector that a partition may use, inclusive. */
  readonly lastUsable: number;
  /** Disk GUID, upper case. */
  readonly diskId: string;
  /** First sector of the entry array. */
  readonly entriesSector: number;
  /** Entries in the array, used or not. */
  readonly entryCount: number;
  /** Bytes an entry: 128 or a multiple of it. */
  readonly entrySize: number;
  /** CRC-32 of the entry array. */
  readonly entriesCrc: number;
  /** The header's own checksum is right. */
  readonly sound: boolean;
}

/** Why bytes are not a usable header. */
export type GptHeaderFault = 'signature' | 'header-size' | 'entry-size' | 'numbers';

/**
 * Parses a GPT header. A wrong checksum alone is not a fault: `sound` tells, and the fields were checked against each
 * other.
 * @param sector - one logical sector
 */
export function parseGptHeader(sector: Bytes): GptHeader | GptHeaderFault {
  if (sector.length < 512 || !isGptHeader(sector)) return 'signature';
  const values = GPT_HEADER.read(sector);
  const { headerSize, entrySize } = values;
  if (headerSize < GPT_HEADER.size || headerSize > sector.length) return 'header-size';
  if (entrySize < 128 || entrySize % 128 !== 0 || entrySize > MAX_ENTRY_BYTES) return 'entry-size';
  const header: GptHeader = {
    ownSector: Number(values.ownSector),
    otherSector: Number(values.otherSector),
    firstUsable: Number(values.firstUsable),
    lastUsable: Number(values.lastUsable),
    diskId: values.diskId,
    entriesSector: Number(values.entriesSector),
    entryCount: values.entryCount,
    entrySize,
    entriesCrc: values.entriesCrc,
    sound: headerCrc(sector, headerSize) === values.headerCrc,
  };
  const sectors = [header.ownSector, header.otherSector, header.firstUsable, header.lastUsable, header.entriesSector];
  if (sectors.some((value) => value > Number.MAX_SAFE_INTEGER / 4096) || header.entriesSector === 0) return 'numbers';
  return header;
}

function headerCrc(sector: Bytes, size: number): number {
  const { offset, length } = GPT_HEADER.fields.headerCrc;
  const checked = new Uint8Array(sector.subarray(0, size));
  checked.fill(0, offset, offset + length);
  return crc32(checked);
}

/** Whether `EFI PART` stands at `offset`. */
export function isGptHeader(bytes: Bytes, offset = 0): boolean {
  return hasAscii(bytes, offset, 'EFI PART');
}

/** One used GPT entry. */
export interface GptEntry {
  /** 0-based place in the array. */
  readonly index: number;
  /** Partition type GUID. */
  readonly type: string;
  /** Unique GUID of the partition. */
  readonly id: string;
  readonly firstSector: number;
  /** Inclusive. */
  readonly lastSector: number;
  /** The 64 attribute bits as hexadecimal text. */
  readonly attributes: string;
  /** The attribute bits with a known meaning. */
  readonly flags: readonly PartitionFlag[];
  /** Name, without padding. */
  readonly name: string;
}

const FLAGS: readonly (readonly [number, PartitionFlag])[] = [
  [0, 'required'],
  [1, 'no-block-io'],
  [2, 'legacy-boot'],
  [60, 'read-only'],
  [61, 'shadow-copy'],
  [62, 'hidden'],
  [63, 'no-drive-letter'],
];

/** The used entries of an entry array; `entrySize` as {@link parseGptHeader} accepted it. */
export function parseGptEntries(array: Bytes, entrySize: number): GptEntry[] {
  const entries: GptEntry[] = [];
  for (let index = 0; (index + 1) * entrySize <= array.length; index += 1) {
    const at = index * entrySize;
    // Nearly all of them are unused: the type of zeros is looked for before anything is decoded.
    if (isZero(array.subarray(at, at + GPT_ENTRY.fields.type.length))) continue;
    const { type, id, firstSector, lastSector, attributes, name } = GPT_ENTRY.read(array, at);
    entries.push({
      index,
      type,
      id,
      firstSector: Number(firstSector),
      lastSector: Number(lastSector),
      attributes: attributes.toString(16).toUpperCase().padStart(16, '0'),
      flags: FLAGS.filter(([bit]) => ((attributes >> BigInt(bit)) & 1n) === 1n).map(([, flag]) => flag),
      name,
    });
  }
  return entries;
}
