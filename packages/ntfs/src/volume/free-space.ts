import type { ReadOptions } from '@deadbox/core';
import type { NtfsVolume } from './volume.js';

/** Clusters of one mebibyte of `$Bitmap`. */
const CLUSTERS_AT_ONCE = 8 << 20;

/** How much of a volume is free. */
export interface FreeSpace {
  /** Bytes that `$Bitmap` says are free; at least so many where counting was stopped. */
  readonly free: number;
  /** Whether that is all of them. */
  readonly exact: boolean;
  /** Bytes of the volume. */
  readonly total: number;
}

/**
 * Counts free clusters until `enough` bytes are found: on a volume with room the first part of `$Bitmap` tells.
 * @throws DeadboxError what {@link NtfsVolume.clusters} and reading throw
 */
export async function countFreeSpace(volume: NtfsVolume, enough: number, options?: ReadOptions): Promise<FreeSpace> {
  const { clusterSize } = volume.geometry;
  const clusters = await volume.clusters(options);
  const total = clusters.clusters * clusterSize;
  let free = 0;
  for (let from = 0; from < clusters.clusters; from += CLUSTERS_AT_ONCE) {
    for await (const batch of clusters.extents(from, from + CLUSTERS_AT_ONCE, options))
      for (const extent of batch) if (!extent.allocated) free += extent.length * clusterSize;
    if (free >= enough) return { free, exact: false, total };
  }
  return { free, exact: true, total };
}
