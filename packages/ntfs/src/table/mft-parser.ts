import type { IssueLog } from '@deadbox/core';
import { FILE_NAME_HEAD, NameSpace } from '../attributes/file-name.js';
import { hasInterixMark, mayBeInterixLink } from '../attributes/interix-link.js';
import { addIssue } from '../errors.js';
import { FILE_MAGIC } from '../record/file-record.js';
import { applyFixups, FIXUP_OK, FIXUP_STRIDE } from '../record/fixup.js';
import { type MftColumns, RecordState } from './mft-columns.js';

/** `BAAD`: a record that NTFS itself marked as torn. */
const BAAD_MAGIC = 0x4441_4142;

/** What an extension record adds to its base, applied when both have been seen. */
export interface Extension {
  readonly holder: number;
  readonly base: number;
  readonly baseSequence: number;
  /** Rows of names and streams that it brought. */
  readonly names: readonly [number, number];
  readonly streams: readonly [number, number];
  /** Size of an unnamed `$DATA` that begins in it; -1 for none. */
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
 * Fills columns from file records, in one synchronous pass over each chunk: no object a record, no string a name. The layouts are those of
 * `parseFileRecord`, `parseAttribute`, `parseFileName` and `parseStandardInformation`; every offset is checked before use.
 */
export class MftParser {
  readonly columns: MftColumns;
  readonly extensions: Extension[] = [];
  /** Records that could not be used. */
  badRecords = 0;
  readonly #options: ParserOptions;
  #dataSize = -1;
  #tag = 0;
  #nameTag = 0;
  #hasList = false;
  #isLink = false;
  #fileAttributes = 0;

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
    columns.reserveRecords(first + count);
    if (first + count > columns.records) columns.records = first + count;
    for (let i = 0, at = 0; i < count; i += 1, at += recordSize) {
      const magic = view.getUint32(at, true);
      if (magic === FILE_MAGIC) {
        const flags = view.getUint16(at + 0x16, true);
        if (deleted || (flags & 1) !== 0) this.#record(chunk, view, at, first + i, flags);
      } else if (magic !== 0)
        this.#bad(first + i, 0, magic === BAAD_MAGIC ? 'marked as torn (BAAD)' : 'no FILE signature', magic);
    }
  }

