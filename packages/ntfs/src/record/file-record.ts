import { asciiText, type Bytes, Cursor, type IssueLog } from '@deadbox/core';
import { addIssue, ntfsError, type Place } from '../errors.js';
import { type Attribute, AttributeType, parseAttribute } from './attribute.js';
import { type FileReference, fileReferenceAt } from './file-reference.js';
import { applyFixups, FIXUP_OK, FIXUP_STRIDE } from './fixup.js';

/** Header flags of a file record. */
export const RecordFlag = { inUse: 0x01, directory: 0x02, inExtend: 0x04, viewIndex: 0x08 } as const;

/** `FILE` as a little-endian u32. */
export const FILE_MAGIC = 0x454c4946;

/** One record of `$MFT`, after fixup. */
export interface FileRecord {
  /** Its number. */
  readonly number: number;
  /** Where it lies: byte offset on the volume (in the `$MFT` file, when only that is there). */
  readonly place: Place;
  /** The bytes after fixup. */
  readonly bytes: Bytes;
  /** Offset of the update sequence array: says where the last two bytes of a stride are stored. */
  readonly fixupArray: number;
  /** Log sequence number of the last logged change. */
  readonly lsn: bigint;
  /** Sequence number: how often the record was reused. */
  readonly sequence: number;
  /** Hard link count as stored; not reliable. */
  readonly linkCount: number;
  /** See {@link RecordFlag}. */
  readonly flags: number;
  /** Whether a file lives in it. */
  readonly inUse: boolean;
  /** Whether it has an index of names. */
  readonly isDirectory: boolean;
  /** Bytes in use, end marker included; what follows is slack. */
  readonly usedSize: number;
  /** The base record when this is an extension record, else `undefined`. */
  readonly base?: FileReference;
  /** The attributes, in stored order; those before the first damage when `damaged`. */
  readonly attributes: readonly Attribute[];
  /** An attribute was left out, or the record is torn (tolerant mode). */
  readonly damaged: boolean;
}

/** What {@link parseFileRecord} needs besides the bytes. */
export interface RecordContext {
  /** Record number. */
  readonly number: number;
  /** Byte offset of the record, for messages. */
  readonly place: Place;
  /** Gets one issue for each attribute that was left out. */
  readonly issues?: IssueLog | undefined;
  /** Return a torn record with `damaged` instead of throwing. Never for anything that will be written. */
  readonly tolerant?: boolean | undefined;
}

/**
 * Parses one file record. The bytes are changed (fixup), so they must be the caller's own. Sources: ntfs-3g layout.h, libfsntfs, dfir_ntfs.
 *
 * | off | size | meaning |
 * |---|---|---|
 * | 0x00 | 4 | `FILE` |
 * | 0x08 | u64 | LSN |
 * | 0x10 / 0x12 | u16 | sequence number / hard link count |
 * | 0x14 / 0x16 | u16 | offset of the first attribute / flags |
 * | 0x18 / 0x1C | u32 | bytes used / allocated |
 * | 0x20 | ref | base record, 0 for a base record |
 * | 0x2C | u32 | own number (NTFS 3.1) |
 *
 * @throws DeadboxError `NTFS_RECORD_INVALID`, `NTFS_RECORD_TORN`
 */
export function parseFileRecord(bytes: Bytes, context: RecordContext): FileRecord {
  const { number, place } = context;
  const record = new Cursor(bytes, place.layer ?? 'volume', place.offset);
  if (record.u32(0) !== FILE_MAGIC) throw invalid(context, 'signature', 0, '"FILE"', `"${asciiText(bytes, 0, 4)}"`);
  const fixupArray = record.u16(4);
  const torn = applyFixups(bytes, 0, bytes.length);
  if (torn !== FIXUP_OK && !(context.tolerant === true && torn >= 0)) {
    if (torn < 0)
      throw invalid(
        context,
        'update sequence array',
        4,
        `${1 + bytes.length / FIXUP_STRIDE} words inside the first 510 bytes`,
        `${record.u16(6)} words at ${fixupArray}`,
      );
    const at = torn * FIXUP_STRIDE + FIXUP_STRIDE - 2;
    throw ntfsError(
      'NTFS_RECORD_TORN',
      `File record ${number} at ${place.offset} is torn: the end of its stride ${torn} (byte ${place.offset + at}) does not carry the update sequence number`,
      { ...place, offset: place.offset + at, record: number },
      { stride: torn },
    );
  }
  const usedSize = record.u32(0x18);
  const firstAttribute = record.u16(0x14);
  if (usedSize > bytes.length || usedSize < 0x2a)
    throw invalid(context, 'bytes used', 0x18, `42 to ${bytes.length}`, usedSize);
  if (firstAttribute < 0x2a || firstAttribute % 8 !== 0 || firstAttribute > usedSize)
    throw invalid(context, 'offset of the first attribute', 0x14, `a multiple of 8 up to ${usedSize}`, firstAttribute);
  const list = parseAttributes(record, firstAttribute, usedSize, context);
  const flags = record.u16(0x16);
  const base = fileReferenceAt(record, 0x20);
  return {
    number,
    place,
    bytes,
    fixupArray,
    lsn: record.u64(8),
    sequence: record.u16(0x10),
    linkCount: record.u16(0x12),
    flags,
    inUse: (flags & RecordFlag.inUse) !== 0,
    isDirectory: (flags & RecordFlag.directory) !== 0,
    usedSize,
    ...(base.record === 0 && base.sequence === 0 ? {} : { base }),
    attributes: list.attributes,
    damaged: list.damaged || torn !== FIXUP_OK,
  };
}

function parseAttributes(
  record: Cursor,
  from: number,
  end: number,
  context: RecordContext,
): { attributes: Attribute[]; damaged: boolean } {
  const attributes: Attribute[] = [];
  let damaged = false;
  let at = from;
  while (at + 8 <= end && record.u32(at) !== AttributeType.end) {
    const parsed = parseAttribute(record, at, end);
    if ('problem' in parsed) {
      damaged = true;
      addIssue(
        context.issues,
        'ntfs.attribute',
        { ...context.place, offset: context.place.offset + parsed.at, record: context.number },
        { type: record.u32(at), field: parsed.problem, expected: parsed.expected, found: parsed.found },
      );
      if (parsed.skip === undefined) break;
      at += parsed.skip;
      continue;
    }
    attributes.push(parsed);
    at += parsed.length;
  }
  return { attributes, damaged };
}

function invalid(context: RecordContext, field: string, at: number, expected: string, found: string | number): Error {
  const offset = context.place.offset + at;
  return ntfsError(
    'NTFS_RECORD_INVALID',
    `File record ${context.number} at ${context.place.offset}: ${field} (byte ${offset}) is ${found}, expected ${expected}`,
    { ...context.place, offset, record: context.number },
    { field, expected, found },
  );
}
