import { type Bytes, Cursor } from '@deadbox/core';

/** One extended attribute of a file. */
export interface ExtendedAttribute {
  /** ASCII; Windows keeps it in capitals. */
  readonly name: string;
  /** Bit 0x80: a program must understand it to use the file. */
  readonly flags: number;
  readonly value: Bytes;
}

/** The entries of `$EA`, those before the first damage. */
export interface ParsedExtendedAttributes {
  /** The entries before any damage. */
  readonly entries: readonly ExtendedAttribute[];
  /** Byte offset of the first damage. */
  readonly damagedAt?: number;
}

/** What `$EA_INFORMATION` says. */
export interface ExtendedAttributeInformation {
  /** Bytes in the form that OS/2 used. */
  readonly packedSize: number;
  /** How many must be understood. */
  readonly needed: number;
  /** Bytes of `$EA`. */
  readonly unpackedSize: number;
}

/** What WSL knows of a file: of the version that `$LX…` attributes come from, or of the older `LXATTRB`. */
export interface WslMetadata {
  /** Linux user id. */
  readonly uid?: number;
  /** Linux group id. */
  readonly gid?: number;
  /** Linux mode bits, with the file's type. */
  readonly mode?: number;
  /** Major number of a device file. */
  readonly deviceMajor?: number;
  /** Minor number of a device file. */
  readonly deviceMinor?: number;
}

const HEAD = 8;

/**
 * Parses the value of `$EA` (MS-FSCC 2.4.15): entries of u32 offset of the next (0 = last, multiples of 4), u8 flags,
 * u8 name bytes, u16 value bytes, name with NUL, value.
 */
export function parseExtendedAttributes(bytes: Bytes): ParsedExtendedAttributes {
  const entries: ExtendedAttribute[] = [];
  const cursor = new Cursor(bytes, '$EA');
  for (let at = 0; at < bytes.length; ) {
    if (at + HEAD > bytes.length) return { entries, damagedAt: at };
    const next = cursor.u32(at);
    const nameLength = cursor.u8(at + 5);
    const valueLength = cursor.u16(at + 6);
    const length = HEAD + nameLength + 1 + valueLength;
    // What fills the attribute behind the last entry.
    if (next === 0 && nameLength === 0 && valueLength === 0) break;
    if (nameLength === 0 || at + length > bytes.length || (next !== 0 && next < length))
      return { entries, damagedAt: at };
    let name = '';
    for (let i = 0; i < nameLength; i += 1) name += String.fromCharCode(cursor.u8(at + HEAD + i));
    entries.push({ name, flags: cursor.u8(at + 4), value: cursor.slice(at + HEAD + nameLength + 1, valueLength) });
    if (next === 0) break;
    at += next;
  }
  return { entries };
}

/**
 * Parses the value of `$EA_INFORMATION`: u16 packed size, u16 entries that must be understood, u32 unpacked size.
 * @throws DeadboxError `CURSOR_OUT_OF_RANGE`
 */
export function parseExtendedAttributeInformation(bytes: Bytes): ExtendedAttributeInformation {
  const cursor = new Cursor(bytes, '$EA_INFORMATION');
  return { packedSize: cursor.u16(0), needed: cursor.u16(2), unpackedSize: cursor.u32(4) };
}

/**
 * What extended attributes say for WSL: `$LXUID`, `$LXGID`, `$LXMOD` (u32 each), `$LXDEV` (u32 major, u32 minor); older
 * `LXATTRB` (dfir_ntfs WSL.py): u16 format 0, u16 version 1, u32 mode, u32 uid, u32 gid, u32 device, times.
 * @returns `undefined` when there is none of them
 */
export function wslMetadata(entries: readonly ExtendedAttribute[]): WslMetadata | undefined {
  let found: WslMetadata = {};
  for (const { name, value } of entries) {
    const cursor = new Cursor(value, name);
    const number = value.length >= 4 ? cursor.u32(0) : undefined;
    if (number === undefined) continue;
    if (name === '$LXUID') found = { ...found, uid: number };
    else if (name === '$LXGID') found = { ...found, gid: number };
    else if (name === '$LXMOD') found = { ...found, mode: number };
    else if (name === '$LXDEV' && value.length >= 8)
      found = { ...found, deviceMajor: number, deviceMinor: cursor.u32(4) };
    else if (name === 'LXATTRB' && value.length >= 20 && cursor.u16(0) === 0 && cursor.u16(2) === 1) {
      found = { mode: cursor.u32(4), uid: cursor.u32(8), gid: cursor.u32(12), ...found };
    }
  }
  return Object.keys(found).length === 0 ? undefined : found;
}
