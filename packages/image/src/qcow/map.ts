import type { ByteSource, Bytes } from '@deadbox/core';
import { inflate } from '#inflate';
import { imageError } from '../errors.js';
import type { PackedUnit } from '../mapped/block-map.js';
import type { RunBuilder } from '../mapped/run-builder.js';
import { type BlockPart, TwoLevelMap } from '../mapped/two-level-map.js';
import type { Qcow1Header } from './header.js';

/** In the upper half of an L2 entry: the cluster is compressed (bit 63). */
const COMPRESSED = 0x8000_0000;
const HIGH = 2 ** 32;

/** The allocation of a QCOW1 image. */
export class Qcow1Map extends TwoLevelMap {
  readonly #source: ByteSource;
  readonly #layer: string;
  readonly #clusterBytes: number;
  /** Bits of a compressed entry that are the offset, less 32. */
  readonly #offsetBitsHigh: number;

  constructor(header: Qcow1Header, source: ByteSource, layer: string) {
    super({
      source,
      layer,
      size: header.size,
      blockBytes: 2 ** header.clusterBits,
      tableEntries: 2 ** header.l2Bits,
      entryBytes: 8,
      directory: header.l1Offset,
      directoryEntryBytes: 8,
      byteOrder: 'big',
      directoryName: 'L1 table',
    });
    this.#source = source;
    this.#layer = layer;
    this.#clusterBytes = 2 ** header.clusterBits;
    this.#offsetBitsHigh = 63 - header.clusterBits - 32;
  }

  unpack(packed: Bytes, unit: PackedUnit, target: Bytes): void {
    try {
      const length = inflate(packed, target, 'raw');
      if (length !== unit.size) throw new Error(`it holds ${length} bytes`);
    } catch (cause) {
      const what = `${this.#layer} has a damaged compressed cluster at ${unit.offset}: ${(cause as Error).message}`;
      throw imageError(
        'IMAGE_DAMAGED',
        what,
        { layer: this.#layer, offset: unit.offset },
        { cluster: unit.key * this.#clusterBytes },
        cause,
      );
    }
  }

  protected override tableAt(view: DataView, at: number): number {
    return view.getUint32(at) * HIGH + view.getUint32(at + 4);
  }

  protected override addBlock(runs: RunBuilder, { view, at, place, block, skip, length }: BlockPart): void {
    const high = view.getUint32(at);
    const low = view.getUint32(at + 4);
    if (high === 0 && low === 0) runs.absent('parent', length);
    else if ((high & COMPRESSED) === 0) runs.data(this.#source, high * HIGH + low + skip, length);
    else {
      const bits = this.#offsetBitsHigh;
      const offset = (high & (2 ** bits - 1)) * HIGH + low;
      const packedBytes = (high >>> bits) & (this.#clusterBytes - 1);
      if (packedBytes === 0)
        throw imageError('IMAGE_DAMAGED', `${this.#layer}: the L2 entry at ${place} has no length`, {
          layer: this.#layer,
          offset: place,
        });
      const size = this.#clusterBytes;
      runs.packed({ key: block / size, source: this.#source, offset, length: packedBytes, size }, skip, length);
    }
  }
}
