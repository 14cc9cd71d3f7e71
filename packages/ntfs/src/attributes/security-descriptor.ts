import { type Bytes, Cursor, defined } from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { sidAt } from './sid.js';

/** One entry of an access control list. */
export interface AccessControlEntry {
  /**
   * 0 allow, 1 deny, 2 audit, 3 alarm, 5-8 the same with object GUIDs, 9-16 with a condition, 17 label, 18 resource
   * attribute…
   */
  readonly type: number;
  /**
   * 1 object inherit, 2 container inherit, 4 no propagation, 8 inherit only, 0x10 inherited, 0x40/0x80 audit
   * success/failure.
   */
  readonly flags: number;
  readonly mask: number;
  /** Whom it is about; absent when the type has no SID, or it is damaged. */
  readonly sid?: string;
  /** Object types: which object or property, and which kind of child inherits. */
  readonly objectType?: string;
  /** Which kind of child inherits (GUID). */
  readonly inheritedObjectType?: string;
  /** What follows the SID: a condition or resource attribute. */
  readonly data?: Bytes;
}

/** An access control list. */
export interface AccessControlList {
  /** Revision: 2, or 4 with object entries. */
  readonly revision: number;
  /** The entries before any damage. */
  readonly entries: readonly AccessControlEntry[];
  /** Entries that were not read because one before them is damaged. */
  readonly missing: number;
}

/** A self-relative security descriptor. */
export interface SecurityDescriptor {
  /**
   * Bits of `SE_…`: 0x4 DACL present, 0x10 SACL present, 0x400/0x800 auto-inherited, 0x1000/0x2000 protected, 0x8000
   * self-relative.
   */
  readonly control: number;
  /** Security identifier of the owner. */
  readonly owner?: string;
  /** Security identifier of the primary group. */
  readonly group?: string;
  /** Present flag set with no list = `null`: everybody may do everything. */
  readonly dacl?: AccessControlList | null;
  /** What is audited, and the integrity label. */
  readonly sacl?: AccessControlList | null;
}

/** Control bits that are told apart. */
export const SecurityControl = {
  daclPresent: 0x0004,
  saclPresent: 0x0010,
  daclAutoInheritRequired: 0x0100,
  saclAutoInheritRequired: 0x0200,
  daclAutoInherited: 0x0400,
  saclAutoInherited: 0x0800,
  daclProtected: 0x1000,
  saclProtected: 0x2000,
} as const;

const LAYER = 'security descriptor';

/** Entry types with object GUIDs. */
const OBJECT_TYPES: ReadonlySet<number> = new Set([5, 6, 7, 8, 11, 12, 15, 16]);

/**
 * Parses a self-relative security descriptor (MS-DTYP 2.4.6): u8 revision 1, u8 0, u16 control, u32 offsets of owner,
 * group, SACL, DACL. A list: u8 revision, u8 0, u16 bytes, u16 entries, u16 0; an entry: u8 type, u8 flags, u16 bytes,
 * u32 mask, then by type.
 * @throws DeadboxError `NTFS_SECURITY_INVALID` when the head cannot be
 */
export function parseSecurityDescriptor(bytes: Bytes): SecurityDescriptor {
  const cursor = new Cursor(bytes, LAYER);
  if (bytes.length < 20 || cursor.u8(0) !== 1) {
    const found = bytes.length < 20 ? `${bytes.length} bytes` : `revision ${cursor.u8(0)}`;
    const what = `Security descriptor has ${found}, expected at least 20 bytes and revision 1`;
    throw ntfsError('NTFS_SECURITY_INVALID', what, cursor.at());
  }
  const control = cursor.u16(2);
  const owner = cursor.u32(4) === 0 ? undefined : sidAt(cursor, cursor.u32(4))?.text;
  const group = cursor.u32(8) === 0 ? undefined : sidAt(cursor, cursor.u32(8))?.text;
  return {
    control,
    ...defined({ owner, group }),
    ...((control & SecurityControl.saclPresent) === 0 ? {} : { sacl: listAt(cursor, cursor.u32(12)) }),
    ...((control & SecurityControl.daclPresent) === 0 ? {} : { dacl: listAt(cursor, cursor.u32(16)) }),
  };
}

function listAt(cursor: Cursor, offset: number): AccessControlList | null {
  if (offset === 0) return null;
  if (offset + 8 > cursor.length) {
    const what = `Access control list at byte ${offset} lies outside its descriptor of ${cursor.length} bytes`;
    throw ntfsError('NTFS_SECURITY_INVALID', what, cursor.at(offset));
  }
  const end = Math.min(cursor.length, offset + cursor.u16(offset + 2));
  const count = cursor.u16(offset + 4);
  const entries: AccessControlEntry[] = [];
  for (let at = offset + 8; entries.length < count && at + 8 <= end; ) {
    const length = cursor.u16(at + 2);
    if (length < 8 || at + length > end) break;
    entries.push(entryAt(cursor.sub(at, length)));
    at += length;
  }
  return { revision: cursor.u8(offset), entries, missing: count - entries.length };
}

function entryAt(cursor: Cursor): AccessControlEntry {
  const type = cursor.u8(0);
  const base = { type, flags: cursor.u8(1), mask: cursor.u32(4) };
  let at = 8;
  const guids: { objectType?: string; inheritedObjectType?: string } = {};
  if (OBJECT_TYPES.has(type) && cursor.length >= 12) {
    const present = cursor.u32(8);
    at = 12;
    if ((present & 1) !== 0 && at + 16 <= cursor.length) {
      guids.objectType = cursor.guid(at);
      at += 16;
    }
    if ((present & 2) !== 0 && at + 16 <= cursor.length) {
      guids.inheritedObjectType = cursor.guid(at);
      at += 16;
    }
  }
  const sid = sidAt(cursor, at);
  if (sid === undefined) return { ...base, ...guids };
  const rest = cursor.length - at - sid.length;
  return { ...base, ...guids, sid: sid.text, ...(rest > 0 ? { data: cursor.slice(at + sid.length, rest) } : {}) };
}
