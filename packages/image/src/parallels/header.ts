import { type Bytes, Cursor } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_PARALLELS_CLUSTER_SECTORS, MAX_VIRTUAL_SIZE } from '../limits.js';
import { parallelsKind } from './signature.js';

/** Header of a Parallels expandable image (QEMU docs/interop/parallels); little-endian, offsets in bytes. */
export const PARALLELS_FIELD = {
  version: 16,
  clusterSectors: 28,
  entries: 32,
  sectors: 36,
  inUse: 44,
  flags: 52,
  extension: 56,
} as const;
/** Bytes of the header; the block allocation table follows. */
export const PARALLELS_HEADER_BYTES = 64;
/** Unit of the sizes in the header, in bytes. */
export const PARALLELS_SECTOR = 512;
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
  if (bytes.length < PARALLELS_HEADER_BYTES)
    throw imageError(
      'IMAGE_TRUNCATED',
      `${layer} is truncated: it has ${bytes.length} bytes of a Parallels header`,
      cursor.at(0),
    );
  const version = cursor.u32(PARALLELS_FIELD.version);
  if (version !== 2)
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} is a Parallels image of version ${version}; known is 2`,
      cursor.at(PARALLELS_FIELD.version),
    );
  const extended = parallelsKind(bytes) === 'extended';
  const clusterSectors = cursor.u32(PARALLELS_FIELD.clusterSectors);
  if (clusterSectors < 1 || clusterSectors > MAX_PARALLELS_CLUSTER_SECTORS) {
    throw imageError(
      'IMAGE_DAMAGED',
      `${layer} has Parallels clusters of ${clusterSectors} sectors`,
      cursor.at(PARALLELS_FIELD.clusterSectors),
    );
  }
  // The old form has only 32 bits here; what stands behind them is not part of the number.
  const sectors = extended ? cursor.u64Number(PARALLELS_FIELD.sectors) : cursor.u32(PARALLELS_FIELD.sectors);
  if (sectors * PARALLELS_SECTOR > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims ${sectors} sectors`, cursor.at(PARALLELS_FIELD.sectors), {
      sectors,
    });
  return {
    extended,
    size: sectors * PARALLELS_SECTOR,
    clusterBytes: clusterSectors * PARALLELS_SECTOR,
    entries: cursor.u32(PARALLELS_FIELD.entries),
    inUse: cursor.u32(PARALLELS_FIELD.inUse) === IN_USE,
    empty: extended && (cursor.u32(PARALLELS_FIELD.flags) & EMPTY) !== 0,
  };
}
