import { type ByteSource, type MaybePromise, NIL_GUID, type ReadOptions } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext, ParentReference, VirtualDisk } from '../image-format.js';
import { MAX_VIRTUAL_SIZE } from '../limits.js';
import { type BlockMap, type BlockRun, pushRun } from '../mapped/block-map.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import { type TablePage, TablePages } from '../mapped/table-pages.js';
import { parseVdiHeader, VDI_HEADER_BYTES, type VdiHeader } from './header.js';

/** Map entry of a block that was never written: the parent's, or zeros. */
const FREE = 0xffff_ffff;
/** Map entry of a block that was discarded: zeros, also above a parent. */
const ZERO = 0xffff_fffe;

/** Opens what `vdiFormat` recognised. */
export async function openVdi(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const { name } = context;
  const header = parseVdiHeader(await context.read(0, VDI_HEADER_BYTES), name);
  checkPlaces(source, header, context);
  const identity = { id: header.uuid, state: header.modifyUuid };
  // Fixed and dynamic images of a snapshot's base also fill the linkage fields of their children, never their own.
  const hasParent = (header.variant === 'differencing' || header.variant === 'undo') && header.parentUuid !== NIL_GUID;
  const parent = hasParent ? await context.openParent(parentOf(header, name), identity) : undefined;
  const details = { creator: header.text, uuid: header.uuid, blockSize: header.blockSize };
  const map = new VdiMap(source, name, header, hasParent);
  return new BlockMappedDisk(map, context, {
    format: 'vdi',
    variant: header.variant,
    details,
    parent,
    identity,
    sectorSize: 512,
  });
}

/** VDI records no name: VirtualBox keeps the files' places in the machine's settings, and calls snapshots by their UUID. */
function parentOf(header: VdiHeader, name: string): ParentReference {
  return {
    names: [`{${header.parentUuid.toLowerCase()}}.vdi`],
    id: header.parentUuid,
    ...(header.parentModifyUuid === NIL_GUID ? {} : { states: [header.parentModifyUuid] }),
    search: (sibling) => /\.vdi$/i.test(sibling) && sibling !== name,
  };
}

function checkPlaces(source: ByteSource, header: VdiHeader, { name, issues }: OpenContext): void {
  const { mapOffset, dataOffset, blocks, size } = header;
  const at = { layer: name, offset: 0x154 };
  const mapEnd = mapOffset + blocks * 4;
  if (size > MAX_VIRTUAL_SIZE) {
    throw imageError(
      'IMAGE_LIMIT',
      `${name} claims a disk of ${size} bytes; the most that deadbox opens is ${MAX_VIRTUAL_SIZE}`,
      { layer: name, offset: 0x170 },
      { size },
    );
  }
  if (mapOffset < VDI_HEADER_BYTES - 8 || (mapOffset < dataOffset && mapEnd > dataOffset)) {
    throw imageError(
      'IMAGE_DAMAGED',
      `${name} has its block map at byte ${mapOffset}, on top of the header or the data at ${dataOffset}`,
      at,
      { mapOffset, dataOffset },
    );
  }
  if (mapEnd > source.size) {
    throw imageError(
      'IMAGE_TRUNCATED',
      `${name} is truncated: its block map ends at byte ${mapEnd}, but the file at ${source.size}`,
      at,
      {
        mapEnd,
        fileSize: source.size,
      },
    );
  }
  const dataEnd = dataOffset + header.allocatedBlocks * (header.blockSize + header.blockExtra);
  if (dataEnd > source.size && dataEnd <= Number.MAX_SAFE_INTEGER) {
    issues.add({
      code: 'image.truncated',
      severity: 'error',
      at: { layer: name, offset: source.size },
      data: { expectedSize: dataEnd, fileSize: source.size },
    });
  }
}

/** The block map of a VDI: one little-endian block number in the data area for each block of the disk. */
class VdiMap implements BlockMap {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #layer: string;
  readonly #header: VdiHeader;
  readonly #table: TablePages;
  readonly #free: 'zero' | 'parent';

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
    return page instanceof Promise ? page.then((value) => this.#runs(value, from, to)) : this.#runs(page, from, to);
  }

  #runs(page: TablePage, from: number, to: number): BlockRun[] {
    const { blockSize, blockExtra, dataOffset } = this.#header;
    const runs: BlockRun[] = [];
    for (let at = from; at < to; ) {
      const block = Math.floor(at / blockSize);
      if (block * 4 >= page.end) break;
      const skip = at - block * blockSize;
      const length = Math.min(blockSize - skip, to - at);
      const entry = page.view.getUint32(block * 4 - page.start, true);
      if (entry === FREE) pushRun(runs, { kind: this.#free, length });
      else if (entry === ZERO) pushRun(runs, { kind: 'zero', length });
      else {
        const start = dataOffset + entry * (blockSize + blockExtra) + blockExtra;
        if (start >= this.#source.size) this.#refuse(block, start);
        pushRun(runs, { kind: 'data', length, source: this.#source, offset: start + skip });
      }
      at += length;
    }
    return runs;
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
