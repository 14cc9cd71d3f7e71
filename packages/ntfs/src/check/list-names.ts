import { type ByteSource, type Bytes, Cursor, extentsOf, isDamage, type ReadOptions } from '@deadbox/core';
import { MAX_ATTRIBUTE_LIST_SIZE } from '../limits.js';
import { AttributeType } from '../record/attribute.js';
import { ATTRIBUTE_LIST_ENTRY } from '../record/attribute-list.js';
import { AttributeSet } from '../record/attribute-set.js';
import type { NtfsVolume } from '../volume/volume.js';

/** An entry of an `$ATTRIBUTE_LIST` that says its name stands two bytes later than it does. */
export interface MisplacedListName {
  /** The record whose list it is. */
  readonly record: number;
  /** Type of the attribute that the entry names. */
  readonly type: number;
  /** The name, read where it stands. */
  readonly name: string;
  /**
   * The byte that is wrong, counted in the list and on the volume; `undefined` for one that the fixups of its record
   * moved.
   */
  readonly offset: number;
  readonly volumeOffset: number | undefined;
}

/** Records that every start reads. */
const SYSTEM_RECORDS = 32;
/** Where the name stands: behind the 26 bytes of the entry's head. */
const NAME_AT = ATTRIBUTE_LIST_ENTRY.size;
/** What the entry says instead: an older driver takes it, a newer one stops. */
const CLAIMED_AT = NAME_AT + 2;

/**
 * Entries of the attribute lists of the system's own records (0 to 31) whose name offset is 1Ch while the name stands
 * at 1Ah (Azure repair-script-library, win-fix-ntfs-attribute-list).
 */
export async function findMisplacedListNames(
  volume: NtfsVolume,
  options?: ReadOptions,
): Promise<readonly MisplacedListName[]> {
  const found: MisplacedListName[] = [];
  const count = Math.min(SYSTEM_RECORDS, volume.records.recordCount);
  for (let record = 0; record < count; record += 1) {
    try {
      const base = await volume.records.read(record, { ...options, tolerant: true });
      const attribute = base.attributes.find(({ type }) => type === AttributeType.attributeList);
      if (attribute === undefined) continue;
      const list = await new AttributeSet(volume.records, base).raw({ attribute, holder: base }, `list of ${record}`);
      const value = await list.read(0, Math.min(list.size, MAX_ATTRIBUTE_LIST_SIZE), options);
      for (const entry of misplacedIn(value))
        found.push({ ...entry, record, volumeOffset: await placeOf(list, entry.offset, options) });
    } catch (error) {
      if (!isDamage(error, options?.signal)) throw error;
    }
  }
  return found;
}

async function placeOf(list: ByteSource, offset: number, options?: ReadOptions): Promise<number | undefined> {
  for await (const [extent] of extentsOf(list, offset, offset + 1, options)) return extent?.origin?.offset;
  return undefined;
}

function misplacedIn(value: Bytes): Pick<MisplacedListName, 'type' | 'name' | 'offset'>[] {
  const { fields, size } = ATTRIBUTE_LIST_ENTRY;
  const list = new Cursor(value, '$ATTRIBUTE_LIST');
  const found: Pick<MisplacedListName, 'type' | 'name' | 'offset'>[] = [];
  for (let at = 0; at + size <= value.length && fields.type.read(list, at) !== 0; ) {
    const length = fields.length.read(list, at);
    if (length < size || at + length > value.length) break;
    const units = fields.nameLength.read(list, at);
    const claimed = fields.nameOffset.read(list, at);
    if (units > 0 && claimed === CLAIMED_AT && NAME_AT + units * 2 <= length) {
      const name = list.utf16(at + NAME_AT, units);
      const shifted = CLAIMED_AT + units * 2 <= length ? list.utf16(at + CLAIMED_AT, units) : '\0';
      // A name that really stands two bytes later has zeros before it, and none in it.
      if (isName(name) && !isName(shifted))
        found.push({ type: fields.type.read(list, at), name, offset: at + fields.nameOffset.offset });
    }
    at += length;
  }
  return found;
}

function isName(text: string): boolean {
  return /^[\x20-\x7e\u00a0-\ud7ff]+$/.test(text);
}
