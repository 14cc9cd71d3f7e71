import { type ByteSource, type Bytes, Cursor } from '@deadbox/core';
import { inflate } from '#inflate';
import { imageError } from '../errors.js';
import type { PackedUnit } from '../mapped/block-map.js';
import type { RunBuilder } from '../mapped/run-builder.js';
import { type BlockPart, Entry, TwoLevelMap } from '../mapped/two-level-map.js';
import type { VmdkGrainLayout } from './grain-layout.js';
import { VMDK_SECTOR } from './signature.js';

/** Bytes of a compressed grain's marker: u64 sector on the disk, u32 length of the stream. */
const MARKER_BYTES = 12;

/** The allocation of one sparse extent: grain directory, grain tables, grains. */
export class VmdkGrainMap extends TwoLevelMap {
  readonly #source: ByteSource;
  readonly #layout: VmdkGrainLayout;
  readonly #layer: string;
  readonly #diskOffset: number;
  readonly #packedBytes: number;

  /**
   * @param layer - name of the file for errors
   * @param diskOffset - where the extent begins on the disk, in bytes
   * @throws ImageError `IMAGE_TRUNCATED` when the grain directory lies behind the end of the file
   */
  constructor(source: ByteSource, layout: VmdkGrainLayout, layer: string, diskOffset: number) {
    super({
      source,
      layer,
      size: layout.size,
      blockBytes: layout.grainBytes,
      tableEntries: layout.tableEntries,
      entryBytes: layout.entryBytes,
      directory: layout.directory,
      directoryEntryBytes: layout.entryBytes,
      byteOrder: 'little',
      directoryName: 'grain directory',
    });
    this.#source = source;
    this.#layout = layout;
    this.#layer = layer;
    this.#diskOffset = diskOffset;
    // A deflate stream can be longer than its content, by less than a sixteenth.
    this.#packedBytes = layout.grainBytes + (layout.grainBytes >> 4) + VMDK_SECTOR;
  }

  unpack(packed: Bytes, unit: PackedUnit, target: Bytes): void {
    const at = { layer: this.#layer, offset: unit.offset };
    const grainOffset = unit.key * VMDK_SECTOR - this.#diskOffset;
    try {
      const stream = this.#layout.markers ? this.#markedStream(packed, unit, grainOffset) : packed;
      const length = inflate(stream, target, 'zlib');
      // The last grain may end with the disk.
      if (length < Math.min(unit.size, this.size - grainOffset)) throw new Error(`it holds ${length} bytes`);
      target.fill(0, length);
    } catch (cause) {
      const what = `${this.#layer} has a damaged compressed grain at ${unit.offset}: ${(cause as Error).message}`;
      throw imageError('IMAGE_DAMAGED', what, at, { grain: grainOffset }, cause);
    }
  }

  protected override tableAt(view: DataView, at: number): number {
    return this.#layout.tableAt(view, at);
  }

  protected override addBlock(runs: RunBuilder, { view, at, place, block, skip, length }: BlockPart): void {
    const grain = this.#layout.grainAt(view, at);
    if (grain === Entry.absent) runs.absent('parent', length);
    else if (grain === Entry.zeros) runs.absent('zero', length);
    else if (grain === Entry.invalid || grain > Number.MAX_SAFE_INTEGER) {
      throw imageError('IMAGE_DAMAGED', `${this.#layer} has an invalid grain table entry`, {
        layer: this.#layer,
        offset: place,
      });
    } else if (this.#layout.compressed) {
      const key = (this.#diskOffset + block) / VMDK_SECTOR;
      const unit = {
        key,
        source: this.#source,
        offset: grain,
        length: this.#packedBytes,
        size: this.#layout.grainBytes,
      };
      runs.packed(unit, skip, length);
    } else runs.data(this.#source, grain + skip, length);
  }

  /** The deflate stream behind the marker, which says where on the disk the grain belongs. */
  #markedStream(packed: Bytes, unit: PackedUnit, grainOffset: number): Bytes {
    const cursor = new Cursor(packed, this.#layer, unit.offset);
    const sector = cursor.u64Number(0);
    if (sector !== unit.key && sector !== grainOffset / VMDK_SECTOR)
      throw new Error(`its marker names sector ${sector}, not ${unit.key}`);
    return cursor.slice(MARKER_BYTES, cursor.u32(8));
  }
}
