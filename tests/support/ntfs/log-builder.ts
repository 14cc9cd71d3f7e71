import { join } from './sample-data.js';

const PAGE = 4096;
const DATA = 0x40;
/** 67 - bits needed for the file size: a log of 2^18 bytes has 49. */
const SEQUENCE_BITS = 48;

/** A record to write. */
export interface BuiltRecord {
  type?: 1 | 2;
  transaction?: number;
  flags?: number;
  data: Uint8Array;
}

/** The data of an update record. */
export function update(fields: {
  redo: number;
  undo?: number;
  redoData?: Uint8Array;
  undoData?: Uint8Array;
  attribute?: number;
  recordOffset?: number;
  attributeOffset?: number;
  blockOffset?: number;
  blockSize?: number;
  vcn?: number;
  lcns?: number[];
}): Uint8Array {
  const lcns = fields.lcns ?? [];
  const redoData = fields.redoData ?? new Uint8Array(0);
  const undoData = fields.undoData ?? new Uint8Array(0);
  const head = new DataView(new ArrayBuffer(0x20 + lcns.length * 8));
  const redoAt = head.byteLength;
  const undoAt = redoAt + Math.ceil(redoData.length / 8) * 8;
  const values = [
    fields.redo,
    fields.undo ?? 0,
    redoAt,
    redoData.length & 0xffff,
    undoAt,
    undoData.length,
    fields.attribute ?? 0x18,
    lcns.length,
    fields.recordOffset ?? 0,
    fields.attributeOffset ?? 0,
    (fields.blockOffset ?? 0) / 512,
    (fields.blockSize ?? 0) / 512,
  ];
  values.forEach((value, i) => head.setUint16(i * 2, value, true));
  head.setBigUint64(0x18, BigInt(fields.vcn ?? 0), true);
  lcns.forEach((lcn, i) => head.setBigUint64(0x20 + i * 8, BigInt(lcn), true));
  return join(new Uint8Array(head.buffer), redoData, new Uint8Array(undoAt - redoAt - redoData.length), undoData);
}

/** The data of a checkpoint record, version 1. */
export function checkpoint(lsns: { start: bigint; attributes?: bigint; names?: bigint; pages?: bigint }): Uint8Array {
  const view = new DataView(new ArrayBuffer(0x70));
  view.setUint32(0, 1, true);
  [lsns.start, lsns.attributes ?? 0n, lsns.names ?? 0n, lsns.pages ?? 0n].forEach((lsn, i) =>
    view.setBigUint64(8 + i * 8, lsn, true),
  );
  return new Uint8Array(view.buffer);
}

/** A table's dump: entries in use, each of the same length, whose first four bytes are set here. */
export function table(entries: Uint8Array[]): Uint8Array {
  const size = entries[0]?.length ?? 0x28;
  const head = new DataView(new ArrayBuffer(0x18));
  head.setUint16(0, size, true);
  head.setUint16(2, entries.length, true);
  head.setUint16(4, entries.length, true);
  for (const entry of entries) entry.fill(0xff, 0, 4);
  return join(new Uint8Array(head.buffer), ...entries);
}

/** Writes a `$LogFile` of `pages` pages as the documents describe it (reference: dfir_ntfs, ntfs3). */
export class LogBuilder {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #major: number;
  readonly #first: number;
  readonly #pages: number;
  #page: number;
  #at = DATA;
  #round = 2n;
  readonly #sequenceBits: number;

  /** @param sequenceBits - of an LSN; the others are the place of its record */
  constructor(major: 1 | 2, pages: number, sequenceBits: number = SEQUENCE_BITS) {
    this.#sequenceBits = sequenceBits;
    this.bytes = new Uint8Array(pages * PAGE).fill(0xff);
    this.#view = new DataView(this.bytes.buffer);
    this.#major = major;
    this.#first = major === 1 ? 4 : 34;
    this.#pages = pages;
    this.#page = this.#first;
    this.#startPage();
  }

