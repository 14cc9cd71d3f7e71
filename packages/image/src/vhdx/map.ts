import { andThen, type ByteSource, type Bytes, type MaybePromise, MIB, type ReadOptions } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { BlockMap, BlockRun, TableEntry } from '../mapped/block-map.js';
import { type AbsentKind, RunBuilder } from '../mapped/run-builder.js';
import { bitRuns, SectorBitmaps } from '../mapped/sector-bitmap.js';
import { type TablePage, TablePages } from '../mapped/table-pages.js';
import type { VhdxMetadata } from './metadata.js';
import type { VhdxRegion } from './region-table.js';

/*
 * MS-VHDX 2.5, block allocation table: entries of 8 bytes, bits 0-2 state, bits 20-63 offset in MiB. After each chunk
 * of payload entries (2^23 sectors) stands one entry for the sector bitmap of the chunk (1 MiB, first sector = lowest
 * bit).
 */
const SECTORS_PER_CHUNK = 2 ** 23;
const ENTRY_BYTES = 8;
/** Of an entry's low half. */
const STATE_BITS = 7;

/** States of a payload block. */
const State = {
  notPresent: 0,
  undefined: 1,
  zero: 2,
  unmapped: 3,
  unmapped095: 5,
  fullyPresent: 6,
  partiallyPresent: 7,
} as const;
/** State of a sector bitmap block that lies in the file. */
const BITMAP_PRESENT = 6;

/** Where the blocks of a VHDX lie. */
export class VhdxMap implements BlockMap {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #layer: string;
  readonly #bat: VhdxRegion;
  readonly #reserved: readonly VhdxRegion[];
  readonly #table: TablePages;
  readonly #blockSize: number;
  readonly #sectorSize: number;
  readonly #hasParent: boolean;
  /** Payload blocks of one chunk. */
  readonly #chunkRatio: number;
  readonly #bitmaps: SectorBitmaps;

