import { type ByteSource, type Bytes, keepNewest, type MaybePromise, type ReadOptions } from '@deadbox/core';
import { MAX_TABLE_PAGES, TABLE_PAGE_BYTES } from '../limits.js';

/** One page of a table on disk. */
export interface TablePage {
  /** The page's bytes. */
  readonly view: DataView<ArrayBuffer>;
  /** Byte offset of the page in the table. */
  readonly start: number;
  /** Byte offset behind the page in the table. */
  readonly end: number;
}

/**
 * A table on disk (block allocation table, grain table…) that is read page by page, the least recently used pages
 * forgotten.
 */
export class TablePages {
  /** Length of the table in bytes. */
  readonly length: number;
  readonly #source: ByteSource;
  readonly #offset: number;
  readonly #pageBytes: number;
  readonly #pages = new Map<number, TablePage>();
  readonly #pending = new Map<number, Promise<TablePage>>();
  /** The page of the last answer: neighbouring lookups are the rule. */
  #last: TablePage | undefined;

  /**
   * @param offset - byte offset of the table in `source`
   * @param length - bytes of the table; the caller has checked that it lies inside `source`
   * @param pageBytes - bytes of a page, a multiple of the entry size
   */
  constructor(source: ByteSource, offset: number, length: number, pageBytes: number = TABLE_PAGE_BYTES) {
    this.#source = source;
    this.#offset = offset;
    this.length = length;
    this.#pageBytes = pageBytes;
  }

  /** The page that holds byte `at` of the table, `0 <= at < length`. */
  page(at: number, options?: ReadOptions): MaybePromise<TablePage> {
    const last = this.#last;
    if (last !== undefined && at >= last.start && at < last.end) return last;
    const index = Math.floor(at / this.#pageBytes);
    const known = this.#pages.get(index);
    if (known !== undefined) return this.#keep(index, known);
    return this.#pending.get(index) ?? this.#load(index, options);
  }

  #load(index: number, options?: ReadOptions): MaybePromise<TablePage> {
    const start = index * this.#pageBytes;
    const end = Math.min(start + this.#pageBytes, this.length);
    const bytes = this.#source.read(this.#offset + start, end - start, options);
    const keep = (value: Bytes): TablePage =>
      this.#keep(index, { view: new DataView(value.buffer, value.byteOffset, value.length), start, end });
    if (!(bytes instanceof Promise)) return keep(bytes);
    const pending = bytes.then(keep).finally(() => this.#pending.delete(index));
    this.#pending.set(index, pending);
    return pending;
  }

  /** The page, now the one that was used last. */
  #keep(index: number, page: TablePage): TablePage {
    this.#last = page;
    return keepNewest(this.#pages, index, page, MAX_TABLE_PAGES);
  }
}
