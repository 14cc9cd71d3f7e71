import { type Bytes, Cursor } from '@deadbox/core';

/** A subkey list: `li` plain, `lf` with name hints, `lh` with name hashes, `ri` a list of lists. Format: msuhanov/regf. */
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
  const claimed = cursor.u16(2);
  const count = Math.min(claimed, Math.floor((bytes.length - 4) / step));
  const offsets = new Uint32Array(count);
  const hints = hinted ? new Uint32Array(count) : undefined;
  for (let i = 0; i < count; i += 1) {
    offsets[i] = cursor.u32(4 + i * step);
    if (hints !== undefined) hints[i] = cursor.u32(8 + i * step);
  }
  return { kind, offsets, ...(hints === undefined ? {} : { hints }), cutOff: claimed - count };
}