  /**
   * @param reserved - regions that no block may overlap (log, metadata, the table itself)
   * @throws ImageError `IMAGE_DAMAGED` when the table is too short for the disk
   */
  constructor(
    source: ByteSource,
    layer: string,
    metadata: VhdxMetadata,
    bat: VhdxRegion,
    reserved: readonly VhdxRegion[],
  ) {
    const { blockSize, virtualSize, logicalSectorSize, hasParent } = metadata;
    this.size = virtualSize;
    this.#source = source;
    this.#layer = layer;
    this.#bat = bat;
    this.#reserved = reserved;
    this.#blockSize = blockSize;
    this.#sectorSize = logicalSectorSize;
    this.#hasParent = hasParent;
    this.#chunkRatio = (SECTORS_PER_CHUNK * logicalSectorSize) / blockSize;
    const blocks = Math.ceil(virtualSize / blockSize);
    const chunks = Math.ceil(blocks / this.#chunkRatio);
    const entries = hasParent ? chunks * (this.#chunkRatio + 1) : blocks + Math.max(chunks - 1, 0);
    if (entries * ENTRY_BYTES > bat.length) {
      throw imageError(
        'IMAGE_DAMAGED',
        `The block allocation table of ${layer} has ${bat.length} bytes, but a disk of ${virtualSize} bytes in blocks of ${blockSize} needs ${entries * ENTRY_BYTES}`,
        { layer, offset: bat.offset },
        { tableBytes: bat.length, needed: entries * ENTRY_BYTES },
      );
    }
    this.#table = new TablePages(source, bat.offset, entries * ENTRY_BYTES);
    this.#bitmaps = new SectorBitmaps(source, blockSize / logicalSectorSize / 8);
  }

  locate(from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const page = this.#table.page(this.#entryOffset(Math.floor(from / this.#blockSize)), options);
    return andThen(page, (value) => this.#runs(value, from, to, options));
  }

  tableEntries(at: number): readonly TableEntry[] {
    const offset = this.#bat.offset + this.#entryOffset(Math.floor(at / this.#blockSize));
    const span = this.#blockSize;
    return [{ kind: 'block-table', source: this.#source, offset, length: ENTRY_BYTES, byteOrder: 'little', span }];
  }

  /** Byte offset in the table of the entry of payload block `block`. */
  #entryOffset(block: number): number {
    return (block + Math.floor(block / this.#chunkRatio)) * ENTRY_BYTES;
  }

  #runs(page: TablePage, from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const runs = new RunBuilder();
    for (let at = from; at < to; ) {
      const block = Math.floor(at / this.#blockSize);
      const entry = this.#entryOffset(block);
      if (entry >= page.end) break;
      const skip = at - block * this.#blockSize;
      const length = Math.min(this.#blockSize - skip, to - at);
      const state = page.view.getUint32(entry - page.start, true) & STATE_BITS;
      if (state === State.fullyPresent) {
        runs.data(this.#source, this.#checked(offsetOf(page, entry), this.#blockSize, entry) + skip, length);
      } else if (state === State.partiallyPresent && this.#hasParent) {
        const data = this.#checked(offsetOf(page, entry), this.#blockSize, entry) + skip;
        const bitmap = this.#bitmapOf(block, options);
        if (bitmap instanceof Promise) {
          // What is known already is answered first; whoever comes back for the rest sees the bitmap's error.
          if (runs.empty) return bitmap.then(() => this.locate(from, to, options));
          bitmap.catch(() => undefined);
          break;
        }
        this.#addSectors(runs, bitmap, data, skip, length);
      } else runs.absent(this.#absent(state, entry), length);
      at += length;
    }
    return runs.finish();
  }

  /** What stands for a block without data in this file. */
  #absent(state: number, entry: number): AbsentKind {
    if (state === State.notPresent) return this.#hasParent ? 'parent' : 'zero';
    // Undefined and unmapped blocks may read as anything but must not show the parent (2.5.1.1); 5 was "unmapped" in
    // version 0.95.
    if (state === State.undefined || state === State.zero || state === State.unmapped || state === State.unmapped095)
      return 'zero';
    throw imageError(
      'IMAGE_DAMAGED',
      `${this.#layer}: entry ${entry / ENTRY_BYTES} of the block allocation table has the state ${state}, which ${state === State.partiallyPresent ? 'only a differencing disk' : 'no disk'} may have`,
      { layer: this.#layer, offset: this.#bat.offset + entry },
      { entry: entry / ENTRY_BYTES, state },
    );
  }

  /** The sector bitmap of a partially present block. */
  #bitmapOf(block: number, options?: ReadOptions): MaybePromise<Bytes> {
    const chunk = Math.floor(block / this.#chunkRatio);
    const entry = (chunk * (this.#chunkRatio + 1) + this.#chunkRatio) * ENTRY_BYTES;
    const read = (page: TablePage): MaybePromise<Bytes> => {
      const state = page.view.getUint32(entry - page.start, true) & STATE_BITS;
      if (state !== BITMAP_PRESENT) {
        throw imageError(
          'IMAGE_DAMAGED',
          `${this.#layer}: block ${block} is partially present, but its sector bitmap is not (state ${state})`,
          { layer: this.#layer, offset: this.#bat.offset + entry },
          { block, state },
        );
      }
      const bitsPerBlock = this.#blockSize / this.#sectorSize;
      const start = this.#checked(offsetOf(page, entry), MIB, entry);
      return this.#bitmaps.at(start + ((block - chunk * this.#chunkRatio) * bitsPerBlock) / 8, options);
    };
    const page = this.#table.page(entry, options);
    return page instanceof Promise ? page.then(read) : read(page);
  }

  /**
   * Appends a part of a partially present block.
   * @param data - where the part would lie in the file
   * @param skip - where it begins in the block
   */
  #addSectors(runs: RunBuilder, bitmap: Bytes, data: number, skip: number, length: number): void {
    const sector = this.#sectorSize;
    const end = skip + length;
    let at = skip;
    bitRuns(bitmap, 'lsb-first', Math.floor(skip / sector), Math.ceil(end / sector), (own, sectors) => {
      const next = Math.min((Math.floor(at / sector) + sectors) * sector, end);
      if (own) runs.data(this.#source, data + at - skip, next - at);
      else runs.absent('parent', next - at);
      at = next;
    });
  }

  /** `offset`, when a block of `length` bytes can begin there. */
  #checked(offset: number, length: number, entry: number): number {
    const overlaps =
      offset < MIB ||
      this.#reserved.some((region) => offset < region.offset + region.length && region.offset < offset + length);
    if (!overlaps && offset < this.#source.size) return offset;
    const where = overlaps
      ? "on top of the file's own structures"
      : `behind the end of the file (${this.#source.size} bytes)`;
    throw imageError(
      overlaps ? 'IMAGE_DAMAGED' : 'IMAGE_TRUNCATED',
      `${this.#layer}: entry ${entry / ENTRY_BYTES} of the block allocation table points to byte ${offset}, ${where}`,
      { layer: this.#layer, offset: this.#bat.offset + entry },
      { entry: entry / ENTRY_BYTES, blockOffset: offset },
    );
  }
}

/** File offset of an entry: bits 20-63 count MiB, so the entry without its low 20 bits is the offset itself. */
function offsetOf(page: TablePage, entry: number): number {
  const low = page.view.getUint32(entry - page.start, true);
  return page.view.getUint32(entry - page.start + 4, true) * 2 ** 32 + (low - (low % MIB));
}
