import { type Bytes, Cursor, DeadboxError, latin1Text, type Structure, structure, utf16Text } from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { MAX_VALUE_NAME_BYTES } from '../limits.js';
import { BASE_BLOCK_BYTES, REGF } from './base-block.js';

/** Flag of a value: the name is Latin-1, else UTF-16LE. */
export const VALUE_NAME_LATIN1 = 0x0001;

export const KEY_VALUE_FIELDS = {
  signature: [0x00, 'ascii[2]', 'vk'],
  nameLength: [0x02, 'u16', 'Bytes of the name; 0 for the default value'],
  dataSize: [0x04, 'u32', 'Bytes of the data; with the top bit set, up to four bytes that stand in the next field'],
  dataOffset: [0x08, 'u32', 'Cell of the data, or the data itself'],
  type: [0x0c, 'u32', 'Type of the data: REG_SZ and so on'],
  flags: [0x10, 'u16', 'Properties', { flags: { 1: 'name in Latin-1' } }],
  name: [0x14, 'bytes[nameLength]', 'Name: Latin-1 or UTF-16, by the flags'],
} as const;
/** A value (`vk`); offsets count from the cell's data. */
export const KEY_VALUE: Structure<typeof KEY_VALUE_FIELDS> = structure('hive-key-value', REGF, KEY_VALUE_FIELDS);
const AT = KEY_VALUE.fields;
const NAME_OFFSET = AT.name.offset;
/** Bit of the data's size: the data stands in the record. */
export const INLINE = 0x8000_0000;

export interface KeyValue {
  /** Cell of the record, relative to the hive bins. */
  readonly offset: number;
  /** Empty for the default value. */
  readonly name: string;
  /** Registry type; see {@link RegistryType}. */
  readonly type: number;
  /** Bytes of data as stored. */
  readonly size: number;
  /** Cell of the data, or of the big data record. */
  readonly dataOffset: number;
  /** The record holds the data itself: up to four bytes, in place of {@link dataOffset}. */
  readonly inline: boolean;
  /** The name or the inline data claims more bytes than can be there. */
  readonly cutOff: boolean;
}

/** The data that a record holds itself. */
export function inlineData({ size, dataOffset }: KeyValue): Bytes {
  return Uint8Array.from({ length: size }, (_, at) => (dataOffset >>> (8 * at)) & 0xff);
}

/**
 * Parses the data of a cell as a value record.
 * @throws DeadboxError `HIVE_CELL_DAMAGED` when it is none
 */
export function parseKeyValue(bytes: Bytes, offset: number): KeyValue {
  const cursor = new Cursor(bytes, 'hive', BASE_BLOCK_BYTES + offset + 4);
  if (bytes.length < NAME_OFFSET || cursor.u16(0) !== 0x6b76) {
    throw new DeadboxError<WindowsErrorCode>(
      'HIVE_CELL_DAMAGED',
      `No value record at byte ${BASE_BLOCK_BYTES + offset} of the hive`,
      {
        at: { layer: 'hive', offset: BASE_BLOCK_BYTES + offset },
        data: { what: 'value-record' },
      },
    );
  }
  const nameLength = cursor.u16(AT.nameLength.offset);
  const present = Math.min(nameLength, bytes.length - NAME_OFFSET, MAX_VALUE_NAME_BYTES);
  const nameBytes = cursor.slice(NAME_OFFSET, present);
  const rawSize = cursor.u32(AT.dataSize.offset);
  const inline = rawSize >= INLINE;
  const claimed = inline ? rawSize - INLINE : rawSize;
  const size = inline ? Math.min(claimed, 4) : claimed;
  return {
    offset,
    name: (cursor.u16(AT.flags.offset) & VALUE_NAME_LATIN1) === 0 ? utf16Text(nameBytes) : latin1Text(nameBytes),
    type: cursor.u32(AT.type.offset),
    size,
    dataOffset: cursor.u32(AT.dataOffset.offset),
    inline,
    cutOff: present < nameLength || size < claimed,
  };
}
