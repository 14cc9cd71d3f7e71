import { type Bytes, Cursor, type Issue } from '@deadbox/core';
import { MAX_ENTRIES, MAX_ENTRY_DEPTH } from '../../limits.js';

/** Value types of metadata entries: they tell the layout. Source: libbde format document, "FVE metadata value types". */
export const ValueType = {
  erased: 0x0000,
  key: 0x0001,
  unicode: 0x0002,
  stretchKey: 0x0003,
  useKey: 0x0004,
  aesCcm: 0x0005,
  tpm: 0x0006,
  validation: 0x0007,
  volumeMasterKey: 0x0008,
  externalKey: 0x0009,
  relocatedHeader: 0x000f,
  backupInfo: 0x0015,
  guid: 0x0017,
} as const;

/** Entry types of metadata entries: they tell the role. Source: libbde format document, "FVE metadata entry types". */
export const EntryType = {
  property: 0x0000,
  volumeMasterKey: 0x0002,
  fullVolumeKey: 0x0003,
  validation: 0x0004,
  startupKey: 0x0006,
  description: 0x0007,
  autoUnlockKey: 0x000b,
  relocatedHeader: 0x000f,
  recoveryPasswordCopy: 0x0012,
  stretchedKeyCopy: 0x0013,
  volumeId: 0x0019,
} as const;

/** One metadata entry ("datum"): header of 8 bytes, payload, nested entries. Unknown kinds are kept as they are. */
export interface Datum {
  /** Offset in the metadata block (or in the key file). */
  readonly offset: number;
  /** Size in bytes with the header. */
  readonly size: number;
  /** Role, see {@link EntryType}. */
  readonly entryType: number;
  /** Layout, see {@link ValueType}. */
  readonly valueType: number;
  /**
   * Last field of the header. Not a version to check: clear-key entries carry 3, suspended volumes of Windows 10 21H2 were seen with 0x0105.
   */
  readonly flags: number;
  /** Payload after the header. */
  readonly payload: Bytes;
  /** Nested entries of the kinds that have them. */
  readonly children: Datum[];
}

/** Entry header: size, role, layout, flags, each u16. */
const HEADER = { size: 0, entryType: 2, valueType: 4, flags: 6, length: 8 } as const;

/** Where nested entries begin in the payload, by value type. */
const CHILDREN_AT: ReadonlyMap<number, number> = new Map([
  [ValueType.stretchKey, 20],
  [ValueType.useKey, 4],
  [ValueType.volumeMasterKey, 28],
  [ValueType.externalKey, 24],
]);

/**
 * The entries in `bytes[from, to)`: they follow one another without padding. Ends at a size below 8 or past the end, with an issue.
 * Source: libbde format document, "FVE metadata entry".
 * @param layer - for positions in issues
 * @param base - offset of `bytes[0]` in that layer
 */
export function parseData(
  bytes: Bytes,
  from: number,
  to: number,
  layer: string,
  base: number,
  issues: (issue: Issue) => void,
): Datum[] {
  const budget = { left: MAX_ENTRIES };
  return parseLevel(new Cursor(bytes, layer, base), from, Math.min(to, bytes.length), 1, budget, issues);
}

function parseLevel(
  cursor: Cursor,
  from: number,
  to: number,
  depth: number,
  budget: { left: number },
  issues: (issue: Issue) => void,
): Datum[] {
  const found: Datum[] = [];
  let at = from;
  while (at + HEADER.length <= to && budget.left > 0) {
    const size = cursor.u16(at + HEADER.size);
    if (size < HEADER.length || at + size > to) {
      // A size of 0 is also how the list ends in zero padding.
      if (size !== 0)
        issues({ code: 'bitlocker.entry', severity: 'warning', at: cursor.at(at), data: { size, room: to - at } });
      break;
    }
    budget.left -= 1;
    const valueType = cursor.u16(at + HEADER.valueType);
    const inner = CHILDREN_AT.get(valueType);
    const childrenAt = at + HEADER.length + (inner ?? 0);
    found.push({
      offset: at,
      size,
      entryType: cursor.u16(at + HEADER.entryType),
      valueType,
      flags: cursor.u16(at + HEADER.flags),
      payload: cursor.slice(at + HEADER.length, size - HEADER.length),
      children:
        inner !== undefined && depth < MAX_ENTRY_DEPTH && childrenAt < at + size
          ? parseLevel(cursor, childrenAt, at + size, depth + 1, budget, issues)
          : [],
    });
    at += size;
  }
  if (budget.left === 0)
    issues({ code: 'bitlocker.entry', severity: 'warning', at: cursor.at(at), data: { entries: MAX_ENTRIES } });
  return found;
}
