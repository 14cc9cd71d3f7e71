import type { ByteSource, MaybePromise, ReadOptions } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { BlockMap, BlockRun, TableEntry } from './block-map.js';
import { RunBuilder } from './run-builder.js';
import { type TablePage, TablePages } from './table-pages.js';

/** What a table entry can say in place of an offset: numbers, since the walk asks for every block. */
export const Entry = {
  /** Not stored: the parent's bytes, or zeros without one. */
  absent: -1,
  /** Zeros, whatever the parent has. */
  zeros: -2,
  /** It means nothing. */
  invalid: -3,
} as const;

/** A part of one block, with the table entry that says where the block lies. One object serves a whole walk. */
export interface BlockPart {
  /** The page of the table, and where the entry stands in it. */
  view: DataView;
  at: number;
  /** Byte offset of the entry in the file. */
  place: number;
  /** Virtual offset of the block. */
  block: number;
  /** The part: bytes `[skip, skip + length)` of the block. */
  skip: number;
  length: number;
}

/**
 * Geometry of a disk that a directory and tables describe (VMDK grain tables, QCOW L1 and L2); all numbers in bytes but
 * `tableEntries`.
 */
export interface TwoLevelGeometry {
  readonly source: ByteSource;
  /** Name of the file for errors. */
  readonly layer: string;
  readonly size: number;
  /** What one table entry describes. */
  readonly blockBytes: number;
  readonly tableEntries: number;
  /** Length of a table entry: divides 512, as do table offsets. */
  readonly entryBytes: 4 | 8 | 16;
  /** Offset of the directory in the file. */
  readonly directory: number;
  readonly directoryEntryBytes: 4 | 8;
  /** Of the entries. */
  readonly byteOrder: 'little' | 'big';
  /** What the format calls its directory, for errors. */
  readonly directoryName: string;
}

/** The allocation of a disk with two levels of tables: the walk; subclasses know what entries mean. */
export abstract class TwoLevelMap implements BlockMap {
  readonly size: number;
  protected readonly geometry: TwoLevelGeometry;
  readonly #directory: TablePages;
  readonly #tables: TablePages;
  /** Which directory entry each table that was used belongs to. */
  readonly #owners = new Map<number, number>();

  /** @throws ImageError `IMAGE_TRUNCATED` when the directory does not lie inside the file */
  constructor(geometry: TwoLevelGeometry) {
    const { source, layer, directory, directoryName } = geometry;
    const length = directoryLength(geometry);
    if (!(directory >= 0 && directory + length <= source.size)) {
      throw imageError(
        'IMAGE_TRUNCATED',
        `${layer} is truncated or damaged: its ${directoryName} of ${length} bytes should lie at ${directory}, but the file ends at ${source.size}`,
        { layer, offset: Math.min(directory, Number.MAX_SAFE_INTEGER) },
        { length, size: source.size },
      );
    }
    this.size = geometry.size;
    this.geometry = geometry;
    this.#directory = new TablePages(source, directory, length);
    // Tables lie anywhere in the file: to the page cache the whole file is one table.
    this.#tables = new TablePages(source, 0, source.size);
  }

  locate(from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const { blockBytes, tableEntries } = this.geometry;
    const tableSpan = blockBytes * tableEntries;
    const runs = new RunBuilder();
    for (let at = from; at < to; ) {
      const index = Math.floor(at / tableSpan);
      const next = this.#locateInTable(runs, index, at, Math.min((index + 1) * tableSpan, to), options);
      if (next instanceof Promise) {
        if (runs.empty) return next.then(() => this.locate(from, to, options));
        // What is known is answered; the page goes on loading, and whoever asks for it next sees its error.
        next.catch(() => undefined);
        break;
      }
      at = next;
    }
    return runs.finish();
  }

