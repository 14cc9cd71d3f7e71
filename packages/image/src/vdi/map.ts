import { andThen, type ByteSource, type MaybePromise, type ReadOptions } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { BlockMap, BlockRun, TableEntry } from '../mapped/block-map.js';
import { type AbsentKind, RunBuilder } from '../mapped/run-builder.js';
import { type TablePage, TablePages } from '../mapped/table-pages.js';
import type { VdiHeader } from './header.js';

/** Map entry of a block that was never written: the parent's, or zeros. */
const FREE = 0xffff_ffff;
/** Map entry of a block that was discarded: zeros, also above a parent. */
const ZERO = 0xffff_fffe;

/** The block map of a VDI: one little-endian block number in the data area for each block of the disk. */
export class VdiMap implements BlockMap {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #layer: string;
  readonly #header: VdiHeader;
  readonly #table: TablePages;
  readonly #free: AbsentKind;

  constructor(source: ByteSource, layer: string, header: VdiHeader, hasParent: boolean) {
    this.size = header.size;
    this.#source = source;
    this.#layer = layer;
    this.#header = header;
    this.#table = new TablePages(source, header.mapOffset, header.blocks * 4);
    this.#free = hasParent ? 'parent' : 'zero';
  }

  locate(from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const page = this.#table.page(Math.floor(from / this.#header.blockSize) * 4, options);
    return andThen(page, (value) => this.#runs(value, from, to));
  }

  tableEntries(at: number): readonly TableEntry[] {
    const { mapOffset, blockSize: span } = this.#header;
    const offset = mapOffset + Math.floor(at / span) * 4;
    return [{ kind: 'block-table', source: this.#source, offset, length: 4, byteOrder: 'little', span }];
  }

  #runs(page: TablePage, from: number, to: number): readonly BlockRun[] {
    const { blockSize, blockExtra, dataOffset } = this.#header;
    const runs = new RunBuilder();
    for (let at = from; at < to; ) {
      const block = Math.floor(at / blockSize);
      if (block * 4 >= page.end) break;
      const skip = at - block * blockSize;
      const length = Math.min(blockSize - skip, to - at);
      const entry = page.view.getUint32(block * 4 - page.start, true);
      if (entry === FREE) runs.absent(this.#free, length);
      else if (entry === ZERO) runs.absent('zero', length);
      else {
        const start = dataOffset + entry * (blockSize + blockExtra) + blockExtra;
        if (start >= this.#source.size) this.#refuse(block, start);
        runs.data(this.#source, start + skip, length);
      }
      at += length;
    }
    return runs.finish();
  }

  #refuse(block: number, offset: number): never {
    throw imageError(
      'IMAGE_TRUNCATED',
      `${this.#layer}: the block map puts block ${block} at byte ${offset}, behind the end of the file (${this.#source.size} bytes)`,
      { layer: this.#layer, offset: this.#header.mapOffset + block * 4 },
      { block, blockOffset: offset },
    );
  }
}
