import type { ByteSource, Extent, ReadOptions } from './byte-source.js';
import { extentsOf } from './byte-source.js';

/** A place in the lowest source that still holds the bytes verbatim. */
export interface Origin {
  /** The source that stores them. */
  readonly source: ByteSource;
  /** Byte offset in that source. */
  readonly offset: number;
  /** How many of the asked bytes follow one another there. */
  readonly length: number;
}

const MAX_LAYERS = 64;

/**
 * Follows `extents().origin` from `source` down to the source that stores `[offset, …)` itself: the one that has no
 * extents to tell.
 * @returns `undefined` when a layer compresses, encrypts or generates the bytes, or when they are a hole
 */
export async function resolveOrigin(
  source: ByteSource,
  offset: number,
  length: number,
  options?: ReadOptions,
): Promise<Origin | undefined> {
  let place: Origin = { source, offset, length };
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    if (place.source.extents === undefined) return place;
    const extent = await firstExtent(place.source, place.offset, place.length, options);
    if (extent?.origin === undefined || extent.kind === 'zero') return undefined;
    place = {
      source: extent.origin.source,
      offset: extent.origin.offset,
      length: Math.min(place.length, extent.length),
    };
  }
  return undefined;
}

async function firstExtent(
  source: ByteSource,
  offset: number,
  length: number,
  options?: ReadOptions,
): Promise<Extent | undefined> {
  for await (const batch of extentsOf(source, offset, offset + length, options)) {
    for (const extent of batch) return extent;
  }
  return undefined;
}
