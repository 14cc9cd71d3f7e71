import { type Bytes, Cursor, crc32, untilNul } from '@deadbox/core';
import { MAX_ENTRY_BYTES } from '../limits.js';
import type { PartitionFlag } from '../table/partition-table.js';
import { GPT_TYPE } from '../table/partition-types.js';

/*
 * GPT header (UEFI 2.10 section 5.3.2), in sector 1 and, as backup, in the last sector:
 *   0x00 "EFI PART"         0x08 u32 revision        0x0C u32 header size (92 … sector)
 *   0x10 u32 CRC-32 of the header with this field 0  0x18 u64 own sector
 *   0x20 u64 sector of the other copy                0x28, 0x30 u64 first and last usable sector
 *   0x38 disk GUID          0x48 u64 first sector of the entries
 *   0x50 u32 entries        0x54 u32 bytes an entry  0x58 u32 CRC-32 of the entries
 */
const HEADER_MIN = 92;

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
 * Parses a GPT header. A wrong checksum alone is not a fault: `sound` tells, and the fields were checked against each other.
 * @param sector - one logical sector
 */
export function parseGptHeader(sector: Bytes): GptHeader | GptHeaderFault {
  const cursor = new Cursor(sector, 'GPT header');
  if (sector.length < 512 || !isGptHeader(sector)) return 'signature';
  const size = cursor.u32(0x0c);
  if (size < HEADER_MIN || size > sector.length) return 'header-size';
  const entrySize = cursor.u32(0x54);
  if (entrySize < 128 || entrySize % 128 !== 0 || entrySize > MAX_ENTRY_BYTES) return 'entry-size';
  const checked = sector.slice(0, size);
  checked.fill(0, 0x10, 0x14);
  const header: GptHeader = {
    ownSector: cursor.u64Number(0x18),
    otherSector: cursor.u64Number(0x20),
    firstUsable: cursor.u64Number(0x28),
    lastUsable: cursor.u64Number(0x30),
    diskId: cursor.guid(0x38),
    entriesSector: cursor.u64Number(0x48),
    entryCount: cursor.u32(0x50),
    entrySize,
    entriesCrc: cursor.u32(0x58),
    sound: crc32(checked) === cursor.u32(0x10),
  };
  const sectors = [header.ownSector, header.otherSector, header.firstUsable, header.lastUsable, header.entriesSector];
  if (sectors.some((value) => value > Number.MAX_SAFE_INTEGER / 4096) || header.entriesSector === 0) return 'numbers';
  return header;
}

/** Whether `EFI PART` stands at `offset`. */
export function isGptHeader(bytes: Bytes, offset = 0): boolean {
  const signature = 'EFI PART';
  for (let i = 0; i < signature.length; i += 1) if (bytes[offset + i] !== signature.charCodeAt(i)) return false;
  return true;
}

/** One used GPT entry. */
export interface GptEntry {
  /** 0-based place in the array. */
  readonly index: number;
  /** Partition type GUID. */
  readonly type: string;
  /** Unique GUID of the partition. */
  readonly id: string;
  /** First sector. */
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

/*
 * GPT entry (UEFI 2.10 section 5.3.3): 0x00 type GUID, 0x10 unique GUID, 0x20 u64 first sector, 0x28 u64 last sector (inclusive),
 * 0x30 u64 attributes, 0x38 name, 36 UTF-16 units (more in larger entries).
 */
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
    const cursor = new Cursor(array.subarray(index * entrySize, (index + 1) * entrySize), 'GPT entry');
    const type = cursor.guid(0);
    if (type === GPT_TYPE.unused) continue;
    const attributes = cursor.u64(0x30);
    entries.push({
      index,
      type,
      id: cursor.guid(0x10),
      firstSector: cursor.u64Number(0x20),
      lastSector: cursor.u64Number(0x28),
      attributes: attributes.toString(16).toUpperCase().padStart(16, '0'),
      flags: FLAGS.filter(([bit]) => ((attributes >> BigInt(bit)) & 1n) === 1n).map(([, flag]) => flag),
      name: untilNul(cursor.utf16(0x38, 36)),
    });
  }
  return entries;
}
