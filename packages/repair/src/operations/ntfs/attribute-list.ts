import { type ByteSource, type Bytes, Cursor, isDamage, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { ATTRIBUTE_LIST_ENTRY, AttributeType, type FileRecord, type NtfsVolume, storedOffset } from '@deadbox/ntfs';
import { type ByteEdit, RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { byteEdit } from '../byte-edit.js';
import { partsOn, placer } from './directory-index.js';
import { mirroredPlace } from './mft-mirror.js';
import { checkPending, openRepairable, type RepairableVolume } from './volume-state.js';

/** Where the name of an entry stands, and where damaged lists say that it does. */
const NAME = { right: 0x1a, wrong: 0x1c } as const;
const { fields: ENTRY, size: HEAD } = ATTRIBUTE_LIST_ENTRY;
/** Records of the file system itself are kept equal in `$MFTMirr`. */
const ALWAYS_MIRRORED = 4;
/** Largest list that is looked at: NTFS itself allows 256 KiB. */
const MOST_LIST_BYTES = 256 << 10;

/** The bytes of the list of a record, and where each of them is stored. */
interface StoredList {
  readonly value: Bytes;
  /** Byte offset on the volume of byte `at` of the list. */
  place(at: number): number;
  /** The same in the record that holds the list; `undefined` where the list lies in clusters of its own. */
  inRecord?(at: number): number;
}

/**
 * Corrects the offset of the name in entries of a record's `$ATTRIBUTE_LIST`: it says 1Ch where the name stands at 1Ah.
 * Older versions of NTFS do not look at it, newer ones stop. One byte an entry, and only where the attribute that is
 * meant really has that name.
 * @throws RefusedRepair
 */
export async function restoreAttributeList(
  disk: Disk,
  volumeNumber: number,
  number: number,
  options: ReadOptions,
): Promise<RepairOperation> {
  const repairable = await openRepairable(disk, volumeNumber, options);
  const { tree } = repairable;
  const record = await wholeRecord(tree, number, options);
  const list = await storedList(repairable, record, options);
  const edits: ByteEdit[] = [];
  for (const at of await wrongEntries(tree, list.value, options)) {
    const where = at + ENTRY.nameOffset.offset;
    const edit = (offset: number): ByteEdit =>
      byteEdit(volumeNumber, offset, Uint8Array.of(NAME.wrong), Uint8Array.of(NAME.right), 'attribute-list');
    edits.push(edit(list.place(where)));
    if (list.inRecord === undefined) continue;
    const copy = await mirroredPlace(tree, number, list.inRecord(where), options);
    if (copy !== undefined) edits.push({ ...edit(copy), what: 'mft-mirror' });
    else if (number < ALWAYS_MIRRORED) throw new RefusedRepair('copies-differ', { record: number });
  }
  if (edits.length === 0) throw new RefusedRepair('nothing-to-repair', { record: number });
  return { id: 'restore-attribute-list', volume: volumeNumber, edits, data: { record: number } };
}

async function wholeRecord(tree: NtfsVolume, number: number, options: ReadOptions): Promise<FileRecord> {
  try {
    const record = await tree.records.read(number, options);
    if (record.inUse && !record.damaged) return record;
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
  }
  throw new RefusedRepair('file-record-damaged', { record: number });
}

async function storedList(
  { tree, pending }: RepairableVolume,
  record: FileRecord,
  options: ReadOptions,
): Promise<StoredList> {
  const attribute = record.attributes.find(({ type }) => type === AttributeType.attributeList);
  if (attribute === undefined) throw new RefusedRepair('nothing-to-repair', { record: record.number });
  if (attribute.resident) {
    const parts = await tree.records.locate(record.number, options);
    for (const part of parts) checkPending(pending, 'file record', part.offset, part.length, record.lsn);
    const inRecord = (at: number): number => storedOffset(attribute.valueOffset + at, record.fixupArray);
    const toVolume = placer(parts);
    return { value: attribute.value, inRecord, place: (at) => toVolume(inRecord(at)) };
  }
  if (attribute.size > MOST_LIST_BYTES) throw new RefusedRepair('file-record-damaged', { record: record.number });
  const { attributeSet } = await tree.file(record.number, options);
  const stream: ByteSource = await attributeSet.nonResident({ attribute, holder: record }, '$ATTRIBUTE_LIST', options);
  const parts = await partsOn(stream, tree.source, 0, stream.size, options);
  // The clusters of a list carry no log sequence number: any change that is still to be replayed would win.
  for (const part of parts) checkPending(pending, 'attribute list', part.offset, part.length, 0n);
  return { value: new Uint8Array(await stream.read(0, stream.size, options)), place: placer(parts) };
}

/** Offsets of the entries whose name stands at 1Ah although they say 1Ch. */
async function wrongEntries(tree: NtfsVolume, list: Bytes, options: ReadOptions): Promise<number[]> {
  const cursor = new Cursor(list, '$ATTRIBUTE_LIST');
  const found: number[] = [];
  for (let at = 0; at + HEAD <= list.length && ENTRY.type.read(cursor, at) !== 0; ) {
    const length = ENTRY.length.read(cursor, at);
    const units = ENTRY.nameLength.read(cursor, at);
    if (length < HEAD || at + length > list.length) throw new RefusedRepair('file-record-damaged', { at });
    if (units > 0 && ENTRY.nameOffset.read(cursor, at) === NAME.wrong && NAME.right + 2 * units <= length) {
      const name = cursor.utf16(at + NAME.right, units);
      if (await hasAttribute(tree, cursor, at, name, options)) found.push(at);
    }
    at += length;
  }
  return found;
}

/** Whether the record that an entry names holds an attribute of this type, identifier and name. */
async function hasAttribute(
  tree: NtfsVolume,
  cursor: Cursor,
  at: number,
  name: string,
  options: ReadOptions,
): Promise<boolean> {
  const holder = await wholeRecord(tree, ENTRY.record.read(cursor, at), options);
  return holder.attributes.some(
    (attribute) =>
      attribute.type === ENTRY.type.read(cursor, at) &&
      attribute.id === ENTRY.id.read(cursor, at) &&
      attribute.name === name,
  );
}