  /** The LSN that the next record gets. */
  get nextLsn(): bigint {
    if (this.#at + 0x30 > PAGE) this.#turn();
    return this.#lsn();
  }

  add(record: BuiltRecord): bigint {
    const lsn = this.nextLsn;
    const offset = this.#page * PAGE + this.#at;
    this.#view.setBigUint64(offset, lsn, true);
    this.bytes.fill(0, offset + 8, offset + 0x30);
    this.#view.setUint32(offset + 0x18, record.data.length, true);
    this.#view.setUint32(offset + 0x20, record.type ?? 1, true);
    this.#view.setUint32(offset + 0x24, record.transaction ?? 0x18, true);
    this.#view.setUint16(offset + 0x28, record.flags ?? 0, true);
    this.#at += 0x30;
    this.#view.setBigUint64(this.#page * PAGE + 8, lsn, true);
    for (let done = 0; done < record.data.length; ) {
      if (this.#at === PAGE) {
        this.#turn();
        this.#view.setBigUint64(this.#page * PAGE + 8, lsn, true);
      }
      const part = Math.min(record.data.length - done, PAGE - this.#at);
      this.bytes.set(record.data.subarray(done, done + part), this.#page * PAGE + this.#at);
      done += part;
      this.#at += Math.ceil(part / 8) * 8;
    }
    this.#view.setBigUint64(this.#page * PAGE + 0x20, lsn, true);
    return lsn;
  }

  /** Stamps all pages and writes the restart pages. */
  finish(area: { current: bigint; oldest: bigint; checkpoint: bigint; clean?: boolean }): Uint8Array<ArrayBuffer> {
    for (let page = 2; page < this.#pages; page += 1)
      if (this.#view.getUint32(page * PAGE, true) !== 0xffff_ffff) this.stamp(page, 0x28);
    for (const page of [0, 1]) {
      const at = page * PAGE;
      this.bytes.fill(0, at, at + PAGE);
      this.bytes.set(new TextEncoder().encode('RSTR'), at);
      this.#view.setUint16(at + 4, 0x1e, true);
      this.#view.setUint16(at + 6, 9, true);
      this.#view.setUint32(at + 0x10, PAGE, true);
      this.#view.setUint32(at + 0x14, PAGE, true);
      this.#view.setUint16(at + 0x18, 0x30, true);
      this.#view.setUint16(at + 0x1a, this.#major === 1 ? 1 : 0, true);
      this.#view.setUint16(at + 0x1c, this.#major, true);
      const restart = at + 0x30;
      this.#view.setBigUint64(restart, area.current, true);
      this.#view.setUint16(restart + 8, 1, true);
      this.#view.setUint16(restart + 0x0a, 0xffff, true);
      this.#view.setUint16(restart + 0x0e, area.clean === true ? 2 : 0, true);
      this.#view.setUint32(restart + 0x10, this.#sequenceBits, true);
      this.#view.setUint16(restart + 0x16, 0x40, true);
      this.#view.setUint16(restart + 0x24, 0x30, true);
      this.#view.setUint16(restart + 0x26, DATA, true);
      this.#view.setBigUint64(restart + 0x40, area.oldest, true);
      this.#view.setBigUint64(restart + 0x48, area.checkpoint, true);
      this.stamp(page, 0x1e);
    }
    return this.bytes;
  }

  /** Puts fixups on a page that has none yet. */
  stamp(page: number, array: number): void {
    const at = page * PAGE;
    this.#view.setUint16(at + 4, array, true);
    this.#view.setUint16(at + 6, 9, true);
    this.#view.setUint16(at + array, 0x1234, true);
    for (let i = 1; i <= 8; i += 1) {
      const tail = at + i * 512 - 2;
      this.#view.setUint16(at + array + i * 2, this.#view.getUint16(tail, true), true);
      this.#view.setUint16(tail, 0x1234, true);
    }
  }

  #lsn(): bigint {
    return (this.#round << BigInt(64 - this.#sequenceBits)) | BigInt((this.#page * PAGE + this.#at) / 8);
  }

  #turn(): void {
    this.#page += 1;
    if (this.#page === this.#pages) {
      this.#page = this.#first;
      this.#round += 1n;
    }
    this.#startPage();
  }

  #startPage(): void {
    const at = this.#page * PAGE;
    this.bytes.fill(0, at, at + PAGE);
    this.bytes.set(new TextEncoder().encode('RCRD'), at);
    this.#at = DATA;
  }
}
