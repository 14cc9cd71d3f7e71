import { type Bytes, Cursor, DeadboxError, type FileTime, fileTimeOf, utf16Text } from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { MAX_KEY_NAME_BYTES } from '../limits.js';

/** Flag of a key node: a symbolic link, its target is the value `SymbolicLinkValue`. */
export const KEY_IS_LINK = 0x0010;
/** Flag of a key node: the name is Latin-1, else UTF-16LE. */
const KEY_NAME_LATIN1 = 0x0020;
const NAME_OFFSET = 0x4c;

/** A key node record (`nk`). Format: msuhanov/regf, "Key node". */
export interface KeyNode {
  /** Cell of the record, relative to the hive bins. */
  readonly offset: number;
  readonly flags: number;
  readonly lastWritten: FileTime;
  /** Cell of the parent key. */
  readonly parent: number;
  readonly subkeyCount: number;
  readonly subkeyList: number;
  readonly valueCount: number;
  readonly valueList: number;
  /** Cell of the security record. */
  readonly security: number;
  readonly classOffset: number;
  /** Bytes of the class name. */
  readonly classLength: number;
  readonly name: string;
  /** The stored name is longer than its cell or than any name may be; `name` is what there is. */
  readonly nameCutOff: boolean;
}

/** Text of Latin-1 bytes: each byte is the code unit of the same value. */
export function latin1Text(bytes: Uint8Array): string {
  let text = '';
  for (const value of bytes) text += String.fromCharCode(value);
  return text;
}

/**
 * Parses the data of a cell as a key node.
 * @throws DeadboxError `HIVE_CELL_DAMAGED` when it is none
 */
export function parseKeyNode(bytes: Bytes, offset: number): KeyNode {
  const cursor = new Cursor(bytes, 'hive', 0x1000 + offset + 4);
  if (bytes.length < NAME_OFFSET || cursor.u16(0) !== 0x6b6e) {
    throw new DeadboxError<WindowsErrorCode>(
      'HIVE_CELL_DAMAGED',
      `No key node at byte ${0x1000 + offset} of the hive`,
      {
        at: { layer: 'hive', offset: 0x1000 + offset },
        data: { what: 'key-node' },
      },
    );
  }
  const flags = cursor.u16(0x02);
  const nameLength = cursor.u16(0x48);
  const present = Math.min(nameLength, bytes.length - NAME_OFFSET, MAX_KEY_NAME_BYTES);
  const name = cursor.slice(NAME_OFFSET, present);
  return {
    offset,
    flags,
    lastWritten: fileTimeOf(cursor.u32(0x04), cursor.u32(0x08)),
    parent: cursor.u32(0x10),
    subkeyCount: cursor.u32(0x14),
    subkeyList: cursor.u32(0x1c),
    valueCount: cursor.u32(0x24),
    valueList: cursor.u32(0x28),
    security: cursor.u32(0x2c),
    classOffset: cursor.u32(0x30),
    classLength: cursor.u16(0x4a),
    name: (flags & KEY_NAME_LATIN1) === 0 ? utf16Text(name) : latin1Text(name),
    nameCutOff: present < nameLength,
  };
}
