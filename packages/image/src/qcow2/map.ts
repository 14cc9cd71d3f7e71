import { type ByteSource, type Bytes, type ReadOptions, SECTOR } from '@deadbox/core';
import { inflate } from '#inflate';
import { unpackZstd } from '#zstd';
import { imageError } from '../errors.js';
import type { PackedUnit } from '../mapped/block-map.js';
import type { RunBuilder } from '../mapped/run-builder.js';
import { type BlockPart, Entry, TwoLevelMap } from '../mapped/two-level-map.js';

const HIGH = 2 ** 32;
/** In the upper half of an L1 or standard L2 entry: bits 32-55 of the offset. */
const OFFSET_HIGH = 0x00ff_ffff;
/** In the lower half: bits 9-31 of the offset. */
const OFFSET_LOW = 0xffff_fe00;
/** In the upper half: entry in use by exactly one reference (bit 63), compressed cluster (bit 62). */
const COPIED = 0x8000_0000;
const COMPRESSED = 0x4000_0000;
const READS_AS_ZERO = 1;
const SUBCLUSTERS = 32;

/** What the map of a QCOW2 image needs. */
export interface Qcow2MapInput {
  readonly source: ByteSource;
  /** Where standard clusters lie: the image itself or the external data file. */
  readonly data: ByteSource;
  readonly layer: string;
  readonly size: number;
  readonly clusterBits: number;
  readonly l1Offset: number;
  readonly version: 2 | 3;
  readonly extendedL2: boolean;
  readonly compression: 'deflate' | 'zstd';
}

/** The allocation of a QCOW2 image (QEMU docs/interop/qcow2, "Cluster mapping" and "Extended L2 Entries"). */
export class Qcow2Map extends TwoLevelMap {
  readonly #input: Qcow2MapInput;
  readonly #clusterBytes: number;
  /** Bits of the compressed descriptor that are the offset, less 32. */
  readonly #offsetBitsHigh: number;
  readonly #zeroFlag: boolean;
  readonly #external: boolean;

  /** @throws ImageError `IMAGE_TRUNCATED` when the L1 table does not lie inside the file */
  constructor(input: Qcow2MapInput) {
    const clusterBytes = 2 ** input.clusterBits;
    const entryBytes = input.extendedL2 ? 16 : 8;
    super({
      source: input.source,
      layer: input.layer,
      size: input.size,
      blockBytes: clusterBytes,
      tableEntries: clusterBytes / entryBytes,
      entryBytes,
      directory: input.l1Offset,
      directoryEntryBytes: 8,
      byteOrder: 'big',
      directoryName: 'L1 table',
    });
    this.#input = input;
    this.#clusterBytes = clusterBytes;
    this.#offsetBitsHigh = 62 - (input.clusterBits - 8) - 32;
    this.#zeroFlag = input.version === 3 && !input.extendedL2;
    this.#external = input.data !== input.source;
  }

  unpack(packed: Bytes, unit: PackedUnit, target: Bytes): void {
    const { compression, layer } = this.#input;
    try {
      const length = compression === 'zstd' ? unpackZstd(packed, target) : inflate(packed, target, 'raw');
      if (length !== unit.size) throw new Error(`it holds ${length} bytes`);
    } catch (cause) {
      const what = `${layer} has a damaged compressed cluster at ${unit.offset}: ${(cause as Error).message}`;
      throw imageError(
        'IMAGE_DAMAGED',
        what,
        { layer, offset: unit.offset },
        { cluster: unit.key * this.#clusterBytes },
        cause,
      );
    }
  }

  /** Byte offset behind the furthest table that the first page of the L1 table names. */
  async endOfTables(options?: ReadOptions): Promise<number> {
    const head = this.directoryHead(options);
    const { view } = head instanceof Promise ? await head : head;
    let end = 0;
    for (let at = 0; at + 8 <= view.byteLength; at += 8) {
      const table = this.tableAt(view, at);
      if (table > 0) end = Math.max(end, table + this.#clusterBytes);
    }
    return end;
  }

  protected override tableAt(view: DataView, at: number): number {
    const offset = (view.getUint32(at) & OFFSET_HIGH) * HIGH + ((view.getUint32(at + 4) & OFFSET_LOW) >>> 0);
    return offset % this.#clusterBytes === 0 ? offset : Entry.invalid;
  }

  protected override addBlock(runs: RunBuilder, part: BlockPart): void {
    const { view, at, place, skip, length } = part;
    const high = view.getUint32(at);
    const low = view.getUint32(at + 4);
    if ((high & COMPRESSED) !== 0) {
      this.#addCompressed(runs, part, high, low);
      return;
    }
    const offset = (high & OFFSET_HIGH) * HIGH + ((low & OFFSET_LOW) >>> 0);
    if (offset % this.#clusterBytes !== 0) throw this.#badEntry(place, `names the unaligned offset ${offset}`);
    const allocated = offset !== 0 || (this.#external && (high & COPIED) !== 0);
    if (this.#input.extendedL2) this.#addSubclusters(runs, part, allocated ? offset : undefined);
    else if (this.#zeroFlag && (low & READS_AS_ZERO) !== 0) runs.absent('zero', length);
    else if (allocated) runs.data(this.#input.data, offset + skip, length);
    else runs.absent('parent', length);
  }

  /** @param high - and `low`: the halves of the entry */
  #addCompressed(runs: RunBuilder, { place, block, skip, length }: BlockPart, high: number, low: number): void {
    if (this.#external) throw this.#badEntry(place, 'is compressed, which an external data file rules out');
    const { layer, source } = this.#input;
    const bits = this.#offsetBitsHigh;
    const offset = (high & (2 ** bits - 1)) * HIGH + low;
    const sectors = ((high >>> bits) & (2 ** (30 - bits) - 1)) + 1;
    if (!(offset < source.size)) {
      const what = `${layer} is truncated: the compressed cluster at ${offset} lies behind the end of the file at ${source.size}`;
      throw imageError('IMAGE_TRUNCATED', what, { layer, offset: place }, { size: source.size });
    }
    const size = this.#clusterBytes;
    const unit = { key: block / size, source, offset, length: sectors * SECTOR - (offset % SECTOR), size };
    runs.packed(unit, skip, length);
  }

  /** @param offset - of the cluster; absent when it has none */
  #addSubclusters(runs: RunBuilder, { view, at, place, skip, length }: BlockPart, offset: number | undefined): void {
    const zeros = view.getUint32(at + 8);
    const allocated = view.getUint32(at + 12);
    if ((zeros & allocated) !== 0) throw this.#badEntry(place, 'has subclusters that are allocated and zero at once');
    if (allocated !== 0 && offset === undefined)
      throw this.#badEntry(place, 'has allocated subclusters without an offset');
    const bytes = this.#clusterBytes / SUBCLUSTERS;
    const end = skip + length;
    for (let from = skip; from < end; ) {
      const index = Math.floor(from / bytes);
      const to = Math.min((index + 1) * bytes, end);
      if (((allocated >>> index) & 1) === 1) runs.data(this.#input.data, (offset as number) + from, to - from);
      else runs.absent(((zeros >>> index) & 1) === 1 ? 'zero' : 'parent', to - from);
      from = to;
    }
  }

  #badEntry(place: number, what: string): Error {
    const { layer } = this.#input;
    return imageError('IMAGE_DAMAGED', `${layer}: the L2 entry at ${place} ${what}`, { layer, offset: place });
  }
}
