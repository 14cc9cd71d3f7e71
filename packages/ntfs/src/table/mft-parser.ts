import type { IssueLog } from '@deadbox/core';
import { FILE_NAME, FILE_NAME_HEAD, FileAttribute, NameSpace } from '../attributes/file-name.js';
import { hasInterixMark, mayBeInterixLink } from '../attributes/interix-link.js';
import { SHORT_STANDARD_INFORMATION, STANDARD_INFORMATION } from '../attributes/standard-information.js';
import { addIssue } from '../errors.js';
import { ATTRIBUTE_HEADER, AttributeType, NON_RESIDENT_HEADER, RESIDENT_HEADER } from '../record/attribute.js';
import { FILE_MAGIC, FILE_RECORD_HEADER, RecordFlag } from '../record/file-record.js';
import { applyFixups, FIXUP_OK, FIXUP_STRIDE } from '../record/fixup.js';
import { type MftColumns, RecordState } from './mft-columns.js';

/** `BAAD`: a record that NTFS itself marked as torn. */
const BAAD_MAGIC = 0x4441_4142;
const IN_USE: number = RecordFlag.inUse;
const DIRECTORY: number = RecordFlag.directory;

/** Offsets of the field tables as constants: a record costs less than a property lookup for each field would. */
const RECORD = offsetsOf(FILE_RECORD_HEADER.fields);
const HEAD = offsetsOf(ATTRIBUTE_HEADER.fields);
const RESIDENT = offsetsOf(RESIDENT_HEADER.fields);
const NON_RESIDENT = offsetsOf(NON_RESIDENT_HEADER.fields);
const NAME = offsetsOf(FILE_NAME.fields);
const FILE_ATTRIBUTES: number = STANDARD_INFORMATION.fields.attributes.offset;
/** Bytes of the smallest header and attributes. */
const SMALLEST_HEADER = 0x2a;
const SMALLEST_ATTRIBUTE = 0x18;
const SMALLEST_NON_RESIDENT = 0x40;
/** Highest record that the columns can hold; one more is the end of a chain. */
const LAST_OWNER = 0xffff_fffe;
/** Size of an unnamed `$DATA` that does not begin in a record. */
export const NO_DATA = -1;

/** What an extension record adds to its base, applied when both have been seen. */
export interface Extension {
  readonly holder: number;
  readonly base: number;
  readonly baseSequence: number;
  /** Rows of names and streams that it brought. */
  readonly names: readonly [number, number];
  readonly streams: readonly [number, number];
  /** Size of an unnamed `$DATA` that begins in it, or {@link NO_DATA}. */
  readonly dataSize: number;
  readonly reparseTag: number;
}

/** What the parser needs to know. */
export interface ParserOptions {
  readonly recordSize: number;
  /** Free records too. */
  readonly deleted: boolean;
  readonly issues: IssueLog | undefined;
}

/**
 * Fills columns from file records, in one synchronous pass over each chunk: no object a record, no string a name. The
 * layouts are the field tables that `parseFileRecord`, `parseAttribute`, `parseFileName` and `parseStandardInformation`
 * read with; every offset is checked before use.
 */
export class MftParser {
  readonly columns: MftColumns;
  readonly extensions: Extension[] = [];
  /** Records that could not be used. */
  badRecords = 0;
  readonly #options: ParserOptions;
  /**
   * The chunk, and of the record under way: where it begins, its number, and the record that its names and streams
   * belong to.
   */
  #chunk: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #view: DataView<ArrayBuffer> = new DataView(this.#chunk.buffer);
  #start = 0;
  #number = 0;
  #owner = 0;
  /** What its attributes told so far. */
  #dataSize = NO_DATA;
  #tag = 0;
  #nameTag = 0;
  #hasList = false;
  #isLink = false;
  #fileAttributes = 0;
  /** Where its unnamed `$DATA` begins, and whether nothing else is to be known of the content. */
  #dataAt = 0;
  #isPlain = true;

  constructor(columns: MftColumns, options: ParserOptions) {
    this.columns = columns;
    this.#options = options;
  }

  /**
   * Parses `count` records; their bytes are changed (fixup).
   * @param chunk - the caller's own buffer
   * @param first - number of its first record
   */
  parse(chunk: Uint8Array<ArrayBuffer>, first: number, count: number): void {
    const { recordSize, deleted } = this.#options;
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    const { columns } = this;
    this.#chunk = chunk;
    this.#view = view;
    columns.reserveRecords(first + count);
    columns.records = Math.max(columns.records, first + count);
    for (let i = 0, at = 0; i < count; i += 1, at += recordSize) {
      const magic = view.getUint32(at, true);
      if (magic === FILE_MAGIC) {
        const flags = view.getUint16(at + RECORD.flags, true);
        if (deleted || (flags & IN_USE) !== 0) this.#record(at, first + i, flags);
      } else if (magic !== 0)
        this.#bad(first + i, 0, magic === BAAD_MAGIC ? 'marked as torn (BAAD)' : 'no FILE signature', magic);
    }
  }

