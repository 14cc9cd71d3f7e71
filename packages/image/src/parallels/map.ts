import type { ByteSource, MaybePromise, ReadOptions } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { BlockMap, BlockRun } from '../mapped/block-map.js';
import { type AbsentKind, RunBuilder } from '../mapped/run-builder.js';
import { TablePages } from '../mapped/table-pages.js';
import { PARALLELS_HEADER_BYTES, PARALLELS_SECTOR, type ParallelsHeader } from './header.js';

/** The allocation of a Parallels image: one table behind the header. */
export class ParallelsMap implements BlockMap {
  readonly size: number;
  readonly #header: ParallelsHeader;
  readonly #source: ByteSource;
  readonly #layer: string;
  readonly #table: TablePages;
  readonly #free: AbsentKind;
  /** Bytes that one unit of a table entry stands for. */
  readonly #unit: number;

  /** @param hasParent - whether what is not stored is the parent's, not zeros */
  constructor(header: ParallelsHeader, source: ByteSource, layer: string, hasParent: boolean) {
    // A table may be shorter than the disk: what it does not describe was never written.
    const entries = Math.min(header.entries, Math.ceil(header.size / header.clusterBytes));
    const end = PARALLELS_HEADER_BYTES + entries * 4;
    if (end > source.size) {
      const what = `${layer} is truncated: its block allocation table should end at ${end}, but the file ends at ${source.size}`;
      throw imageError('IMAGE_TRUNCATED', what, { layer, offset: PARALLELS_HEADER_BYTES }, { size: source.size });
    }
    this.size = header.size;
    this.#header = header;
    this.#source = source;
    this.#layer = layer;
    this.#free = hasParent ? 'parent' : 'zero';
    this.#table = new TablePages(source, PARALLELS_HEADER_BYTES, header.empty ? 0 : entries * 4);
    this.#unit = header.extended ? header.clusterBytes : PARALLELS_SECTOR;
  }

  locate(from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const { clusterBytes } = this.#header;
    const runs = new RunBuilder();
    for (let at = from; at < to; ) {
      const place = Math.floor(at / clusterBytes) * 4;
      if (place >= this.#table.length) {
        runs.absent(this.#free, to - at);
        break;
      }
      const page = this.#table.page(place, options);
      if (page instanceof Promise) {
        if (runs.empty) return page.then(() => this.locate(from, to, options));
        page.catch(() => undefined);
        break;
      }
      const skip = at % clusterBytes;
      const length = Math.min(clusterBytes - skip, to - at);
      const entry = page.view.getUint32(place - page.start, true);
      if (entry === 0) runs.absent(this.#free, length);
      else runs.data(this.#source, this.#checked(entry * this.#unit, place) + skip, length);
      at += length;
    }
    return runs.finish();
  }

  #checked(offset: number, place: number): number {
    if (offset >= PARALLELS_HEADER_BYTES && offset < this.#source.size) return offset;
    const what = `${this.#layer} is truncated or damaged: a block should lie at ${offset}, but the file ends at ${this.#source.size}`;
    throw imageError(
      'IMAGE_TRUNCATED',
      what,
      { layer: this.#layer, offset: PARALLELS_HEADER_BYTES + place },
      { size: this.#source.size },
    );
  }
}
