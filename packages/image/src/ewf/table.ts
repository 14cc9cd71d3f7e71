import { type Bytes, Cursor, type Structure, structure } from '@deadbox/core';
import { adler32 } from '../compression/adler32.js';
import { MAX_EWF_TABLE_ENTRIES } from '../limits.js';
import { EWF_DESCRIPTOR_BYTES, type EwfSection } from './section.js';

/** Header of a table section's data, little-endian; entries of four bytes follow. */
const EWF_TABLE_FIELDS = {
  count: [0, 'u32', 'Entries of the table'],
  base: [8, 'u64', 'What the entries count from: byte offset in the segment file'],
  checksum: [20, 'u32', 'Adler-32 of the bytes before it'],
} as const;
/** See {@link EWF_TABLE_FIELDS}. */
export const EWF_TABLE: Structure<typeof EWF_TABLE_FIELDS> = structure(
  'ewf-table',
  'libyal, EWF specification, Table section',
  EWF_TABLE_FIELDS,
);
const ENTRIES_OFFSET: number = EWF_TABLE.size;
/** Bit of an entry: the chunk is a zlib stream. The other 31 are its offset behind the table's base. */
const COMPRESSED = 0x8000_0000;

/** Where the chunks of one table lie. */
export interface EwfTable {
  /** Index of the segment file. */
  readonly segment: number;
  /** Number of the first chunk. */
  readonly firstChunk: number;
  readonly count: number;
  /** Byte offset of the entries in the segment file. */
  readonly entries: number;
  /** What the entries count from. */
  readonly base: number;
  /** Byte offset behind the last chunk. */
  readonly end: number;
}

/** What the header of a table section tells. */
export interface EwfTableHeader {
  readonly count: number;
  readonly base: number;
  /** Byte offset of the entries in the segment file. */
  readonly entries: number;
}

/**
 * Parses the header of a table section.
 * @param bytes - data of the section, at least its header
 * @returns `undefined` when it is damaged: then the copy in `table2` counts
 */
export function parseEwfTableHeader(bytes: Bytes, section: EwfSection): EwfTableHeader | undefined {
  if (bytes.length < ENTRIES_OFFSET) return undefined;
  const cursor = new Cursor(bytes);
  const at = EWF_TABLE.fields;
  if (adler32(cursor.slice(0, at.checksum.offset)) !== at.checksum.read(cursor)) return undefined;
  const count = at.count.read(cursor);
  const entries = section.offset + EWF_DESCRIPTOR_BYTES + ENTRIES_OFFSET;
  if (count > MAX_EWF_TABLE_ENTRIES || entries + count * 4 > section.next) return undefined;
  return { count, base: cursor.u64Number(at.base.offset), entries };
}

/**
 * Whether the entries of a table have the checksum that stands behind them. EnCase 1 and SMART write none: then this
 * must not be asked.
 * @param bytes - data of the section with entries and checksum
 */
export function ewfEntriesFit(bytes: Bytes, count: number): boolean {
  const end = ENTRIES_OFFSET + count * 4;
  if (bytes.length < end + 4) return false;
  return adler32(bytes.subarray(ENTRIES_OFFSET, end)) === new Cursor(bytes).u32(end);
}

/** Bytes of a table section's data with `count` entries and the checksum behind them. */
export function ewfTableBytes(count: number): number {
  return ENTRIES_OFFSET + count * 4 + 4;
}

/** Where one chunk lies. */
export interface EwfChunk {
  readonly offset: number;
  /** Byte offset of what follows it. */
  readonly end: number;
  readonly compressed: boolean;
}

/** The entries of one table. */
export class EwfEntries {
  /** Bytes that they take. */
  readonly bytes: number;
  readonly #view: DataView<ArrayBuffer>;
  readonly #table: EwfTable;
  /** First chunk of the table whose offset uses all 32 bits: EnCase 6.7 wrote on beyond 2 GiB, uncompressed. */
  readonly #overflow: number;

  constructor(bytes: Bytes, table: EwfTable) {
    this.bytes = bytes.length;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#table = table;
    this.#overflow = this.#findOverflow();
  }

  /** The chunk at `index` of the table. */
  chunk(index: number): EwfChunk {
    const { base, count, end } = this.#table;
    const entry = this.#view.getUint32(index * 4, true);
    const offset = base + this.#offset(index);
    const next = index + 1 < count ? base + this.#offset(index + 1) : end;
    return { offset, end: next > offset ? next : end, compressed: index < this.#overflow && entry >= COMPRESSED };
  }

  #offset(index: number): number {
    const entry = this.#view.getUint32(index * 4, true);
    return index < this.#overflow || entry < COMPRESSED ? entry % COMPRESSED : entry;
  }

  #findOverflow(): number {
    let last = 0;
    for (let index = 0; index < this.#table.count; index += 1) {
      const offset = this.#view.getUint32(index * 4, true) % COMPRESSED;
      if (offset < last) return index;
      last = offset;
    }
    return this.#table.count;
  }
}
