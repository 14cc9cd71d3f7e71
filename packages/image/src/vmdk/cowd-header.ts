import { type Bytes, Cursor, hasAscii } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VMDK_GRAIN_SECTORS } from '../limits.js';

/** COWDisk_Header (Virtual Disk Format 5.0, "ESXi Host Sparse Extents"); offsets in bytes. */
const FIELD = { version: 4, flags: 8, sectors: 12, grainSize: 16, directory: 20, directoryEntries: 24 } as const;

/** Entries of every grain table of a COWD file (NUM_ENTRIES_IN_GT). */
export const COWD_TABLE_ENTRIES = 4096;

/** Header of an ESXi copy-on-write extent (`vmfsSparse`), in sectors of 512 bytes. */
export interface VmdkCowdHeader {
  /** Length of the extent. */
  readonly capacity: number;
  readonly grainSectors: number;
  /** Start of the grain directory. */
  readonly directory: number;
  readonly directoryEntries: number;
}

/** Whether `bytes` begin with the magic of a COWD file. */
export function isVmdkCowd(bytes: Bytes): boolean {
  return hasAscii(bytes, 0, 'COWD') && bytes.length >= 32;
}

/**
 * Parses the first bytes of a COWD file.
 * @param layer - name of the file for errors
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED`
 */
export function parseVmdkCowdHeader(bytes: Bytes, layer: string): VmdkCowdHeader {
  const cursor = new Cursor(bytes, layer);
  const damaged = (field: number, what: string): Error =>
    imageError('IMAGE_DAMAGED', `${layer} has a damaged COWD header: ${what}`, cursor.at(field));
  if (!isVmdkCowd(bytes)) throw damaged(0, 'it does not begin with COWD');
  const version = cursor.u32(FIELD.version);
  if (version !== 1)
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} is a COWD file of version ${version}; known is 1`,
      cursor.at(FIELD.version),
    );
  const grainSectors = cursor.u32(FIELD.grainSize);
  if (grainSectors < 1 || grainSectors > MAX_VMDK_GRAIN_SECTORS)
    throw damaged(FIELD.grainSize, `grains of ${grainSectors} sectors`);
  const capacity = cursor.u32(FIELD.sectors);
  const directoryEntries = cursor.u32(FIELD.directoryEntries);
  if (directoryEntries * COWD_TABLE_ENTRIES * grainSectors < capacity) {
    throw damaged(
      FIELD.directoryEntries,
      `a directory of ${directoryEntries} entries is too short for ${capacity} sectors`,
    );
  }
  return { capacity, grainSectors, directory: cursor.u32(FIELD.directory), directoryEntries };
}
