import type { ByteSource, Bytes, MaybePromise, ReadOptions } from '@deadbox/core';
import { imageError } from '../errors.js';
import { type BlockMap, type BlockRun, pushRun } from '../mapped/block-map.js';
import { bitRuns, SectorBitmaps } from '../mapped/sector-bitmap.js';
import { type TablePage, TablePages } from '../mapped/table-pages.js';
import type { VhdxMetadata } from './metadata.js';
import type { VhdxRegion } from './region-table.js';

/*
 * MS-VHDX 2.5, block allocation table: entries of 8 bytes, bits 0-2 state, bits 20-63 offset in MiB. After each chunk of payload entries
 * (2^23 sectors) stands one entry for the sector bitmap of the chunk (1 MiB, first sector = lowest bit).
 */
const SECTORS_PER_CHUNK = 2 ** 23;
const MIB = 2 ** 20;

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
    if (entries * 8 > bat.length) {
      throw imageError(
        'IMAGE_DAMAGED',
        `The block allocation table of ${layer} has ${bat.length} bytes, but a disk of ${virtualSize} bytes in blocks of ${blockSize} needs ${entries * 8}`,
        { layer, offset: bat.offset },
        { tableBytes: bat.length, needed: entries * 8 },
      );
    }
    this.#table = new TablePages(source, bat.offset, entries * 8);
    this.#bitmaps = new SectorBitmaps(source, blockSize / logicalSectorSize / 8);
  }

  locate(from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const page = this.#table.page(this.#entryOffset(Math.floor(from / this.#blockSize)), options);
    if (page instanceof Promise) return page.then((value) => this.#runs(value, from, to, options));
    return this.#runs(page, from, to, options);
  }

  /** Byte offset in the table of the entry of payload block `block`. */
  #entryOffset(block: number): number {
    return (block + Math.floor(block / this.#chunkRatio)) * 8;
  }

  #runs(page: TablePage, from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const runs: BlockRun[] = [];
    for (let at = from; at < to; ) {
      const block = Math.floor(at / this.#blockSize);
      const entry = this.#entryOffset(block);
      if (entry >= page.end) break;
      const skip = at - block * this.#blockSize;
      const length = Math.min(this.#blockSize - skip, to - at);
      const state = page.view.getUint32(entry - page.start, true) & 7;
      const offset = offsetOf(page, entry);
      if (state === State.fullyPresent) {
        pushRun(runs, {
          kind: 'data',
          length,
          source: this.#source,
          offset: this.#checked(offset, this.#blockSize, entry) + skip,
        });
      } else if (state === State.partiallyPresent && this.#hasParent) {
        const partial = this.#partial(block, this.#checked(offset, this.#blockSize, entry), skip, length, options);
        // What is known already is answered first; the caller comes back for the rest.
        if (partial instanceof Promise) return runs.length > 0 ? runs : partial;
        for (const run of partial) pushRun(runs, run);
      } else pushRun(runs, { kind: this.#absent(state, entry), length });
      at += length;
    }
    return runs;
  }

  /** What stands for a block without data in this file. */
  #absent(state: number, entry: number): 'zero' | 'parent' {
    if (state === State.notPresent) return this.#hasParent ? 'parent' : 'zero';
    // Undefined and unmapped blocks may read as anything but must not show the parent (2.5.1.1); 5 was "unmapped" in version 0.95.
    if (state === State.undefined || state === State.zero || state === State.unmapped || state === State.unmapped095)
      return 'zero';
    throw imageError(
      'IMAGE_DAMAGED',
      `${this.#layer}: entry ${entry / 8} of the block allocation table has the state ${state}, which ${state === State.partiallyPresent ? 'only a differencing disk' : 'no disk'} may have`,
      { layer: this.#layer, offset: this.#bat.offset + entry },
      { entry: entry / 8, state },
    );
  }

  /** The runs of `[skip, skip + length)` of a partially present block. */
  #partial(
    block: number,
    dataOffset: number,
    skip: number,
    length: number,
    options?: ReadOptions,
  ): MaybePromise<BlockRun[]> {
    const chunk = Math.floor(block / this.#chunkRatio);
    const entry = (chunk * (this.#chunkRatio + 1) + this.#chunkRatio) * 8;
    const runsOf = (bitmap: Bytes): BlockRun[] => this.#sectorRuns(bitmap, dataOffset, skip, length);
    const read = (page: TablePage): MaybePromise<BlockRun[]> => {
      const state = page.view.getUint32(entry - page.start, true) & 7;
      if (state !== BITMAP_PRESENT) {
        throw imageError(
          'IMAGE_DAMAGED',
          `${this.#layer}: block ${block} is partially present, but its sector bitmap is not (state ${state})`,
          { layer: this.#layer, offset: this.#bat.offset + entry },
          { block, state },
        );
      }
      const bitsPerBlock = this.#blockSize / this.#sectorSize;
      const place =
        this.#checked(offsetOf(page, entry), MIB, entry) + ((block - chunk * this.#chunkRatio) * bitsPerBlock) / 8;
      const bitmap = this.#bitmaps.at(place, options);
      return bitmap instanceof Promise ? bitmap.then(runsOf) : runsOf(bitmap);
    };
    const page = this.#table.page(entry, options);
    return page instanceof Promise ? page.then(read) : read(page);
  }

  #sectorRuns(bitmap: Bytes, dataOffset: number, skip: number, length: number): BlockRun[] {
    const runs: BlockRun[] = [];
    const sector = this.#sectorSize;
    const end = skip + length;
    let at = skip;
    bitRuns(bitmap, 'lsb-first', Math.floor(skip / sector), Math.ceil(end / sector), (own, sectors) => {
      const next = Math.min((Math.floor(at / sector) + sectors) * sector, end);
      if (own) pushRun(runs, { kind: 'data', length: next - at, source: this.#source, offset: dataOffset + at });
      else pushRun(runs, { kind: 'parent', length: next - at });
      at = next;
    });
    return runs;
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
      `${this.#layer}: entry ${entry / 8} of the block allocation table points to byte ${offset}, ${where}`,
      { layer: this.#layer, offset: this.#bat.offset + entry },
      { entry: entry / 8, blockOffset: offset },
    );
  }
}

/** File offset of an entry: bits 20-63 count MiB, so the entry without its low 20 bits is the offset itself. */
function offsetOf(page: TablePage, entry: number): number {
  const low = page.view.getUint32(entry - page.start, true);
  return page.view.getUint32(entry - page.start + 4, true) * 2 ** 32 + (low - (low % MIB));
}
