import { type Bytes, type Cursor, type IssueSink, type Structure, structure } from '@deadbox/core';
import type { EncryptionIssueCode } from '../../errors.js';
import { MAX_ENTRIES, MAX_ENTRY_DEPTH } from '../../limits.js';

/**
 * Value types of metadata entries: they tell the layout. Source: libbde format document, "FVE metadata value types".
 */
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
   * Last field of the header. Not a version to check: clear-key entries carry 3, suspended volumes of Windows 10 21H2
   * were seen with 0x0105.
   */
  readonly flags: number;
  /** Payload after the header. */
  readonly payload: Bytes;
  /** Nested entries of the kinds that have them. */
  readonly children: readonly Datum[];
}

const DATUM_HEADER_FIELDS = {
  size: [0, 'u16', 'Size of the entry in bytes, with this header'],
  entryType: [
    2,
    'u16',
    'Role of the entry',
    {
      values: {
        0x0000: 'property',
        0x0002: 'volume master key',
        0x0003: 'full volume encryption key',
        0x0004: 'validation',
        0x0006: 'startup key',
        0x0007: 'description',
        0x000b: 'auto-unlock key',
        0x000f: 'relocated header',
        0x0012: 'copy of a recovery password',
        0x0013: 'copy of a stretched key',
        0x0019: 'volume identifier',
      },
    },
  ],
  valueType: [
    4,
    'u16',
    'Layout of what follows',
    {
      values: {
        0x0000: 'erased',
        0x0001: 'key',
        0x0002: 'UTF-16 text',
        0x0003: 'stretch key',
        0x0004: 'use key',
        0x0005: 'AES-CCM encrypted key',
        0x0006: 'TPM encoded key',
        0x0007: 'validation',
        0x0008: 'volume master key',
        0x0009: 'external key',
        0x000f: 'relocated header',
        0x0015: 'backup information',
        0x0017: 'GUID',
      },
    },
  ],
  flags: [6, 'u16', 'Version or flags: 1, 3 in clear-key entries, 0x0105 seen on suspended volumes'],
} as const;
/** The eight bytes in front of each metadata entry. */
export const DATUM_HEADER: Structure<typeof DATUM_HEADER_FIELDS> = structure(
  'bitlocker-datum-header',
  'libbde format document, "FVE metadata entry"',
  DATUM_HEADER_FIELDS,
);
const HEADER = DATUM_HEADER.fields;
const HEADER_SIZE = DATUM_HEADER.size;

/** Where nested entries begin in the payload, by value type. */
const CHILDREN_AT: ReadonlyMap<number, number> = new Map([
  [ValueType.stretchKey, 20],
  [ValueType.useKey, 4],
  [ValueType.volumeMasterKey, 28],
  [ValueType.externalKey, 24],
]);

/**
 * The entries in `[from, to)` of the cursor: they follow one another without padding. Ends at a size below 8 or past
 * the end, with an issue. Entries with nested ones included, no more than {@link MAX_ENTRIES} are read.
 */
export function parseData(
  cursor: Cursor,
  from: number,
  to: number,
  issues: IssueSink<EncryptionIssueCode> | undefined,
): Datum[] {
  const parser: DatumParser = { cursor, issues, left: MAX_ENTRIES };
  const found = parseLevel(parser, from, Math.min(to, cursor.length), 1);
  if (parser.left === 0)
    issues?.add({ code: 'bitlocker.entry', severity: 'warning', at: cursor.at(from), data: { entries: MAX_ENTRIES } });
  return found;
}

interface DatumParser {
  readonly cursor: Cursor;
  readonly issues: IssueSink<EncryptionIssueCode> | undefined;
  /** Entries that may still be read. */
  left: number;
}

function parseLevel(parser: DatumParser, from: number, to: number, depth: number): Datum[] {
  const { cursor } = parser;
  const found: Datum[] = [];
  for (let at = from; at + HEADER_SIZE <= to && parser.left > 0; at += found[found.length - 1].size) {
    const size = HEADER.size.read(cursor, at);
    if (size < HEADER_SIZE || at + size > to) {
      // A size of 0 is also how the list ends in zero padding.
      const data = { size, room: to - at };
      if (size !== 0) parser.issues?.add({ code: 'bitlocker.entry', severity: 'warning', at: cursor.at(at), data });
      break;
    }
    parser.left -= 1;
    const valueType = HEADER.valueType.read(cursor, at);
    const inner = CHILDREN_AT.get(valueType);
    const childrenAt = at + HEADER_SIZE + (inner ?? 0);
    found.push({
      offset: at,
      size,
      entryType: HEADER.entryType.read(cursor, at),
      valueType,
      flags: HEADER.flags.read(cursor, at),
      payload: cursor.slice(at + HEADER_SIZE, size - HEADER_SIZE),
      children:
        inner !== undefined && depth < MAX_ENTRY_DEPTH && childrenAt < at + size
          ? parseLevel(parser, childrenAt, at + size, depth + 1)
          : [],
    });
  }
  return found;
}