  async tableEntries(at: number, options?: ReadOptions): Promise<readonly TableEntry[]> {
    const { source, blockBytes: span, tableEntries, directoryEntryBytes, entryBytes, byteOrder } = this.geometry;
    const block = Math.floor(at / span);
    const index = Math.floor(block / tableEntries);
    const where = index * directoryEntryBytes;
    const offset = this.geometry.directory + where;
    const shared = { source, byteOrder };
    const first: TableEntry = {
      ...shared,
      kind: 'directory',
      offset,
      length: directoryEntryBytes,
      span: span * tableEntries,
    };
    const page = await this.#directory.page(where, options);
    const table = this.tableAt(page.view, where - page.start);
    if (table <= 0) return [first];
    const inTable = (block - index * tableEntries) * entryBytes;
    return [first, { ...shared, kind: 'table', offset: table + inTable, length: entryBytes, span }];
  }

  /**
   * Offset of the table that the directory entry at `at` names; 0 when there is none, {@link Entry}.invalid when it
   * means nothing.
   */
  protected abstract tableAt(view: DataView, at: number): number;

  /** Adds a part of a block. */
  protected abstract addBlock(runs: RunBuilder, part: BlockPart): void;

  /** The first page of the directory. */
  protected directoryHead(options?: ReadOptions): MaybePromise<TablePage> {
    return this.#directory.page(0, options);
  }

  /** Adds the runs of `[at, end)`, which one table describes; returns how far the page of the table reached. */
  #locateInTable(
    runs: RunBuilder,
    index: number,
    at: number,
    end: number,
    options?: ReadOptions,
  ): MaybePromise<number> {
    const { blockBytes, directoryEntryBytes, entryBytes, tableEntries } = this.geometry;
    const directory = this.#directory.page(index * directoryEntryBytes, options);
    if (directory instanceof Promise) return directory.then(() => at);
    const table = this.tableAt(directory.view, index * directoryEntryBytes - directory.start);
    if (table === 0) {
      runs.absent('parent', end - at);
      return end;
    }
    const place = table + (Math.floor(at / blockBytes) - index * tableEntries) * entryBytes;
    if (table === Entry.invalid || !(place + entryBytes <= this.geometry.source.size))
      throw this.#badEntry(index, table);
    const owner = this.#owners.get(table);
    if (owner === undefined) this.#owners.set(table, index);
    // One small table under every entry of a large directory would stand for as much as one likes.
    else if (owner !== index) throw this.#sharedTable(index, owner);
    const page = this.#tables.page(place, options);
    if (page instanceof Promise) return page.then(() => at);
    return this.#addBlocks(runs, page, place, at, end);
  }

  #addBlocks(runs: RunBuilder, page: TablePage, first: number, at: number, end: number): number {
    const { blockBytes, entryBytes } = this.geometry;
    const part: BlockPart = { view: page.view, at: 0, place: first, block: 0, skip: 0, length: 0 };
    for (; at < end && part.place + entryBytes <= page.end; part.place += entryBytes) {
      part.at = part.place - page.start;
      part.skip = at % blockBytes;
      part.block = at - part.skip;
      part.length = Math.min(blockBytes - part.skip, end - at);
      this.addBlock(runs, part);
      at += part.length;
    }
    return at;
  }

  #sharedTable(index: number, owner: number): Error {
    const { directory, directoryEntryBytes, directoryName, layer } = this.geometry;
    const what = `${layer}: entries ${owner} and ${index} of the ${directoryName} name the same table`;
    return imageError(
      'IMAGE_DAMAGED',
      what,
      { layer, offset: directory + index * directoryEntryBytes },
      { index, owner },
    );
  }

  #badEntry(index: number, table: number): Error {
    const { directory, directoryEntryBytes, directoryName, layer, source } = this.geometry;
    const at = { layer, offset: directory + index * directoryEntryBytes };
    if (table === Entry.invalid)
      return imageError('IMAGE_DAMAGED', `${layer}: entry ${index} of the ${directoryName} is invalid`, at, { index });
    const what = `${layer} is truncated or damaged: entry ${index} of the ${directoryName} points to ${table}, but the file ends at ${source.size}`;
    return imageError('IMAGE_TRUNCATED', what, at, { index, size: source.size });
  }
}

/** Bytes of the directory that the disk needs. */
export function directoryLength(
  geometry: Pick<TwoLevelGeometry, 'size' | 'blockBytes' | 'tableEntries' | 'directoryEntryBytes'>,
): number {
  return Math.ceil(geometry.size / (geometry.blockBytes * geometry.tableEntries)) * geometry.directoryEntryBytes;
}
