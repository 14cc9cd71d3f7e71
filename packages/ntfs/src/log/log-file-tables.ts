import { type Bytes, Cursor } from '@deadbox/core';
import { type FileReference, fileReferenceAt } from '../record/file-reference.js';

/** An attribute that NTFS had open when it logged. */
export interface OpenLogAttribute {
  /** The file that has the attribute. */
  readonly file: FileReference;
  /** Attribute type code. */
  readonly type: number;
  /** Bytes of an index block; 0 when it is no index. */
  readonly bytesPerIndexBlock: number;
  /** Name of the attribute; empty for most. */
  readonly name: string;
}

/** A page with changes that were not on the volume at the checkpoint. */
export interface DirtyLogPage {
  readonly targetAttribute: number;
  readonly vcn: number;
  readonly lcns: readonly number[];
  /** The first record whose change may be missing on the volume. */
  readonly oldestLsn: bigint;
}

const LAYER = '$LogFile';
const TABLE_HEAD = 0x18;
const IN_USE = 0xffff_ffff;
/** Most entries of one table that are taken: a table's dump fills a part of the log, this is far above any real one. */
const MAX_ENTRIES = 1 << 20;

/** Calls `use` with the offset of each entry in use. Table head: u16 entry bytes, u16 entries, u16 allocated. */
function eachEntry(table: Bytes, least: number, use: (cursor: Cursor, at: number, size: number) => void): void {
  if (table.length < TABLE_HEAD) return;
  const cursor = new Cursor(table, LAYER);
  const size = cursor.u16(0);
  const count = Math.min(cursor.u16(2), MAX_ENTRIES);
  if (size < least) return;
  for (let i = 0, at = TABLE_HEAD; i < count && at + size <= table.length; i += 1, at += size) {
    if (cursor.u32(at) === IN_USE) use(cursor, at, size);
  }
}

/**
 * One entry of the open attribute table at `at` (dfir_ntfs; ntfs3 OPEN_ATTR_ENRTY). Version 1: 0x04 u32 bytes per index
 * block, 0x08 u32 type, 0x10 file reference. Version 0: 0x08 file reference, 0x1C u32 type, 0x28 u32 bytes per index
 * block.
 */
export function openAttributeAt(cursor: Cursor, at: number, majorVersion: number): Omit<OpenLogAttribute, 'name'> {
  return majorVersion === 0
    ? {
        file: fileReferenceAt(cursor, at + 0x08),
        type: cursor.u32(at + 0x1c),
        bytesPerIndexBlock: cursor.u32(at + 0x28),
      }
    : {
        file: fileReferenceAt(cursor, at + 0x10),
        type: cursor.u32(at + 0x08),
        bytesPerIndexBlock: cursor.u32(at + 0x04),
      };
}

/** Bytes of one entry of the open attribute table. */
export function openAttributeBytes(majorVersion: number): number {
  return majorVersion === 0 ? 0x2c : 0x28;
}

/** The open attribute table of a dump, by the offset that update records name. */
export function parseOpenAttributes(table: Bytes, majorVersion: number): Map<number, OpenLogAttribute> {
  const found = new Map<number, OpenLogAttribute>();
  eachEntry(table, openAttributeBytes(majorVersion), (cursor, at) =>
    found.set(at, { ...openAttributeAt(cursor, at, majorVersion), name: '' }),
  );
  return found;
}

/** Attribute names of a dump: u16 offset in the open attribute table, u16 bytes, name, u16 0; offset 0 ends. */
export function parseAttributeNames(data: Bytes): Map<number, string> {
  const names = new Map<number, string>();
  const cursor = new Cursor(data, LAYER);
  for (let at = 0; at + 4 <= data.length; ) {
    const target = cursor.u16(at);
    const length = cursor.u16(at + 2);
    if (target === 0 || at + 4 + length > data.length) break;
    names.set(target, cursor.utf16(at + 4, length >> 1));
    at += 4 + length + 2;
  }
  return names;
}

/**
 * The dirty page table of a dump (ntfs3 DIR_PAGE_ENTRY). Version 1: 0x04 u32 target attribute, 0x0C u32 LCNs, 0x10 u64
 * VCN, 0x18 u64 oldest LSN, 0x20 u64 LCNs. Version 0 has VCN, oldest LSN and LCNs 4 bytes further.
 */
export function parseDirtyPages(table: Bytes, majorVersion: number): DirtyLogPage[] {
  const shift = majorVersion === 0 ? 4 : 0;
  const pages: DirtyLogPage[] = [];
  eachEntry(table, 0x20 + shift, (cursor, at, size) => {
    const count = Math.min(cursor.u32(at + 0x0c), (size - 0x20 - shift) >> 3);
    pages.push({
      targetAttribute: cursor.u32(at + 0x04),
      vcn: cursor.u64Number(at + 0x10 + shift),
      oldestLsn: cursor.u64(at + 0x18 + shift),
      lcns: Array.from({ length: count }, (_, i) => cursor.u64Number(at + 0x20 + shift + i * 8)),
    });
  });
  return pages;
}
