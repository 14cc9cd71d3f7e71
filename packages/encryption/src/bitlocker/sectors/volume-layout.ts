import { partitionPoint } from '@deadbox/core';
import { MAX_HEADER_REGION, METADATA_REGION } from '../../limits.js';
import type { BitLockerVolume } from '../metadata/bitlocker-volume.js';
import { chunkEncrypted } from '../metadata/eow.js';
import type { MetadataBlock } from '../metadata/metadata-block.js';
import { hasConversionLog, isDecrypted } from '../metadata/state.js';

/** How a part of the decrypted view comes about. */
export interface LayoutSegment {
  /** Offset in the decrypted view, and length, in bytes: whole sectors. */
  readonly offset: number;
  readonly length: number;
  /**
   * `zero` reserved, reads as zeros · `stored` comes from `storedAt`, encrypted or not · `vista-boot` the patched first
   * sector of Vista.
   */
  readonly kind: 'zero' | 'stored' | 'vista-boot';
  /** Volume offset where the bytes are stored. */
  readonly storedAt: number;
}

/** A run of stored bytes that are all encrypted or all plain. */
export interface StoredRun {
  readonly encrypted: boolean;
  /** Volume offset where the run ends. */
  readonly end: number;
}

/** Bytes at the start of a Vista volume that stay plain. Source: libbde format document, Vista. */
const VISTA_PLAIN = 0x2000;

/**
 * What a decrypted volume consists of: the moved header in front, zeros over the reserved regions, everything else in
 * place. Source: dissect.fve for the list of reserved regions; confirmed by the hashes of whole decrypted volumes.
 */
export class VolumeLayout {
  /** Bytes a sector. */
  readonly sectorSize: number;
  /** Size of the decrypted view: that of the volume, in whole sectors. */
  readonly size: number;
  /** Gap-free, in order. */
  readonly segments: readonly LayoutSegment[];
  readonly #volume: BitLockerVolume;
  readonly #block: MetadataBlock;

  constructor(volume: BitLockerVolume, block: MetadataBlock) {
    this.#volume = volume;
    this.#block = block;
    this.sectorSize = volume.header.sectorSize;
    this.size = volume.source.size - (volume.source.size % this.sectorSize);
    this.segments = buildSegments(volume, block, this.sectorSize, this.size);
  }

  /** The segment that holds view offset `offset`, by its index. */
  segmentAt(offset: number): number {
    return Math.max(0, partitionPoint(this.segments.length, (index) => this.segments[index].offset <= offset) - 1);
  }

  /** Whether the bytes stored at volume offset `offset` are encrypted, and how far (at most to `limit`) that holds. */
  storedRun(offset: number, limit: number): StoredRun {
    const block = this.#block;
    if (isDecrypted(block)) return { encrypted: false, end: limit };
    if (block.version === 1 && offset < VISTA_PLAIN) return { encrypted: false, end: Math.min(limit, VISTA_PLAIN) };
    if (this.#volume.eow !== undefined) return this.#eowRun(offset, limit);
    // The boundary counts where bytes are stored. Vista has none; an encrypt-on-write volume without bitmaps keeps the
    // volume's size there.
    const boundary = block.version === 1 ? 0 : Math.floor(block.boundary / this.sectorSize) * this.sectorSize;
    if (boundary === 0) return { encrypted: true, end: limit };
    return offset < boundary ? { encrypted: true, end: Math.min(limit, boundary) } : { encrypted: false, end: limit };
  }

  #eowRun(offset: number, limit: number): StoredRun {
    const { bitmaps, information } = this.#volume.eow as NonNullable<BitLockerVolume['eow']>;
    const inside = bitmaps.find((map) => offset >= map.regionOffset && offset < map.regionOffset + map.regionSize);
    if (inside === undefined) {
      // Between regions lie only reserved places; where a bitmap is damaged, the part reads as encrypted, and an issue
      // says so.
      const next = bitmaps.find((bitmap) => bitmap.regionOffset > offset);
      return { encrypted: true, end: Math.min(limit, next?.regionOffset ?? limit) };
    }
    const end = Math.min(limit, inside.regionOffset + inside.regionSize);
    const encrypted = chunkEncrypted(inside, information.chunkSize, offset);
    const chunk = Math.floor((offset - inside.regionOffset) / information.chunkSize);
    let at = inside.regionOffset + (chunk + 1) * information.chunkSize;
    while (at < end && chunkEncrypted(inside, information.chunkSize, at) === encrypted) at += information.chunkSize;
    return { encrypted, end: Math.min(at, end) };
  }
}

