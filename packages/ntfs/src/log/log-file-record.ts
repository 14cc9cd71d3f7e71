import { type Bytes, Cursor } from '@deadbox/core';

/** Bytes of a log record's own head; restart areas can ask for more. */
export const LOG_RECORD_HEAD = 0x30;

/** The head of a record in `$LogFile`, with its data put together from all its pages. */
export interface LogFileRecord {
  /** Log sequence number: tells where the record lies, and its order. */
  readonly lsn: bigint;
  /** The record before it of the same transaction; 0 = none. */
  readonly previousLsn: bigint;
  /** Where undo goes on; 0 = nowhere. */
  readonly undoNextLsn: bigint;
  /** Kind of record. */
  readonly type: 'update' | 'checkpoint' | 'unknown';
  /** Offset in the transaction table; reused after a transaction is forgotten. */
  readonly transaction: number;
  /** Byte offset in `$LogFile`. */
  readonly offset: number;
  /** What the client (NTFS) logged. */
  readonly data: Bytes;
}

/**
 * The data of an update record (dfir_ntfs NTFSLogRecord; ntfs3 LOG_REC_HDR).
 *
 * | off | size | meaning |
 * |---|---|---|
 * | 0x00 / 0x02 | u16 | redo / undo operation |
 * | 0x04 / 0x06 | u16 | redo offset / length, in this data |
 * | 0x08 / 0x0A | u16 | undo offset / length |
 * | 0x0C | u16 | target attribute |
 * | 0x0E | u16 | LCNs that follow |
 * | 0x10 / 0x12 | u16 | record offset / attribute offset |
 * | 0x14 / 0x16 | u16 | cluster block offset / target block size, in 512 bytes |
 * | 0x18 | u64 | target VCN |
 * | 0x20 | u64… | LCNs |
 */
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
    this.redo = view.getUint16(0x00, true);
    this.undo = view.getUint16(0x02, true);
    this.redoOffset = view.getUint16(0x04, true);
    this.redoLength = view.getUint16(0x06, true);
    this.undoOffset = view.getUint16(0x08, true);
    this.undoLength = view.getUint16(0x0a, true);
    this.targetAttribute = view.getUint16(0x0c, true);
    this.recordOffset = view.getUint16(0x10, true);
    this.attributeOffset = view.getUint16(0x12, true);
    this.blockOffset = view.getUint16(0x14, true) * 512;
    this.blockSize = view.getUint16(0x16, true) * 512;
    this.vcn = numberAt(view, 0x18);
    this.lcns = lcns;
  }

  /** What redo writes; empty where the record carries a length only (ZeroEndOfFileRecord, flags 2 and 4 of the record's head). */
  get redoData(): Bytes {
    return this.#part(this.redoOffset, this.redoLength);
  }

  /** What undo writes; as {@link redoData}. */
  get undoData(): Bytes {
    return this.#part(this.undoOffset, this.undoLength);
  }

  #part(offset: number, length: number): Bytes {
    return offset < 0x20 || offset + length > this.#data.length
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

const LAYER = '$LogFile';

/**
 * Parses the data of an update record.
 * @returns `undefined` when the LCNs do not fit the data, or a cluster number cannot be
 */
export function parseLogUpdate(data: Bytes): LogUpdate | undefined {
  if (data.length < 0x20) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const count = view.getUint16(0x0e, true);
  if (0x20 + count * 8 > data.length || !Number.isSafeInteger(numberAt(view, 0x18))) return undefined;
  const lcns: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const lcn = numberAt(view, 0x20 + i * 8);
    if (!Number.isSafeInteger(lcn)) return undefined;
    lcns.push(lcn);
  }
  return new LogUpdate(data, view, lcns);
}

function numberAt(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 0x1_0000_0000 + view.getUint32(offset, true);
}

/**
 * Parses the data of a checkpoint record: 0x00 u32 major, 0x04 u32 minor version, then u64 LSNs: 0x08 start of the checkpoint,
 * 0x10 open attribute table, 0x18 attribute names, 0x20 dirty page table, 0x28 transaction table.
 * @returns `undefined` when it is too short
 */
export function parseLogCheckpoint(data: Bytes): LogCheckpoint | undefined {
  if (data.length < 0x40) return undefined;
  const cursor = new Cursor(data, LAYER);
  return {
    majorVersion: cursor.u32(0x00),
    startLsn: cursor.u64(0x08),
    openAttributesLsn: cursor.u64(0x10),
    attributeNamesLsn: cursor.u64(0x18),
    dirtyPagesLsn: cursor.u64(0x20),
    transactionsLsn: cursor.u64(0x28),
  };
}
