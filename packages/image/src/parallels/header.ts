import { type Bytes, Cursor, type Structure, structure } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_PARALLELS_CLUSTER_SECTORS, MAX_VIRTUAL_SIZE } from '../limits.js';
import { parallelsKind } from './signature.js';

/** Header of a Parallels expandable image, 64 bytes, little-endian. */
const PARALLELS_HEADER_FIELDS = {
  magic: [
    0,
    'ascii[16]',
    'Old or extended form',
    { values: { WithoutFreeSpace: 'old', WithouFreSpacExt: 'extended' } },
  ],
  version: [16, 'u32', 'Version: 2'],
  heads: [20, 'u32', 'Heads'],
  cylinders: [24, 'u32', 'Cylinders'],
  clusterSectors: [28, 'u32', 'Sectors of 512 bytes of a cluster'],
  entries: [32, 'u32', 'Entries of the block allocation table'],
  sectors: [36, 'u64', 'Sectors of the disk; in the old form only the lower half'],
  inUse: [
    44,
    'u32',
    'Whether software has the image open for writing',
    { values: { 0x746f6e59: 'open', 0x312e3276: 'closed' } },
  ],
  dataOffset: [48, 'u32', 'Sector where the data begins'],
  flags: [52, 'u32', 'Flags of the extended form', { flags: { 0x1: 'empty' } }],
  extension: [56, 'u64', 'Sector of the format extension'],
} as const;
/** See {@link PARALLELS_HEADER_FIELDS}. */
export const PARALLELS_HEADER: Structure<typeof PARALLELS_HEADER_FIELDS> = structure(
  'parallels-header',
  'QEMU docs/interop/parallels',
  PARALLELS_HEADER_FIELDS,
);
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
  const at = PARALLELS_HEADER.fields;
  const version = at.version.read(cursor);
  if (version !== 2)
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} is a Parallels image of version ${version}; known is 2`,
      cursor.at(at.version.offset),
    );
  const extended = parallelsKind(bytes) === 'extended';
  const clusterSectors = at.clusterSectors.read(cursor);
  if (clusterSectors < 1 || clusterSectors > MAX_PARALLELS_CLUSTER_SECTORS) {
    throw imageError(
      'IMAGE_DAMAGED',
      `${layer} has Parallels clusters of ${clusterSectors} sectors`,
      cursor.at(at.clusterSectors.offset),
    );
  }
  // The old form has only 32 bits here; what stands behind them is not part of the number.
  const sectors = extended ? cursor.u64Number(at.sectors.offset) : cursor.u32(at.sectors.offset);
  if (sectors * PARALLELS_SECTOR > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims ${sectors} sectors`, cursor.at(at.sectors.offset), {
      sectors,
    });
  return {
    extended,
    size: sectors * PARALLELS_SECTOR,
    clusterBytes: clusterSectors * PARALLELS_SECTOR,
    entries: at.entries.read(cursor),
    inUse: at.inUse.read(cursor) === IN_USE,
    empty: extended && (at.flags.read(cursor) & EMPTY) !== 0,
  };
}