  #record(at: number, number: number, flags: number): void {
    const view = this.#view;
    const { columns } = this;
    const { recordSize } = this.#options;
    const fixup = applyFixups(this.#chunk, at, recordSize);
    if (fixup !== FIXUP_OK) {
      const torn = fixup >= 0;
      const where = torn ? fixup * FIXUP_STRIDE + FIXUP_STRIDE - 2 : RECORD.fixupOffset;
      this.#bad(number, where, torn ? 'torn' : 'update sequence array', fixup);
      return;
    }
    const used = view.getUint32(at + RECORD.usedSize, true);
    const firstAttribute = view.getUint16(at + RECORD.firstAttribute, true);
    if (used > recordSize || firstAttribute < SMALLEST_HEADER || firstAttribute > used) {
      this.#bad(number, RECORD.firstAttribute, 'header', used);
      return;
    }
    const baseLow = view.getUint32(at + RECORD.baseRecord, true);
    const baseHigh = view.getUint16(at + RECORD.baseRecord + 4, true);
    const baseSequence = view.getUint16(at + RECORD.baseSequence, true);
    columns.sequence[number] = view.getUint16(at + RECORD.sequence, true);
    const isExtension = baseLow !== 0 || baseHigh !== 0 || baseSequence !== 0;
    const { names, streams } = columns;
    this.#start = at;
    this.#number = number;
    this.#owner = isExtension ? baseHigh * 0x1_0000_0000 + baseLow : number;
    this.#dataSize = NO_DATA;
    this.#tag = 0;
    this.#nameTag = 0;
    this.#hasList = false;
    this.#isLink = false;
    this.#fileAttributes = 0;
    this.#isPlain = true;
    this.#attributes(at + firstAttribute, at + used);
    if (!isExtension) {
      this.#base(flags, at + used);
      return;
    }
    columns.flags[number] = ((flags & IN_USE) !== 0 ? RecordState.inUse : 0) | RecordState.extension;
    this.extensions.push({
      holder: number,
      base: this.#owner,
      baseSequence,
      names: [names, columns.names],
      streams: [streams, columns.streams],
      dataSize: this.#dataSize,
      reparseTag: this.#tag,
    });
  }

