import {
  type Bytes,
  Cursor,
  DeadboxError,
  type FileTime,
  fileTimeOf,
  latin1Text,
  type Structure,
  structure,
  utf16Text,
} from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { MAX_KEY_NAME_BYTES } from '../limits.js';
import { BASE_BLOCK_BYTES, REGF } from './base-block.js';

/** Flag of a key node: a symbolic link, its target is the value `SymbolicLinkValue`. */
export const KEY_IS_LINK = 0x0010;
/** Flag of a key node: the name is Latin-1, else UTF-16LE. */
export const KEY_NAME_LATIN1 = 0x0020;

export const KEY_NODE_FIELDS = {
  signature: [0x00, 'ascii[2]', 'nk'],
  flags: [0x02, 'u16', 'Properties', { flags: { 0x4: 'root', 0x10: 'symbolic link', 0x20: 'name in Latin-1' } }],
  lastWritten: [0x04, 'filetime', 'Last change of the key, its values or its list of subkeys'],
  accessBits: [0x0c, 'u32', 'Windows 8 and later: which of its parts were read lately'],
  parent: [0x10, 'u32', 'Cell of the parent key'],
  subkeyCount: [0x14, 'u32', 'Number of subkeys'],
  volatileSubkeyCount: [0x18, 'u32', 'Number of subkeys that only memory has'],
  subkeyList: [0x1c, 'u32', 'Cell of the list of subkeys'],
  volatileSubkeyList: [0x20, 'u32', 'Means nothing in a file'],
  valueCount: [0x24, 'u32', 'Number of values'],
  valueList: [0x28, 'u32', 'Cell of the list of values'],
  security: [0x2c, 'u32', 'Cell of the security record'],
  classOffset: [0x30, 'u32', 'Cell of the class name'],
  largestSubkeyName: [0x34, 'u32', 'Bytes of the longest subkey name'],
  largestSubkeyClass: [0x38, 'u32', 'Bytes of the longest class name of a subkey'],
  largestValueName: [0x3c, 'u32', 'Bytes of the longest value name'],
  largestValueData: [0x40, 'u32', 'Bytes of the largest value data'],
  workVar: [0x44, 'u32', 'Not used since Windows XP'],
  nameLength: [0x48, 'u16', 'Bytes of the name'],
  classLength: [0x4a, 'u16', 'Bytes of the class name'],
  name: [0x4c, 'bytes[nameLength]', 'Name: Latin-1 or UTF-16, by the flags'],
} as const;
/** A key (`nk`); offsets count from the cell's data. */
export const KEY_NODE: Structure<typeof KEY_NODE_FIELDS> = structure('hive-key-node', REGF, KEY_NODE_FIELDS);
const AT = KEY_NODE.fields;
const NAME_OFFSET = AT.name.offset;

/** A key node record. */
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

/**
 * Parses the data of a cell as a key node.
 * @throws DeadboxError `HIVE_CELL_DAMAGED` when it is none
 */
export function parseKeyNode(bytes: Bytes, offset: number): KeyNode {
  const cursor = new Cursor(bytes, 'hive', BASE_BLOCK_BYTES + offset + 4);
  if (bytes.length < NAME_OFFSET || cursor.u16(0) !== 0x6b6e) {
    throw new DeadboxError<WindowsErrorCode>(
      'HIVE_CELL_DAMAGED',
      `No key node at byte ${BASE_BLOCK_BYTES + offset} of the hive`,
      {
        at: { layer: 'hive', offset: BASE_BLOCK_BYTES + offset },
        data: { what: 'key-node' },
      },
    );
  }
  const flags = cursor.u16(AT.flags.offset);
  const nameLength = cursor.u16(AT.nameLength.offset);
  const present = Math.min(nameLength, bytes.length - NAME_OFFSET, MAX_KEY_NAME_BYTES);
  const name = cursor.slice(NAME_OFFSET, present);
  return {
    offset,
    flags,
    lastWritten: fileTimeOf(cursor.u32(AT.lastWritten.offset), cursor.u32(AT.lastWritten.offset + 4)),
    parent: cursor.u32(AT.parent.offset),
    subkeyCount: cursor.u32(AT.subkeyCount.offset),
    subkeyList: cursor.u32(AT.subkeyList.offset),
    valueCount: cursor.u32(AT.valueCount.offset),
    valueList: cursor.u32(AT.valueList.offset),
    security: cursor.u32(AT.security.offset),
    classOffset: cursor.u32(AT.classOffset.offset),
    classLength: cursor.u16(AT.classLength.offset),
    name: (flags & KEY_NAME_LATIN1) === 0 ? utf16Text(name) : latin1Text(name),
    nameCutOff: present < nameLength,
  };
}
