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
 * Follows `extents().origin` from `source` down to the source that stores `[offset, …)` itself: the one that has no extents to tell.
 * @returns `undefined` when a layer compresses, encrypts or generates the bytes, or when they are a hole
 */
export async function resolveOrigin(
  source: ByteSource,
  offset: number,
  length: number,
  options?: ReadOptions,
): Promise<Origin | undefined> {
  return follow({ source, offset, length }, ({ extents }) => extents === undefined, options);
}

/**
 * Where `[offset, …)` of `source` lies on `layer`, a source below it: of a volume's bytes on the disk, for one.
 * @returns `undefined` when the way does not lead through `layer`: a hole, or bytes that are not stored verbatim
 */
export async function placeOn(
  layer: ByteSource,
  source: ByteSource,
  offset: number,
  length: number,
  options?: ReadOptions,
): Promise<{ offset: number; length: number } | undefined> {
  const place = await follow({ source, offset, length }, (at) => at === layer || at.extents === undefined, options);
  return place?.source === layer ? { offset: place.offset, length: place.length } : undefined;
}

async function follow(
  start: Origin,
  arrived: (source: ByteSource) => boolean,
  options: ReadOptions | undefined,
): Promise<Origin | undefined> {
  let place = start;
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    if (arrived(place.source)) return place;
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
