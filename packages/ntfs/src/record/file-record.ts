import { asciiText, type Bytes, Cursor, type IssueSink, type Structure, structure } from '@deadbox/core';
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
  readonly issues?: IssueSink | undefined;
  /** Return a torn record with `damaged` instead of throwing. Never for anything that will be written. */
  readonly tolerant?: boolean | undefined;
}

export const FILE_RECORD_FIELDS = {
  signature: [0x00, 'ascii[4]', '"FILE"; "BAAD" where NTFS found it torn'],
  fixupOffset: [0x04, 'u16', 'Offset of the update sequence array'],
  fixupCount: [0x06, 'u16', 'Words of the update sequence array: 1 and one for each 512 bytes'],
  lsn: [0x08, 'u64big', 'Log sequence number of the last logged change'],
  sequence: [0x10, 'u16', 'Sequence number: how often the record was reused'],
  linkCount: [0x12, 'u16', 'Hard links'],
  firstAttribute: [0x14, 'u16', 'Offset of the first attribute'],
  flags: [0x16, 'u16', 'Flags', { flags: { 1: 'in use', 2: 'directory', 4: 'in $Extend', 8: 'view index' } }],
  usedSize: [0x18, 'u32', 'Bytes in use, end marker included'],
  allocatedSize: [0x1c, 'u32', 'Bytes of the record'],
  baseRecord: [0x20, 'u48', 'Number of the base record, of an extension record'],
  baseSequence: [0x26, 'u16', 'Sequence number of the base record'],
  nextId: [0x28, 'u16', 'Identifier that the next attribute gets'],
  number: [0x2c, 'u32', 'Own number (NTFS 3.1)'],
} as const;
/** The header of a record of `$MFT`. */
export const FILE_RECORD_HEADER: Structure<typeof FILE_RECORD_FIELDS> = structure(
  'file-record',
  'ntfs-3g layout.h; libfsntfs; dfir_ntfs',
  FILE_RECORD_FIELDS,
);
const { fields: HEADER } = FILE_RECORD_HEADER;

/**
 * Parses one file record, see {@link FILE_RECORD_HEADER}. The given bytes stay as they are: fixups are put right in a
 * copy.
 * @throws DeadboxError `NTFS_RECORD_INVALID`, `NTFS_RECORD_TORN`
 */
export function parseFileRecord(stored: Bytes, context: RecordContext): FileRecord {
  const { number, place } = context;
  const bytes = new Uint8Array(stored);
  const record = new Cursor(bytes, place.layer ?? 'volume', place.offset);
  if (record.u32(0) !== FILE_MAGIC) throw invalid(context, 'signature', 0, '"FILE"', `"${asciiText(bytes, 0, 4)}"`);
  const fixupArray = HEADER.fixupOffset.read(record);
  const torn = applyFixups(bytes, 0, bytes.length);
  if (torn !== FIXUP_OK && !(context.tolerant === true && torn >= 0)) {
    if (torn < 0)
      throw invalid(
        context,
        'update sequence array',
        4,
        `${1 + bytes.length / FIXUP_STRIDE} words inside the first 510 bytes`,
        `${HEADER.fixupCount.read(record)} words at ${fixupArray}`,
      );
    const at = torn * FIXUP_STRIDE + FIXUP_STRIDE - 2;
    throw ntfsError(
      'NTFS_RECORD_TORN',
      `File record ${number} at ${place.offset} is torn: the end of its stride ${torn} (byte ${place.offset + at}) does not carry the update sequence number`,
      { ...place, offset: place.offset + at, record: number },
      { stride: torn },
    );
  }
  const usedSize = HEADER.usedSize.read(record);
  const firstAttribute = HEADER.firstAttribute.read(record);
  if (usedSize > bytes.length || usedSize < 0x2a)
    throw invalid(context, 'bytes used', HEADER.usedSize.offset, `42 to ${bytes.length}`, usedSize);
  if (firstAttribute < 0x2a || firstAttribute % 8 !== 0 || firstAttribute > usedSize)
    throw invalid(
      context,
      'offset of the first attribute',
      HEADER.firstAttribute.offset,
      `a multiple of 8 up to ${usedSize}`,
      firstAttribute,
    );
  const list = parseAttributes(record, firstAttribute, usedSize, context);
  const flags = HEADER.flags.read(record);
  const base = fileReferenceAt(record, HEADER.baseRecord.offset);
  return {
    number,
    place,
    bytes,
    fixupArray,
    lsn: HEADER.lsn.read(record),
    sequence: HEADER.sequence.read(record),
    linkCount: HEADER.linkCount.read(record),
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
