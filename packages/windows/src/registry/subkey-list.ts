import { type Bytes, Cursor, defined, type Structure, structure } from '@deadbox/core';
import { REGF } from './base-block.js';

export const SUBKEY_LIST_FIELDS = {
  signature: [0, 'ascii[2]', 'li plain, lf with name hints, lh with name hashes, ri a list of lists'],
  count: [2, 'u16', 'Number of elements'],
  firstOffset: [
    4,
    'u32',
    'Cell of the first key, of ri of the first list; others follow, in lf and lh after a hint or hash',
  ],
} as const;
/** A list of subkeys; offsets count from the cell's data. */
export const SUBKEY_LIST: Structure<typeof SUBKEY_LIST_FIELDS> = structure(
  'hive-subkey-list',
  REGF,
  SUBKEY_LIST_FIELDS,
);
const AT = SUBKEY_LIST.fields;

/** A subkey list: `li` plain, `lf` with name hints, `lh` with name hashes, `ri` a list of lists. */
export interface SubkeyList {
  readonly kind: 'li' | 'lf' | 'lh' | 'ri';
  /** Cells of the keys (of the lists, for `ri`). */
  readonly offsets: Uint32Array;
  /** Hint (`lf`) or hash (`lh`) of each key's name. */
  readonly hints?: Uint32Array;
  /** Elements that the list claims but its cell has no room for. */
  readonly cutOff: number;
}

const KINDS: ReadonlyMap<number, SubkeyList['kind']> = new Map([
  [0x696c, 'li'],
  [0x666c, 'lf'],
  [0x686c, 'lh'],
  [0x6972, 'ri'],
]);

/** Parses the data of a cell as a subkey list; `undefined` when it is none. */
export function parseSubkeyList(bytes: Bytes): SubkeyList | undefined {
  const cursor = new Cursor(bytes, 'subkey list');
  const kind = KINDS.get(cursor.u16(0));
  if (kind === undefined) return undefined;
  const hinted = kind === 'lf' || kind === 'lh';
  const step = hinted ? 8 : 4;
  const claimed = cursor.u16(AT.count.offset);
  const count = Math.min(claimed, Math.floor((bytes.length - AT.firstOffset.offset) / step));
  const offsets = new Uint32Array(count);
  const hints = hinted ? new Uint32Array(count) : undefined;
  for (let i = 0; i < count; i += 1) {
    offsets[i] = cursor.u32(AT.firstOffset.offset + i * step);
    if (hints !== undefined) hints[i] = cursor.u32(AT.firstOffset.offset + 4 + i * step);
  }
  return { kind, offsets, ...defined({ hints }), cutOff: claimed - count };
}
