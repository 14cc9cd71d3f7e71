import { type Bytes, Cursor, type Structure, structure } from '@deadbox/core';
import { MBR_TYPE } from '../table/partition-types.js';

const SOURCE = 'UEFI 2.10, 5.2.1; Microsoft, Disk Concepts';

export const MBR_FIELDS = {
  bootCode: [0x000, 'bytes[440]', 'Boot code; in an extended boot record unused'],
  diskSignature: [0x1b8, 'u32', 'Identifies the disk; 0 = none'],
  reserved: [0x1bc, 'u16', '0x5A5A on a disk that is copy-protected, else 0'],
  entries: [0x1be, 'bytes[64]', 'Four partition entries'],
  signature: [0x1fe, 'u16', '0xAA55'],
} as const;
/** Master boot record; an extended boot record has the same layout. */
export const MBR: Structure<typeof MBR_FIELDS> = structure('mbr', SOURCE, MBR_FIELDS);

export const MBR_ENTRY_FIELDS = {
  bootIndicator: [0x0, 'u8', 'Active partition', { values: { 0x00: 'inactive', 0x80: 'active' } }],
  // The CHS fields are wrong on every disk above 8 GB and are not read.
  firstChs: [0x1, 'bytes[3]', 'First sector as cylinder, head, sector'],
  type: [0x4, 'u8', 'Kind of partition; 0 = unused'],
  lastChs: [0x5, 'bytes[3]', 'Last sector as cylinder, head, sector'],
  firstSector: [
    0x8,
    'u32',
    'First sector: of the disk; in an extended boot record of that record or the extended partition',
  ],
  sectors: [0xc, 'u32', 'Number of sectors'],
} as const;
/** One of the four entries of a boot record. */
export const MBR_ENTRY: Structure<typeof MBR_ENTRY_FIELDS> = structure('mbr-entry', SOURCE, MBR_ENTRY_FIELDS);

const ENTRIES = 4;
const SIGNATURE = 0xaa55;

/** One used entry of an MBR or extended boot record. */
export interface MbrEntry {
  /** 0–3. */
  readonly index: number;
  /** Byte offset of the entry inside its sector. */
  readonly at: number;
  /** Boot indicator is 0x80. */
  readonly active: boolean;
  /** Type byte, never 0. */
  readonly type: number;
  /** First sector: from the start of the disk in an MBR, relative in an extended boot record. */
  readonly firstSector: number;
  /** Sectors, never 0. */
  readonly sectors: number;
}

/** An MBR or extended boot record. */
export interface BootRecord {
  /** u32 at 0x1B8; 0 means that the disk has no signature. */
  readonly signature: number;
  /** Used entries, in slot order. */
  readonly entries: readonly MbrEntry[];
  /**
   * Every boot indicator is 0x00 or 0x80. Anything else means that the sector holds something else, as boot code or
   * text.
   */
  readonly plausible: boolean;
}

/**
 * Parses the first 512 bytes of a disk, or of an extended boot record.
 * @returns `undefined` without the 55 AA signature
 */
export function parseBootRecord(sector: Bytes): BootRecord | undefined {
  return sector.length < MBR.size || MBR.fields.signature.read(new Cursor(sector, 'MBR')) !== SIGNATURE
    ? undefined
    : bootRecord(sector);
}

/** The entries of a sector whatever its signature says. @param sector - at least 512 bytes */
export function bootRecord(sector: Bytes): BootRecord {
  const { diskSignature } = MBR.read(sector);
  const entries: MbrEntry[] = [];
  let plausible = true;
  for (let index = 0; index < ENTRIES; index += 1) {
    const at = MBR.fields.entries.offset + index * MBR_ENTRY.size;
    const { bootIndicator, type, firstSector, sectors } = MBR_ENTRY.read(sector, at);
    if ((bootIndicator & 0x7f) !== 0) plausible = false;
    if (type === 0 || sectors === 0) continue;
    entries.push({ index, at, active: bootIndicator === 0x80, type, firstSector, sectors });
  }
  return { signature: diskSignature, entries, plausible };
}

/** Whether `type` says that the entry holds a chain of extended boot records. */
export function isExtended(type: number): boolean {
  return (MBR_TYPE.extended as readonly number[]).includes(type);
}