  #record(chunk: Uint8Array, view: DataView, at: number, number: number, flags: number): void {
    const { columns } = this;
    const { recordSize } = this.#options;
    const fixup = applyFixups(chunk, at, recordSize);
    if (fixup !== FIXUP_OK) {
      this.#bad(
        number,
        fixup >= 0 ? fixup * FIXUP_STRIDE + FIXUP_STRIDE - 2 : 4,
        fixup >= 0 ? 'torn' : 'update sequence array',
        fixup,
      );
      return;
    }
    const used = view.getUint32(at + 0x18, true);
    const firstAttribute = view.getUint16(at + 0x14, true);
    if (used > recordSize || firstAttribute < 0x2a || firstAttribute > used) {
      this.#bad(number, 0x14, 'header', used);
      return;
    }
    const sequence = view.getUint16(at + 0x10, true);
    const baseLow = view.getUint32(at + 0x20, true);
    const baseHigh = view.getUint16(at + 0x24, true);
    const baseSequence = view.getUint16(at + 0x26, true);
    columns.sequence[number] = sequence;
    const isExtension = baseLow !== 0 || baseHigh !== 0 || baseSequence !== 0;
    const owner = isExtension ? baseHigh * 0x1_0000_0000 + baseLow : number;
    const names = columns.names;
    const streams = columns.streams;
    this.#dataSize = -1;
    this.#tag = 0;
    this.#nameTag = 0;
    this.#hasList = false;
    this.#isLink = false;
    this.#fileAttributes = 0;
    this.#attributes(chunk, view, at, at + firstAttribute, at + used, number, owner);
    let state = (flags & 1) !== 0 ? RecordState.inUse : 0;
    if (isExtension) {
      columns.flags[number] = state | RecordState.extension;
      this.extensions.push({
        holder: number,
        base: owner,
        baseSequence,
        names: [names, columns.names],
        streams: [streams, columns.streams],
        dataSize: this.#dataSize,
        reparseTag: this.#tag,
      });
      return;
    }
    state |= RecordState.base;
    if ((flags & 2) !== 0) state |= RecordState.directory;
    if (this.#hasList) state |= RecordState.list;
    if (this.#isLink) state |= RecordState.interixLink;
    if (this.#dataSize >= 0) {
      state |= RecordState.data;
      columns.size[number] = this.#dataSize;
    }
    if (this.#tag !== 0) columns.setReparseTag(number, this.#tag);
    columns.flags[number] = state;
  }

  #attributes(
    chunk: Uint8Array,
    view: DataView,
    record: number,
    from: number,
    end: number,
    number: number,
    owner: number,
  ): void {
    for (let at = from; at + 8 <= end; ) {
      const type = view.getUint32(at, true);
      if (type === 0xffff_ffff) return;
      const length = view.getUint32(at + 4, true);
      if (length < 0x18 || (length & 7) !== 0 || at + length > end) {
        this.#attributeIssue(number, at + 4 - record, type, length);
        return;
      }
      const resident = chunk[at + 8] === 0;
      if (resident) {
        const value = at + view.getUint16(at + 0x14, true);
        const valueLength = view.getUint32(at + 0x10, true);
        if (value + valueLength > at + length) this.#attributeIssue(number, at + 0x10 - record, type, valueLength);
        else if (type === 0x30) this.#fileName(chunk, view, value, valueLength, owner, number, value - record);
        else if (type === 0x80) {
          this.#data(chunk, view, at, length, valueLength, owner);
          if (chunk[at + 9] === 0 && mayBeInterixLink(valueLength, this.#fileAttributes))
            this.#isLink = hasInterixMark(chunk, value);
        } else if (type === 0x10) this.#standardInformation(view, value, valueLength, number);
        else if (type === 0xc0) this.#tag = valueLength >= 8 ? view.getUint32(value, true) : 0;
        else if (type === 0x20) this.#hasList = true;
      } else if (type === 0x80) {
        if (length < 0x40) this.#attributeIssue(number, at + 4 - record, type, length);
        else if (view.getUint32(at + 0x10, true) === 0 && view.getUint32(at + 0x14, true) === 0) {
          const size = view.getUint32(at + 0x34, true) * 0x1_0000_0000 + view.getUint32(at + 0x30, true);
          this.#data(chunk, view, at, length, size, owner);
        }
      } else if (type === 0x20) this.#hasList = true;
      else if (type === 0xc0) this.#tag = this.#nameTag;
      at += length;
    }
  }

  #data(chunk: Uint8Array, view: DataView, at: number, length: number, size: number, owner: number): void {
    const units = chunk[at + 9];
    if (units === 0) {
      this.#dataSize = size;
      return;
    }
    const { columns } = this;
    const name = view.getUint16(at + 10, true);
    if (!columns.choice.streams || name + units * 2 > length || owner > 0xffff_fffe) return;
    columns.reserveStream();
    const row = columns.streams;
    columns.streamOffset[row] = columns.pool.length;
    columns.streamLength[row] = columns.pool.append(view, at + name, units);
    columns.streamRecord[row] = owner;
    columns.streamSize[row] = size;
    columns.streams = row + 1;
  }

  #standardInformation(view: DataView, value: number, length: number, number: number): void {
    const { columns } = this;
    if (length < 48) return;
    this.#fileAttributes = view.getUint32(value + 0x20, true);
    if (!columns.choice.times) return;
    const { times } = columns;
    for (let i = 0, at = number * 8; i < 8; i += 1) times[at + i] = view.getUint32(value + i * 4, true);
    columns.attributes[number] = this.#fileAttributes;
  }

  #fileName(
    chunk: Uint8Array,
    view: DataView,
    value: number,
    length: number,
    owner: number,
    number: number,
    inRecord: number,
  ): void {
    const units = length < FILE_NAME_HEAD + 2 ? 0 : chunk[value + 0x40];
    const space = units === 0 ? 0 : chunk[value + 0x41];
    if (units === 0 || FILE_NAME_HEAD + units * 2 > length || space > 3) {
      this.#attributeIssue(number, inRecord, 0x30, length);
      return;
    }
    const { columns } = this;
    // The tag of a reparse point that does not fit the record is in the name too.
    if ((view.getUint32(value + 0x38, true) & 0x400) !== 0) this.#nameTag = view.getUint32(value + 0x3c, true);
    if (
      (space === NameSpace.dos && !columns.choice.shortNames) ||
      owner > 0xffff_fffe ||
      view.getUint16(value + 4, true) !== 0
    )
      return;
    columns.reserveNames(1);
    const row = columns.names;
    columns.nameRecord[row] = owner;
    columns.nameParent[row] = view.getUint32(value, true);
    columns.nameParentSequence[row] = view.getUint16(value + 6, true);
    columns.nameSpace[row] = space;
    columns.nameOffset[row] = columns.pool.length;
    columns.nameLength[row] = columns.pool.append(view, value + FILE_NAME_HEAD, units);
    columns.nameTraits[row] = columns.pool.lastTraits;
    if (columns.choice.times) {
      const { nameTimes } = columns;
      for (let i = 0, at = row * 8; i < 8; i += 1) nameTimes[at + i] = view.getUint32(value + 8 + i * 4, true);
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

  #attributeIssue(number: number, at: number, type: number, found: number): void {
    addIssue(
      this.#options.issues,
      'ntfs.attribute',
      { layer: '$MFT', offset: number * this.#options.recordSize + at, record: number },
      { type, found },
    );
  }
}
