import { type Bytes, Cursor } from '@deadbox/core';
import { MBR_TYPE } from '../table/partition-types.js';

/*
 * Master boot record and extended boot record share one layout (UEFI 2.10 section 5.2.1; Microsoft "Disk Concepts"):
 *   0x1B8 u32   disk signature (MBR only)
 *   0x1BE 4×16  entries: u8 boot indicator (0x80 active), 3 CHS start, u8 type, 3 CHS end, u32 first sector, u32 sectors
 *   0x1FE u16   0xAA55
 * The CHS fields are wrong on every disk above 8 GB and are not read.
 */
const SIGNATURE = 0x1b8;
const ENTRIES = 0x1be;
/** Length of one entry in bytes. */
export const MBR_ENTRY_BYTES = 16;

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
  /** Every boot indicator is 0x00 or 0x80. Anything else means that the sector holds something else, as boot code or text. */
  readonly plausible: boolean;
}

/**
 * Parses the first 512 bytes of a disk, or of an extended boot record.
 * @returns `undefined` without the 55 AA signature
 */
export function parseBootRecord(sector: Bytes): BootRecord | undefined {
  if (sector.length < 512 || sector[510] !== 0x55 || sector[511] !== 0xaa) return undefined;
  const cursor = new Cursor(sector, 'boot record');
  const entries: MbrEntry[] = [];
  let plausible = true;
  for (let index = 0; index < 4; index += 1) {
    const at = ENTRIES + index * MBR_ENTRY_BYTES;
    const indicator = cursor.u8(at);
    if ((indicator & 0x7f) !== 0) plausible = false;
    const type = cursor.u8(at + 4);
    const sectors = cursor.u32(at + 12);
    if (type === 0 || sectors === 0) continue;
    entries.push({ index, at, active: indicator === 0x80, type, firstSector: cursor.u32(at + 8), sectors });
  }
  return { signature: cursor.u32(SIGNATURE), entries, plausible };
}

/** Whether `type` says that the entry holds a chain of extended boot records. */
export function isExtended(type: number): boolean {
  return (MBR_TYPE.extended as readonly number[]).includes(type);
}