interface Region {
  readonly from: number;
  to: number;
}

function buildSegments(
  volume: BitLockerVolume,
  block: MetadataBlock,
  sectorSize: number,
  size: number,
): LayoutSegment[] {
  const segments: LayoutSegment[] = [];
  const add = (kind: LayoutSegment['kind'], offset: number, end: number, storedAt: number): void => {
    if (end > offset) segments.push({ offset, length: end - offset, kind, storedAt });
  };
  let at = 0;
  if (block.version === 1) {
    at = Math.min(sectorSize, size);
    add('vista-boot', 0, at, 0);
  } else {
    const header = headerRegion(block, sectorSize, size);
    at = header.to - header.from;
    add('stored', 0, at, header.from);
  }
  for (const region of mergeRegions(reservedRegions(volume, block, sectorSize, size))) {
    if (region.to <= at) continue;
    add('stored', at, Math.max(at, region.from), at);
    at = Math.max(at, region.from);
    add('zero', at, region.to, at);
    at = region.to;
  }
  add('stored', at, size, at);
  return segments;
}

/** Where the moved start of the volume is stored; empty when it does not lie inside the volume. */
function headerRegion(block: MetadataBlock, sectorSize: number, size: number): Region {
  const length = block.headerSectors * sectorSize;
  const from = block.headerOffset;
  const placed = Number.isSafeInteger(from) && from > 0 && from % sectorSize === 0;
  const usable = placed && length <= MAX_HEADER_REGION && from + length <= size;
  return usable ? { from, to: from + length } : { from: 0, to: 0 };
}

function reservedRegions(volume: BitLockerVolume, block: MetadataBlock, sectorSize: number, size: number): Region[] {
  const regions: Region[] = [];
  const reserve = (offset: number, length: number): void => {
    if (!Number.isSafeInteger(offset) || offset <= 0 || offset >= size || length <= 0) return;
    const from = Math.floor(offset / sectorSize) * sectorSize;
    regions.push({ from, to: Math.min(size, Math.ceil((offset + length) / sectorSize) * sectorSize) });
  };
  const { clusterSize } = volume.header;
  const metadataSize =
    block.version === 1 ? Math.floor((clusterSize + 0x3fff) / clusterSize) * clusterSize : METADATA_REGION;
  for (const offset of block.metadataOffsets) reserve(offset, metadataSize);
  const header = block.version === 1 ? { from: 0, to: 0 } : headerRegion(block, sectorSize, size);
  reserve(header.from, header.to - header.from);
  if (volume.eow !== undefined) {
    const { information, bitmaps } = volume.eow;
    for (const offset of information.copies) reserve(offset, information.size);
    for (const bitmap of bitmaps) {
      reserve(bitmap.offset, bitmap.size);
      reserve(bitmap.conversionLogOffset, information.conversionLogSize);
    }
  }
  // Data in flight may exist only in this log; Windows, too, shows the place as zeros.
  if (hasConversionLog(block)) reserve(block.boundary, block.conversionLogSize);
  return regions;
}

function mergeRegions(regions: Region[]): Region[] {
  const merged: Region[] = [];
  for (const region of regions.sort((left, right) => left.from - right.from)) {
    const last = merged.at(-1);
    if (last !== undefined && region.from <= last.to) last.to = Math.max(last.to, region.to);
    else merged.push({ ...region });
  }
  return merged;
}
