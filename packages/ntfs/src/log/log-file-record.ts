import { type Bytes, type Structure, structure } from '@deadbox/core';

const SOURCE = 'dfir_ntfs, LogFile.py; Linux ntfs3, fslog.c';

export const LOG_RECORD_PAGE_FIELDS = {
  signature: [0x00, 'ascii[4]', 'RCRD'],
  fixupOffset: [0x04, 'u16', 'Offset of the update sequence array'],
  fixupCount: [0x06, 'u16', 'Words of the update sequence array'],
  lastLsn: [0x08, 'u64big', 'Last record that begins in the page; in a copy of the tail its offset in the log'],
  flags: [0x10, 'u32', 'Bit 0: a record ends here'],
  pageCount: [0x14, 'u16', 'Pages of the record'],
  pagePosition: [0x16, 'u16', 'Number of this page among them'],
  nextRecordOffset: [0x18, 'u16', 'Where the next record begins'],
  lastEndLsn: [0x20, 'u64big', 'Last record that ends in the page'],
  homeOffset: [0x3c, 'u32', 'In a fast page (version 2 and later): offset in the log that it belongs to'],
} as const;
/** Head of a page of the log. */
export const LOG_RECORD_PAGE: Structure<typeof LOG_RECORD_PAGE_FIELDS> = structure(
  'log-record-page',
  SOURCE,
  LOG_RECORD_PAGE_FIELDS,
);

export const LOG_UPDATE_FIELDS = {
  redo: [0x00, 'u16', 'Redo operation'],
  undo: [0x02, 'u16', 'Undo operation'],
  redoOffset: [0x04, 'u16', 'Offset of the redo data, in the data of the record'],
  redoLength: [0x06, 'u16', 'Bytes that redo writes'],
  undoOffset: [0x08, 'u16', 'Offset of the undo data'],
  undoLength: [0x0a, 'u16', 'Bytes that undo writes'],
  targetAttribute: [0x0c, 'u16', 'Offset of the attribute in the open attribute table'],
  lcnCount: [0x0e, 'u16', 'LCNs that follow'],
  recordOffset: [0x10, 'u16', 'Offset of the attribute or index entry in its block'],
  attributeOffset: [0x12, 'u16', 'Offset of the change in it'],
  blockOffset: [0x14, 'u16', 'Where the target block begins in its cluster, in units of 512 bytes'],
  blockSize: [0x16, 'u16', 'Size of the target block, in units of 512 bytes; 0 for other data'],
  vcn: [0x18, 'u64big', 'First cluster of the target in its attribute'],
} as const;
/** Data of an update record; its LCNs, of 8 bytes each, follow. */
export const LOG_UPDATE: Structure<typeof LOG_UPDATE_FIELDS> = structure('log-update', SOURCE, LOG_UPDATE_FIELDS);

export const LOG_CHECKPOINT_FIELDS = {
  majorVersion: [0x00, 'u32', 'Major version of the tables'],
  minorVersion: [0x04, 'u32', 'Minor version of the tables'],
  startLsn: [0x08, 'u64big', 'Where the analysis of the log begins'],
  openAttributesLsn: [0x10, 'u64big', 'Dump of the open attribute table'],
  attributeNamesLsn: [0x18, 'u64big', 'Dump of the attribute names'],
  dirtyPagesLsn: [0x20, 'u64big', 'Dump of the dirty page table'],
  transactionsLsn: [0x28, 'u64big', 'Dump of the transaction table'],
} as const;
/** Data of a checkpoint record. */
export const LOG_CHECKPOINT: Structure<typeof LOG_CHECKPOINT_FIELDS> = structure(
  'log-checkpoint',
  SOURCE,
  LOG_CHECKPOINT_FIELDS,
);

/** Units in which an update tells places and sizes of blocks. */
const BLOCK_UNIT = 512;
const UPDATE = LOG_UPDATE.fields;

/** The head of a record in `$LogFile`, with its data put together from all its pages. */
export interface LogFileRecord {
  /** Log sequence number: tells where the record lies, and its order. */
  readonly lsn: bigint;
  /** The record before it of the same transaction; 0 = none. */
  readonly previousLsn: bigint;
  /** Where undo goes on; 0 = nowhere. */
  readonly undoNextLsn: bigint;
  readonly type: 'update' | 'checkpoint' | 'unknown';
  /** Offset in the transaction table; reused after a transaction is forgotten. */
  readonly transaction: number;
  /** Byte offset in `$LogFile`. */
  readonly offset: number;
  /** What the client (NTFS) logged. */
  readonly data: Bytes;
}

