import { type Bytes, Cursor, type Structure, structure } from '@deadbox/core';
import type { FileReference } from './file-reference.js';

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

export const ATTRIBUTE_LIST_FIELDS = {
  type: [0x00, 'u32', 'Type of the attribute'],
  length: [0x04, 'u16', 'Bytes of the entry, a multiple of 8'],
  nameLength: [0x06, 'u8', 'Code units of the name'],
  nameOffset: [0x07, 'u8', 'Offset of the name in the entry'],
  firstVcn: [0x08, 'u64', 'First cluster of the extent'],
  record: [0x10, 'u48', 'Number of the record that has the attribute'],
  sequence: [0x16, 'u16', 'Sequence number of that record'],
  id: [0x18, 'u16', 'Identifier of the attribute in that record'],
} as const;
/** One entry of an `$ATTRIBUTE_LIST`. */
export const ATTRIBUTE_LIST_ENTRY: Structure<typeof ATTRIBUTE_LIST_FIELDS> = structure(
  'attribute-list-entry',
  'libfsntfs; ntfs-3g attrlist.c',
  ATTRIBUTE_LIST_FIELDS,
);
const { fields: ENTRY, size: HEAD } = ATTRIBUTE_LIST_ENTRY;

/** Parses an `$ATTRIBUTE_LIST` value, see {@link ATTRIBUTE_LIST_ENTRY}. Order is kept and never relied upon. */
export function parseAttributeList(value: Bytes): ParsedAttributeList {
  const entries: AttributeListEntry[] = [];
  const list = new Cursor(value, '$ATTRIBUTE_LIST');
  let at = 0;
  // A type of 0 ends the list early: the tail of a non-resident list may be zero-filled.
  while (at + HEAD <= value.length && ENTRY.type.read(list, at) !== 0) {
    const length = ENTRY.length.read(list, at);
    const units = ENTRY.nameLength.read(list, at);
    const nameOffset = ENTRY.nameOffset.read(list, at);
    const firstVcn = list.u64Number(at + ENTRY.firstVcn.offset);
    const nameFits = units === 0 || nameOffset + units * 2 <= length;
    if (length < HEAD || at + length > value.length || !nameFits || !Number.isSafeInteger(firstVcn))
      return { entries, damagedAt: at };
    entries.push({
      type: ENTRY.type.read(list, at),
      name: units === 0 ? '' : list.utf16(at + nameOffset, units),
      firstVcn,
      holder: { record: ENTRY.record.read(list, at), sequence: ENTRY.sequence.read(list, at) },
      id: ENTRY.id.read(list, at),
    });
    at += length;
  }
  return { entries };
}
