import { type Bytes, Cursor } from '@deadbox/core';
import { type FileReference, fileReferenceAt } from './file-reference.js';

/** Where one attribute (or one extent of it) of a file stands. */
export interface AttributeListEntry {
  /** See `AttributeType`. */
  readonly type: number;
  /** Name of the attribute; empty for most. */
  readonly name: string;
  /** First VCN of the extent; 0 for resident attributes. */
  readonly firstVcn: number;
  /** The record that holds it; may be the base record itself. */
  readonly holder: FileReference;
  /** Attribute id in that record. */
  readonly id: number;
}

/** The entries before the first damage. */
export interface ParsedAttributeList {
  /** The entries before any damage. */
  readonly entries: AttributeListEntry[];
  /** Byte offset of the first entry that cannot be. */
  readonly damagedAt?: number;
}

const HEAD = 0x1a;

/**
 * Parses an `$ATTRIBUTE_LIST` value. Order is kept and never relied upon. Sources: libfsntfs, ntfs-3g attrlist.c.
 *
 * | off | size | meaning |
 * |---|---|---|
 * | 0x00 | u32 | type |
 * | 0x04 | u16 | entry length, a multiple of 8 |
 * | 0x06 / 0x07 | u8 | name length in code units / offset |
 * | 0x08 | u64 | first VCN |
 * | 0x10 | ref | holding record |
 * | 0x18 | u16 | attribute id |
 */
export function parseAttributeList(value: Bytes): ParsedAttributeList {
  const entries: AttributeListEntry[] = [];
  const list = new Cursor(value, '$ATTRIBUTE_LIST');
  let at = 0;
  // A type of 0 ends the list early: the tail of a non-resident list may be zero-filled.
  while (at + HEAD <= value.length && list.u32(at) !== 0) {
    const length = list.u16(at + 4);
    const units = list.u8(at + 6);
    const nameOffset = list.u8(at + 7);
    const firstVcn = list.u64Number(at + 8);
    if (
      length < HEAD ||
      at + length > value.length ||
      (units > 0 && nameOffset + units * 2 > length) ||
      !Number.isSafeInteger(firstVcn)
    ) {
      return { entries, damagedAt: at };
    }
    entries.push({
      type: list.u32(at),
      name: units === 0 ? '' : list.utf16(at + nameOffset, units),
      firstVcn,
      holder: fileReferenceAt(list, at + 0x10),
      id: list.u16(at + 0x18),
    });
    at += length;
  }
  return { entries };
}
