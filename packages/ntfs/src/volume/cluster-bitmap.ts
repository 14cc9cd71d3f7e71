import type { ByteSource, Bytes, ReadOptions } from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { attributesOf, type VolumeContext } from '../files/volume-context.js';
import { AttributeType } from '../record/attribute.js';
import { KnownRecord } from '../record/known-records.js';

/** Bytes of the bitmap that are read at a time: 8 Mi clusters. */
const CHUNK_SIZE = 1 << 20;
const EXTENTS_PER_BATCH = 1024;

/** Clusters that follow one another and are all allocated, or all free. */
export interface ClusterExtent {
  readonly lcn: number;
  /** Clusters. */
  length: number;
  /** Whether `$Bitmap` says that they are in use. */
  readonly allocated: boolean;
}

/**
 * `$Bitmap`: one bit a cluster, lowest bit first; 1 = allocated (ntfs-3g layout.h). Read in pieces as it is asked; bits
 * past the last cluster, which are set, do not count.
 */
export class ClusterBitmap {
  /** Clusters of the volume. */
  readonly clusters: number;
  readonly #bits: ByteSource;
  #chunk: { readonly index: number; readonly bytes: Bytes } | undefined;

  private constructor(bits: ByteSource, clusters: number) {
    this.#bits = bits;
    this.clusters = clusters;
  }

  /** @internal See `NtfsVolume.clusters`. */
  static async open(context: VolumeContext, options?: ReadOptions): Promise<ClusterBitmap> {
    const set = await attributesOf(context, KnownRecord.bitmap, options);
    const held = await set.find(AttributeType.data, '', options);
    const needed = Math.ceil(context.geometry.totalClusters / 8);
    const bits = held === undefined ? undefined : await set.raw(held, '$Bitmap', options);
    if (bits === undefined || bits.size < needed) {
      const place = { ...set.base.place, record: KnownRecord.bitmap };
      const found = bits?.size ?? 0;
      const what = `$Bitmap has ${found} bytes, expected at least ${needed}`;
      throw ntfsError('NTFS_ATTRIBUTE_INVALID', what, place, { expected: needed, found });
    }
    return new ClusterBitmap(bits, context.geometry.totalClusters);
  }

  /**
   * Whether cluster `lcn` is allocated.
   * @throws DeadboxError `NTFS_CLUSTER_OUT_OF_RANGE`, `NTFS_RUNS_INVALID` or a read error
   */
  async isAllocated(lcn: number, options?: ReadOptions): Promise<boolean> {
    if (!Number.isInteger(lcn) || lcn < 0 || lcn >= this.clusters) {
      const { clusters } = this;
      const what = `Cluster ${lcn} does not exist: the volume has ${clusters}`;
      throw ntfsError('NTFS_CLUSTER_OUT_OF_RANGE', what, undefined, { lcn, clusters });
    }
    const bytes = await this.#load(Math.floor(lcn / 8 / CHUNK_SIZE), options);
    return (bytes[Math.floor(lcn / 8) % CHUNK_SIZE] & (1 << (lcn % 8))) !== 0;
  }

  /** The extents of `[from, to)`, in order and without gaps, in batches. */
  async *extents(from = 0, to: number = this.clusters, options?: ReadOptions): AsyncGenerator<ClusterExtent[]> {
    const end = Math.min(to, this.clusters);
    let batch: ClusterExtent[] = [];
    let start = from;
    let current: boolean | undefined;
    for (let at = from; at < end; ) {
      options?.signal?.throwIfAborted();
      const index = Math.floor(at / 8 / CHUNK_SIZE);
      const bytes = await this.#load(index, options);
      const chunkEnd = Math.min(end, (index + 1) * CHUNK_SIZE * 8);
      const base = index * CHUNK_SIZE * 8;
      while (at < chunkEnd) {
        const byte = bytes[(at - base) >> 3];
        const allocated = (byte & (1 << ((at - base) & 7))) !== 0;
        if (current !== undefined && allocated !== current) {
          batch.push({ lcn: start, length: at - start, allocated: current });
          start = at;
        }
        current = allocated;
        // Eight clusters of one kind at once.
        at += ((at - base) & 7) === 0 && at + 8 <= chunkEnd && byte === (allocated ? 0xff : 0) ? 8 : 1;
      }
      if (batch.length >= EXTENTS_PER_BATCH) {
        yield batch;
        batch = [];
      }
    }
    if (current !== undefined) batch.push({ lcn: start, length: end - start, allocated: current });
    if (batch.length > 0) yield batch;
  }

  /** How many clusters are allocated, and how many are free. */
  async count(options?: ReadOptions): Promise<{ allocated: number; free: number }> {
    let allocated = 0;
    for await (const batch of this.extents(0, this.clusters, options)) {
      for (const extent of batch) if (extent.allocated) allocated += extent.length;
    }
    return { allocated, free: this.clusters - allocated };
  }

  async #load(index: number, options?: ReadOptions): Promise<Bytes> {
    if (this.#chunk?.index === index) return this.#chunk.bytes;
    const from = index * CHUNK_SIZE;
    const bytes = await this.#bits.read(from, Math.min(CHUNK_SIZE, this.#bits.size - from), options);
    this.#chunk = { index, bytes };
    return bytes;
  }
}
