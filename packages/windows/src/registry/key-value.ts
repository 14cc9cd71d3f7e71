import { type Bytes, Cursor, DeadboxError, utf16Text } from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { MAX_VALUE_NAME_BYTES } from '../limits.js';
import { latin1Text } from './key-node.js';

const VALUE_NAME_LATIN1 = 0x0001;
const NAME_OFFSET = 0x14;
const INLINE = 0x8000_0000;

/** A value record (`vk`). Format: msuhanov/regf, "Key value". */
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
  /** Data of up to four bytes that the record holds itself. */
  readonly inline?: Bytes;
  /** The name or the inline data claims more bytes than can be there. */
  readonly cutOff: boolean;
}

/**
 * Parses the data of a cell as a value record.
 * @throws DeadboxError `HIVE_CELL_DAMAGED` when it is none
 */
export function parseKeyValue(bytes: Bytes, offset: number): KeyValue {
  const cursor = new Cursor(bytes, 'hive', 0x1000 + offset + 4);
  if (bytes.length < NAME_OFFSET || cursor.u16(0) !== 0x6b76) {
    throw new DeadboxError<WindowsErrorCode>(
      'HIVE_CELL_DAMAGED',
      `No value record at byte ${0x1000 + offset} of the hive`,
      {
        at: { layer: 'hive', offset: 0x1000 + offset },
        data: { what: 'value-record' },
      },
    );
  }
  const nameLength = cursor.u16(0x02);
  const present = Math.min(nameLength, bytes.length - NAME_OFFSET, MAX_VALUE_NAME_BYTES);
  const nameBytes = cursor.slice(NAME_OFFSET, present);
  const rawSize = cursor.u32(0x04);
  const inline = rawSize >= INLINE;
  const claimed = inline ? rawSize - INLINE : rawSize;
  const size = inline ? Math.min(claimed, 4) : claimed;
  return {
    offset,
    name: (cursor.u16(0x10) & VALUE_NAME_LATIN1) === 0 ? utf16Text(nameBytes) : latin1Text(nameBytes),
    type: cursor.u32(0x0c),
    size,
    dataOffset: cursor.u32(0x08),
    ...(inline ? { inline: cursor.slice(0x08, size) } : {}),
    cutOff: present < nameLength || size < claimed,
  };
}
