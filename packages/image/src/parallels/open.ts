import { type ByteSource, type Bytes, Cursor, type MaybePromise, type ReadOptions } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext, VirtualDisk } from '../image-format.js';
import { MAX_PARALLELS_CLUSTER_SECTORS, MAX_VIRTUAL_SIZE } from '../limits.js';
import type { BlockMap, BlockRun } from '../mapped/block-map.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import { RunBuilder } from '../mapped/run-builder.js';
import { TablePages } from '../mapped/table-pages.js';
import { isBundleDescriptor, parallelsKind } from './header.js';

/** Header of a Parallels expandable image (QEMU docs/interop/parallels); little-endian, offsets in bytes. */
const FIELD = {
  version: 16,
  clusterSectors: 28,
  entries: 32,
  sectors: 36,
  inUse: 44,
  flags: 52,
  extension: 56,
} as const;
const HEADER_BYTES = 64;
const SECTOR = 512;
/** `in_use` while software has the image open for writing. */
const IN_USE = 0x746f6e59;
const EMPTY = 1;

/** Header of a Parallels expandable image. */
export interface ParallelsHeader {
  /** Whether block offsets count clusters (`WithouFreSpacExt`) or sectors. */
  readonly extended: boolean;
  /** Virtual size in bytes. */
  readonly size: number;
  readonly clusterBytes: number;
  /** Entries of the block allocation table. */
  readonly entries: number;
  readonly inUse: boolean;
  /** Whether the image counts as empty whatever its table says. */
  readonly empty: boolean;
}

/**
 * Parses the header.
 * @param layer - name of the file for errors
 * @throws ImageError `IMAGE_TRUNCATED`, `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED`, `IMAGE_LIMIT`
 */
export function parseParallelsHeader(bytes: Bytes, layer: string): ParallelsHeader {
  const cursor = new Cursor(bytes, layer);
  if (bytes.length < HEADER_BYTES)
    throw imageError(
      'IMAGE_TRUNCATED',
      `${layer} is truncated: it has ${bytes.length} bytes of a Parallels header`,
      cursor.at(0),
    );
  const version = cursor.u32(FIELD.version);
  if (version !== 2)
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} is a Parallels image of version ${version}; known is 2`,
      cursor.at(FIELD.version),
    );
  const extended = parallelsKind(bytes) === 'extended';
  const clusterSectors = cursor.u32(FIELD.clusterSectors);
  if (clusterSectors < 1 || clusterSectors > MAX_PARALLELS_CLUSTER_SECTORS) {
    throw imageError(
      'IMAGE_DAMAGED',
      `${layer} has Parallels clusters of ${clusterSectors} sectors`,
      cursor.at(FIELD.clusterSectors),
    );
  }
  // The old form has only 32 bits here; what stands behind them is not part of the number.
  const sectors = extended ? cursor.u64Number(FIELD.sectors) : cursor.u32(FIELD.sectors);
  if (sectors * SECTOR > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims ${sectors} sectors`, cursor.at(FIELD.sectors), { sectors });
  return {
    extended,
    size: sectors * SECTOR,
    clusterBytes: clusterSectors * SECTOR,
    entries: cursor.u32(FIELD.entries),
    inUse: cursor.u32(FIELD.inUse) === IN_USE,
    empty: extended && (cursor.u32(FIELD.flags) & EMPTY) !== 0,
  };
}

/** Opens what `parallelsFormat` recognised. */
export function openParallels(source: ByteSource, context: OpenContext): VirtualDisk {
  if (isBundleDescriptor(context.head)) {
    const what = `${context.name} describes a Parallels disk of several files; open its newest .hds file, which holds the disk unless there are snapshots`;
    throw imageError('IMAGE_UNSUPPORTED', what, { layer: context.name, offset: 0 });
  }
  const header = parseParallelsHeader(context.head, context.name);
  if (header.inUse) {
    const at = { layer: context.name, offset: FIELD.inUse };
    context.issues.add({ code: 'image.marked-dirty', severity: 'warning', at, data: { structure: 'header' } });
  }
  return new BlockMappedDisk(new ParallelsMap(header, source, context.name), context, {
    format: 'parallels',
    variant: header.extended ? 'expandable extended' : 'expandable',
    details: { clusterSize: header.clusterBytes },
  });
}

/** The allocation of a Parallels image: one table behind the header. */
class ParallelsMap implements BlockMap {
  readonly size: number;
  readonly #header: ParallelsHeader;
  readonly #source: ByteSource;
  readonly #layer: string;
  readonly #table: TablePages;
  /** Bytes that one unit of a table entry stands for. */
  readonly #unit: number;

  constructor(header: ParallelsHeader, source: ByteSource, layer: string) {
    // A table may be shorter than the disk: what it does not describe was never written.
    const entries = Math.min(header.entries, Math.ceil(header.size / header.clusterBytes));
    const end = HEADER_BYTES + entries * 4;
    if (end > source.size) {
      const what = `${layer} is truncated: its block allocation table should end at ${end}, but the file ends at ${source.size}`;
      throw imageError('IMAGE_TRUNCATED', what, { layer, offset: HEADER_BYTES }, { size: source.size });
    }
    this.size = header.size;
    this.#header = header;
    this.#source = source;
    this.#layer = layer;
    this.#table = new TablePages(source, HEADER_BYTES, header.empty ? 0 : entries * 4);
    this.#unit = header.extended ? header.clusterBytes : SECTOR;
  }

  locate(from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const { clusterBytes } = this.#header;
    const runs = new RunBuilder();
    for (let at = from; at < to; ) {
      const place = Math.floor(at / clusterBytes) * 4;
      if (place >= this.#table.length) {
        runs.empties('zero', to - at);
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
      if (entry === 0) runs.empties('zero', length);
      else runs.data(this.#source, this.#checked(entry * this.#unit, place) + skip, length);
      at += length;
    }
    return runs.finish();
  }

  #checked(offset: number, place: number): number {
    if (offset >= HEADER_BYTES && offset < this.#source.size) return offset;
    const what = `${this.#layer} is truncated or damaged: a block should lie at ${offset}, but the file ends at ${this.#source.size}`;
    throw imageError(
      'IMAGE_TRUNCATED',
      what,
      { layer: this.#layer, offset: HEADER_BYTES + place },
      { size: this.#source.size },
    );
  }
}
