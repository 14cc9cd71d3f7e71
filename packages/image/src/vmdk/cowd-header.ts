import { type Bytes, Cursor, type Field, type Structure, structure } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VMDK_GRAIN_SECTORS } from '../limits.js';
import { isVmdkCowd } from './signature.js';

/** Header of an ESXi copy-on-write extent, little-endian. */
const VMDK_COWD_HEADER_FIELDS = {
  magic: [0, 'ascii[4]', '"COWD"'],
  version: [4, 'u32', 'Version: 1'],
  flags: [8, 'u32', 'Flags: 3'],
  sectors: [12, 'u32', 'Sectors of the extent'],
  grainSize: [16, 'u32', 'Sectors of a grain'],
  directory: [20, 'u32', 'Sector of the grain directory'],
  directoryEntries: [24, 'u32', 'Entries of the grain directory'],
  freeSector: [28, 'u32', 'Next free sector'],
} as const;
/** See {@link VMDK_COWD_HEADER_FIELDS}. */
export const VMDK_COWD_HEADER: Structure<typeof VMDK_COWD_HEADER_FIELDS> = structure(
  'vmdk-cowd-header',
  'VMware Virtual Disk Format 5.0, ESXi Host Sparse Extents',
  VMDK_COWD_HEADER_FIELDS,
);
const AT = VMDK_COWD_HEADER.fields;

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

/**
 * Parses the first bytes of a COWD file.
 * @param layer - name of the file for errors
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED`
 */
export function parseVmdkCowdHeader(bytes: Bytes, layer: string): VmdkCowdHeader {
  const cursor = new Cursor(bytes, layer);
  const damaged = (field: Field, what: string): Error =>
    imageError('IMAGE_DAMAGED', `${layer} has a damaged COWD header: ${what}`, cursor.at(field.offset));
  if (!isVmdkCowd(bytes)) throw damaged(AT.magic, 'it does not begin with COWD');
  const version = AT.version.read(cursor);
  if (version !== 1)
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} is a COWD file of version ${version}; known is 1`,
      cursor.at(AT.version.offset),
    );
  const grainSectors = AT.grainSize.read(cursor);
  if (grainSectors < 1 || grainSectors > MAX_VMDK_GRAIN_SECTORS)
    throw damaged(AT.grainSize, `grains of ${grainSectors} sectors`);
  const capacity = AT.sectors.read(cursor);
  const directoryEntries = AT.directoryEntries.read(cursor);
  if (directoryEntries * COWD_TABLE_ENTRIES * grainSectors < capacity) {
    throw damaged(
      AT.directoryEntries,
      `a directory of ${directoryEntries} entries is too short for ${capacity} sectors`,
    );
  }
  return { capacity, grainSectors, directory: AT.directory.read(cursor), directoryEntries };
}