/** The data of an update record: {@link LOG_UPDATE}. Logs hold hundreds of thousands, so it is read in place. */
export class LogUpdate {
  /** Operation codes; see `logOperationName`. */
  readonly redo: number;
  /** Operation code of undo. */
  readonly undo: number;
  /** How many bytes redo and undo write at the target. */
  readonly redoLength: number;
  /** How many bytes undo writes at the target. */
  readonly undoLength: number;
  /** Offset in the open attribute table. */
  readonly targetAttribute: number;
  /** Byte offset of the change in the target block: of the attribute or index entry, and in it. */
  readonly recordOffset: number;
  /** Byte offset of the change in that attribute or entry. */
  readonly attributeOffset: number;
  /** Where the target block begins in its cluster, bytes. */
  readonly blockOffset: number;
  /** Bytes of the target block: a file record or index block; 0 for other data. */
  readonly blockSize: number;
  /** First cluster of the target in its attribute. */
  readonly vcn: number;
  /** Clusters on the volume, from `vcn` on. */
  readonly lcns: readonly number[];
  /** Where redo and undo data begin in the record's data. */
  readonly redoOffset: number;
  /** Where the undo data begin in the data of the record. */
  readonly undoOffset: number;
  readonly #data: Bytes;

  /** @param data - of the record; at least 0x20 bytes and its LCNs */
  constructor(data: Bytes, view: DataView<ArrayBuffer>, lcns: readonly number[]) {
    this.#data = data;
    this.redo = view.getUint16(UPDATE.redo.offset, true);
    this.undo = view.getUint16(UPDATE.undo.offset, true);
    this.redoOffset = view.getUint16(UPDATE.redoOffset.offset, true);
    this.redoLength = view.getUint16(UPDATE.redoLength.offset, true);
    this.undoOffset = view.getUint16(UPDATE.undoOffset.offset, true);
    this.undoLength = view.getUint16(UPDATE.undoLength.offset, true);
    this.targetAttribute = view.getUint16(UPDATE.targetAttribute.offset, true);
    this.recordOffset = view.getUint16(UPDATE.recordOffset.offset, true);
    this.attributeOffset = view.getUint16(UPDATE.attributeOffset.offset, true);
    this.blockOffset = view.getUint16(UPDATE.blockOffset.offset, true) * BLOCK_UNIT;
    this.blockSize = view.getUint16(UPDATE.blockSize.offset, true) * BLOCK_UNIT;
    this.vcn = numberAt(view, UPDATE.vcn.offset);
    this.lcns = lcns;
  }

  /**
   * What redo writes; empty where the record carries a length only (ZeroEndOfFileRecord, flags 2 and 4 of the record's
   * head).
   */
  get redoData(): Bytes {
    return this.#part(this.redoOffset, this.redoLength);
  }

  /** What undo writes; as {@link redoData}. */
  get undoData(): Bytes {
    return this.#part(this.undoOffset, this.undoLength);
  }

  #part(offset: number, length: number): Bytes {
    return offset < LOG_UPDATE.size || offset + length > this.#data.length
      ? this.#data.subarray(0, 0)
      : this.#data.subarray(offset, offset + length);
  }
}

/** The data of a checkpoint record ("client restart area"): where NTFS wrote down its tables. 0 = an empty table. */
export interface LogCheckpoint {
  /** 0: tables of NT 4 to 2000 with 32-bit pointers; 1: later ones. */
  readonly majorVersion: number;
  /** Where the analysis of the log begins. */
  readonly startLsn: bigint;
  /** The dump of the open attribute table; 0 = none. */
  readonly openAttributesLsn: bigint;
  /** The dump of the attribute names; 0 = none. */
  readonly attributeNamesLsn: bigint;
  /** The dump of the dirty page table; 0 = none. */
  readonly dirtyPagesLsn: bigint;
  /** The dump of the transaction table; 0 = none. */
  readonly transactionsLsn: bigint;
}

/**
 * Parses the data of an update record.
 * @returns `undefined` when the LCNs do not fit the data, or a cluster number cannot be
 */
export function parseLogUpdate(data: Bytes): LogUpdate | undefined {
  if (data.length < LOG_UPDATE.size) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const count = view.getUint16(UPDATE.lcnCount.offset, true);
  if (LOG_UPDATE.size + count * 8 > data.length || !Number.isSafeInteger(numberAt(view, UPDATE.vcn.offset)))
    return undefined;
  const lcns: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const lcn = numberAt(view, LOG_UPDATE.size + i * 8);
    if (!Number.isSafeInteger(lcn)) return undefined;
    lcns.push(lcn);
  }
  return new LogUpdate(data, view, lcns);
}

function numberAt(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 0x1_0000_0000 + view.getUint32(offset, true);
}

/**
 * Parses the data of a checkpoint record.
 * @returns `undefined` when it is too short
 */
export function parseLogCheckpoint(data: Bytes): LogCheckpoint | undefined {
  if (data.length < 0x40) return undefined;
  const { minorVersion: _, ...checkpoint } = LOG_CHECKPOINT.read(data);
  return checkpoint;
}
