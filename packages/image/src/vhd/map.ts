import { andThen, type ByteSource, type Bytes, type MaybePromise, type ReadOptions, SECTOR } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { BlockMap, BlockRun, TableEntry } from '../mapped/block-map.js';
import { RunBuilder } from '../mapped/run-builder.js';
import { bitRuns, SectorBitmaps } from '../mapped/sector-bitmap.js';
import { type TablePage, TablePages } from '../mapped/table-pages.js';
import type { VhdDynamicHeader } from './header.js';

/** Block allocation table entry of a block that is not in the file. */
const UNUSED = 0xffff_ffff;

/**
 * Block allocation table of dynamic and differencing VHDs ("Block Allocation Table and Data Blocks"): one big-endian
 * sector number a block, where the block's sector bitmap lies, its data behind it. In differencing disks a clear bit
 * (first sector = highest bit) sends the reader to the parent; in dynamic disks the bitmap adds nothing, because blocks
 * are zeroed when they are allocated.
 */
export class VhdMap implements BlockMap {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #layer: string;
  readonly #table: TablePages;
  readonly #tableOffset: number;
  readonly #blockSize: number;
  readonly #bitmapBytes: number;
  readonly #bitmaps: SectorBitmaps | undefined;

  constructor(source: ByteSource, layer: string, size: number, header: VhdDynamicHeader, differencing: boolean) {
    this.size = size;
    this.#source = source;
    this.#layer = layer;
    this.#blockSize = header.blockSize;
    this.#tableOffset = header.tableOffset;
    this.#table = new TablePages(source, header.tableOffset, Math.ceil(size / header.blockSize) * 4);
    this.#bitmapBytes = Math.ceil(header.blockSize / SECTOR / 8 / SECTOR) * SECTOR;
    this.#bitmaps = differencing ? new SectorBitmaps(source, this.#bitmapBytes) : undefined;
  }

  locate(from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const page = this.#table.page(Math.floor(from / this.#blockSize) * 4, options);
    return andThen(page, (value) => this.#runs(value, from, to, options));
  }

  tableEntries(at: number): readonly TableEntry[] {
    const offset = this.#tableOffset + Math.floor(at / this.#blockSize) * 4;
    const span = this.#blockSize;
    return [{ kind: 'block-table', source: this.#source, offset, length: 4, byteOrder: 'big', span }];
  }

  #runs(page: TablePage, from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const runs = new RunBuilder();
    for (let at = from; at < to; ) {
      const block = Math.floor(at / this.#blockSize);
      if (block * 4 >= page.end) break;
      const skip = at - block * this.#blockSize;
      const length = Math.min(this.#blockSize - skip, to - at);
      const entry = page.view.getUint32(block * 4 - page.start, false);
      if (entry === UNUSED) runs.absent(this.#bitmaps === undefined ? 'zero' : 'parent', length);
      else {
        const bitmapOffset = this.#checked(entry, block);
        if (this.#bitmaps === undefined) {
          runs.data(this.#source, bitmapOffset + this.#bitmapBytes + skip, length);
        } else {
          const bitmap = this.#bitmaps.at(bitmapOffset, options);
          // What is known already is answered first; the caller comes back for the rest.
          if (bitmap instanceof Promise) {
            if (runs.empty) return bitmap.then(() => this.locate(from, to, options));
            // Whoever asks for it next sees its error.
            bitmap.catch(() => undefined);
            break;
          }
          this.#addSectors(runs, bitmap, bitmapOffset, skip, length);
        }
      }
      at += length;
    }
    return runs.finish();
  }

  /** Appends `[skip, skip + length)` of one differencing block. */
  #addSectors(runs: RunBuilder, bitmap: Bytes, bitmapOffset: number, skip: number, length: number): void {
    const end = skip + length;
    let at = skip;
    bitRuns(bitmap, 'msb-first', Math.floor(skip / SECTOR), Math.ceil(end / SECTOR), (own, sectors) => {
      const next = Math.min((Math.floor(at / SECTOR) + sectors) * SECTOR, end);
      if (own) runs.data(this.#source, bitmapOffset + this.#bitmapBytes + at, next - at);
      else runs.absent('parent', next - at);
      at = next;
    });
  }

  /** Byte offset of the block at `entry`, which must lie behind the table. */
  #checked(entry: number, block: number): number {
    const offset = entry * SECTOR;
    const overlapsTable =
      offset < this.#tableOffset + this.#table.length &&
      offset + this.#bitmapBytes + this.#blockSize > this.#tableOffset;
    if (offset >= SECTOR && !overlapsTable && offset + this.#bitmapBytes <= this.#source.size) return offset;
    const why =
      overlapsTable || offset < SECTOR
        ? 'on top of the headers'
        : `behind the end of the file (${this.#source.size} bytes)`;
    throw imageError(
      why.startsWith('behind') ? 'IMAGE_TRUNCATED' : 'IMAGE_DAMAGED',
      `${this.#layer}: the block allocation table puts block ${block} at byte ${offset}, ${why}`,
      { layer: this.#layer, offset: this.#tableOffset + block * 4 },
      { block, blockOffset: offset },
    );
  }
}