  /** Keeps what the attributes of a base record told. */
  #base(flags: number, end: number): void {
    const { columns } = this;
    const number = this.#number;
    let state: number = RecordState.base;
    if ((flags & IN_USE) !== 0) state |= RecordState.inUse;
    if ((flags & DIRECTORY) !== 0) state |= RecordState.directory;
    if (this.#hasList) state |= RecordState.list;
    if (this.#isLink) state |= RecordState.interixLink;
    if (this.#dataSize !== NO_DATA) {
      state |= RecordState.data;
      columns.size[number] = this.#dataSize;
      const isFile = (flags & (IN_USE | DIRECTORY)) === IN_USE;
      if (isFile && this.#isPlain && !this.#hasList && !this.#isLink)
        columns.contents?.add(number, this.#chunk, this.#dataAt, end);
    }
    if (this.#tag !== 0) columns.setReparseTag(number, this.#tag);
    columns.flags[number] = state;
  }

  #attributes(from: number, end: number): void {
    const view = this.#view;
    const chunk = this.#chunk;
    for (let at = from; at + 8 <= end; ) {
      const type = view.getUint32(at, true);
      if (type === AttributeType.end) return;
      const length = view.getUint32(at + HEAD.length, true);
      if (length < SMALLEST_ATTRIBUTE || (length & 7) !== 0 || at + length > end) {
        this.#attributeIssue(at + HEAD.length, type, length);
        return;
      }
      if (chunk[at + HEAD.nonResident] === 0) this.#resident(type, at, length);
      else if (type === AttributeType.data) {
        if (length < SMALLEST_NON_RESIDENT) this.#attributeIssue(at + HEAD.length, type, length);
        // Later extents have no size.
        else if (
          view.getUint32(at + NON_RESIDENT.firstVcn, true) === 0 &&
          view.getUint32(at + NON_RESIDENT.firstVcn + 4, true) === 0
        ) {
          const high = view.getUint32(at + NON_RESIDENT.size + 4, true);
          this.#data(at, length, high * 0x1_0000_0000 + view.getUint32(at + NON_RESIDENT.size, true));
        } else this.#isPlain = false;
      } else if (type === AttributeType.attributeList) this.#hasList = true;
      else if (type === AttributeType.reparsePoint) {
        this.#tag = this.#nameTag;
        this.#isPlain = false;
      }
      at += length;
    }
  }

  #resident(type: number, at: number, length: number): void {
    const view = this.#view;
    const value = at + view.getUint16(at + RESIDENT.valueOffset, true);
    const valueLength = view.getUint32(at + RESIDENT.valueLength, true);
    if (value + valueLength > at + length) this.#attributeIssue(at + RESIDENT.valueLength, type, valueLength);
    // The numbers of the header itself would be taken for times and sizes.
    else if (valueLength > 0 && value < at + SMALLEST_ATTRIBUTE)
      this.#attributeIssue(at + RESIDENT.valueOffset, type, value - at);
    else if (type === AttributeType.fileName) this.#fileName(value, valueLength);
    else if (type === AttributeType.data) {
      this.#data(at, length, valueLength);
      if (this.#chunk[at + HEAD.nameLength] === 0 && mayBeInterixLink(valueLength, this.#fileAttributes))
        this.#isLink = hasInterixMark(this.#chunk, value);
    } else if (type === AttributeType.standardInformation) this.#standardInformation(value, valueLength);
    else if (type === AttributeType.reparsePoint) {
      this.#tag = valueLength >= 8 ? view.getUint32(value, true) : 0;
      this.#isPlain = false;
    } else if (type === AttributeType.attributeList) this.#hasList = true;
  }

  /** A `$DATA` attribute: the content, or a named stream. */
  #data(at: number, length: number, size: number): void {
    const units = this.#chunk[at + HEAD.nameLength];
    if (units === 0) {
      if (this.#dataSize !== NO_DATA) this.#isPlain = false;
      this.#dataSize = size;
      this.#dataAt = at;
      return;
    }
    const { columns } = this;
    const name = this.#view.getUint16(at + HEAD.nameOffset, true);
    if (!columns.choice.streams || name + units * 2 > length || this.#owner > LAST_OWNER) return;
    columns.reserveStream();
    const row = columns.streams;
    columns.streamOffset[row] = columns.pool.length;
    columns.streamLength[row] = columns.pool.append(this.#view, at + name, units);
    columns.streamRecord[row] = this.#owner;
    columns.streamSize[row] = size;
    columns.streams = row + 1;
  }

  #standardInformation(value: number, length: number): void {
    const { columns } = this;
    if (length < SHORT_STANDARD_INFORMATION) return;
    const view = this.#view;
    this.#fileAttributes = view.getUint32(value + FILE_ATTRIBUTES, true);
    if (!columns.choice.times) return;
    const { times } = columns;
    for (let i = 0, at = this.#number * 8; i < 8; i += 1) times[at + i] = view.getUint32(value + i * 4, true);
    columns.attributes[this.#number] = this.#fileAttributes;
  }

  #fileName(value: number, length: number): void {
    const { columns } = this;
    const chunk = this.#chunk;
    const view = this.#view;
    const units = length < FILE_NAME_HEAD + 2 ? 0 : chunk[value + NAME.nameLength];
    const space = units === 0 ? 0 : chunk[value + NAME.nameSpace];
    if (units === 0 || FILE_NAME_HEAD + units * 2 > length || space > NameSpace.win32AndDos) {
      this.#attributeIssue(value, AttributeType.fileName, length);
      return;
    }
    // The tag of a reparse point that does not fit the record is in the name too.
    if ((view.getUint32(value + NAME.attributes, true) & FileAttribute.reparsePoint) !== 0)
      this.#nameTag = view.getUint32(value + NAME.reparseTagOrEaSize, true);
    const parentHigh = view.getUint16(value + NAME.parentRecord + 4, true);
    if ((space === NameSpace.dos && !columns.choice.shortNames) || this.#owner > LAST_OWNER || parentHigh !== 0) return;
    columns.reserveNames(1);
    const row = columns.names;
    columns.nameRecord[row] = this.#owner;
    columns.nameParent[row] = view.getUint32(value + NAME.parentRecord, true);
    columns.nameParentSequence[row] = view.getUint16(value + NAME.parentSequence, true);
    columns.nameSpace[row] = space;
    columns.nameOffset[row] = columns.pool.length;
    columns.nameLength[row] = columns.pool.append(view, value + FILE_NAME_HEAD, units);
    columns.nameTraits[row] = columns.pool.lastTraits;
    if (columns.choice.times) {
      const { nameTimes } = columns;
      for (let i = 0, at = row * 8, from = value + NAME.created; i < 8; i += 1, from += 4)
        nameTimes[at + i] = view.getUint32(from, true);
    }
    columns.names = row + 1;
  }

  #bad(number: number, at: number, reason: string, found: number): void {
    this.badRecords += 1;
    this.columns.flags[number] = RecordState.bad;
    const offset = number * this.#options.recordSize + at;
    addIssue(
      this.#options.issues,
      reason === 'torn' ? 'ntfs.record-torn' : 'ntfs.record',
      { layer: '$MFT', offset, record: number },
      { reason, found },
    );
  }

  /** @param at - byte offset in the chunk of what is wrong */
  #attributeIssue(at: number, type: number, found: number): void {
    this.#isPlain = false;
    const offset = this.#number * this.#options.recordSize + at - this.#start;
    addIssue(this.#options.issues, 'ntfs.attribute', { layer: '$MFT', offset, record: this.#number }, { type, found });
  }
}

/** The offsets of a field table, by name. */
function offsetsOf<K extends string>(
  fields: { readonly [N in K]: { readonly offset: number } },
): {
  readonly [N in K]: number;
} {
  const offsets = {} as Record<K, number>;
  for (const name of Object.keys(fields) as K[]) offsets[name] = fields[name].offset;
  return offsets;
}
