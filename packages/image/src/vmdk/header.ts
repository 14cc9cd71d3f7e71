import { type Bytes, Cursor, type Field, type Structure, structure } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VIRTUAL_SIZE, MAX_VMDK_GRAIN_SECTORS, MAX_VMDK_TABLE_ENTRIES } from '../limits.js';
import { isVmdkSparse, VMDK_SECTOR } from './signature.js';

/** `gdOffset` of a stream whose grain directory is named only by the footer (GD_AT_END). */
const DIRECTORY_AT_END = 0xffff_ffff_ffff_ffffn;

/** Header of a hosted sparse extent, 512 bytes, little-endian; a stream ends with a copy of it. */
const VMDK_SPARSE_HEADER_FIELDS = {
  magic: [0, 'ascii[4]', '"KDMV"'],
  version: [4, 'u32', 'Version: 1 to 3'],
  flags: [
    8,
    'u32',
    'Flags',
    {
      flags: {
        0x1: 'newline test',
        0x2: 'redundant grain directory in use',
        0x4: 'zero grains',
        0x10000: 'compressed grains',
        0x20000: 'markers',
      },
    },
  ],
  capacity: [12, 'u64', 'Sectors of the extent; 0 in a file that only carries a descriptor'],
  grainSize: [20, 'u64', 'Sectors of a grain'],
  descriptorOffset: [28, 'u64', 'Sector of the embedded descriptor; 0 without one'],
  descriptorSize: [36, 'u64', 'Sectors of the descriptor'],
  tableEntries: [44, 'u32', 'Entries of a grain table: 512'],
  redundantDirectory: [48, 'u64', 'Sector of the redundant grain directory'],
  directory: [56, 'u64big', 'Sector of the grain directory; all ones when only the footer knows it'],
  overhead: [64, 'u64', 'Sectors in front of the first grain'],
  uncleanShutdown: [72, 'u8', 'Whether the extent was not closed'],
  newLines: [73, 'u32', 'What a transfer in text mode would change: newline, space, carriage return, newline'],
  compressAlgorithm: [77, 'u16', 'How grains are compressed', { values: { 0: 'none', 1: 'deflate' } }],
} as const;
/** See {@link VMDK_SPARSE_HEADER_FIELDS}. */
export const VMDK_SPARSE_HEADER: Structure<typeof VMDK_SPARSE_HEADER_FIELDS> = structure(
  'vmdk-sparse-header',
  'VMware Virtual Disk Format 5.0, Hosted Sparse Extents',
  VMDK_SPARSE_HEADER_FIELDS,
);
const AT = VMDK_SPARSE_HEADER.fields;

const FLAG = {
  newLineTest: 1,
  useRedundantDirectory: 2,
  zeroGrains: 4,
  compressed: 0x1_0000,
  markers: 0x2_0000,
} as const;
/** What a transfer in text mode would have changed: `\n`, space, `\r`, `\n`. */
const NEW_LINES = 0x0a0d_200a;
const DEFLATE = 1;

/** Header of a hosted sparse extent (`KDMV`), in sectors of 512 bytes where not said otherwise. */
export interface VmdkSparseHeader {
  readonly version: number;
  /** Length of the extent; 0 for a file that only carries a descriptor. */
  readonly capacity: number;
  readonly grainSectors: number;
  readonly descriptorOffset: number;
  readonly descriptorSectors: number;
  /** Entries of a grain table. */
  readonly tableEntries: number;
  /** Start of the grain directory; `undefined` when only the footer knows it. */
  readonly directory: number | undefined;
  /** Start of the redundant grain directory; 0 without one. */
  readonly redundantDirectory: number;
  /** Whether the redundant directory is the valid one. */
  readonly useRedundantDirectory: boolean;
  /** Whether a grain table entry of 1 means a grain of zeros. */
  readonly zeroGrains: boolean;
  /** Whether grains are zlib streams. */
  readonly compressed: boolean;
  /** Whether a marker of 12 bytes stands before each compressed grain. */
  readonly markers: boolean;
  /** Whether the extent was not closed. */
  readonly dirty: boolean;
}

/**
 * Parses a header or footer of 512 bytes.
 * @param layer - name of the file for errors
 * @param offset - byte offset of the header in it
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED`, `IMAGE_LIMIT`
 */
export function parseVmdkSparseHeader(bytes: Bytes, layer: string, offset = 0): VmdkSparseHeader {
  const cursor = new Cursor(bytes, layer, offset);
  const damaged = (field: Field, what: string): Error =>
    imageError('IMAGE_DAMAGED', `${layer} has a damaged sparse extent header: ${what}`, cursor.at(field.offset));
  if (!isVmdkSparse(bytes)) throw damaged(AT.magic, 'it does not begin with KDMV');
  const version = AT.version.read(cursor);
  if (version < 1 || version > 3) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} is a VMDK sparse extent of version ${version}; known are 1 to 3`,
      cursor.at(AT.version.offset),
    );
  }
  const flags = AT.flags.read(cursor);
  if ((flags & FLAG.newLineTest) !== 0 && AT.newLines.read(cursor) !== NEW_LINES) {
    throw damaged(AT.newLines, 'its line ends were changed, so it was transferred as text');
  }
  const algorithm = AT.compressAlgorithm.read(cursor);
  const compressed = (flags & FLAG.compressed) !== 0 || algorithm === DEFLATE;
  if (compressed && algorithm !== DEFLATE) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} uses the compression ${algorithm}; known is 1 (deflate)`,
      cursor.at(AT.compressAlgorithm.offset),
    );
  }
  const capacity = sectors(cursor, AT.capacity, layer);
  const grainSectors = cursor.u64Number(AT.grainSize.offset);
  const tableEntries = AT.tableEntries.read(cursor);
  if (capacity > 0) {
    if (!isPowerOfTwo(grainSectors) || grainSectors > MAX_VMDK_GRAIN_SECTORS)
      throw damaged(AT.grainSize, `grains of ${grainSectors} sectors`);
    if (tableEntries < 1 || tableEntries > MAX_VMDK_TABLE_ENTRIES)
      throw damaged(AT.tableEntries, `grain tables of ${tableEntries} entries`);
  }
  const atEnd = AT.directory.read(cursor) === DIRECTORY_AT_END;
  return {
    version,
    capacity,
    grainSectors,
    tableEntries,
    compressed,
    descriptorOffset: cursor.u64Number(AT.descriptorOffset.offset),
    descriptorSectors: cursor.u64Number(AT.descriptorSize.offset),
    directory: atEnd ? undefined : cursor.u64Number(AT.directory.offset),
    redundantDirectory: cursor.u64Number(AT.redundantDirectory.offset),
    useRedundantDirectory: (flags & FLAG.useRedundantDirectory) !== 0,
    zeroGrains: (flags & FLAG.zeroGrains) !== 0,
    markers: (flags & FLAG.markers) !== 0,
    dirty: AT.uncleanShutdown.read(cursor) !== 0,
  };
}

function sectors(cursor: Cursor, field: Field, layer: string): number {
  const value = cursor.u64Number(field.offset);
  if (value * VMDK_SECTOR <= MAX_VIRTUAL_SIZE) return value;
  throw imageError(
    'IMAGE_LIMIT',
    `${layer} claims ${value} sectors; the most that deadbox opens is ${MAX_VIRTUAL_SIZE} bytes`,
    cursor.at(field.offset),
    {
      sectors: value,
    },
  );
}

function isPowerOfTwo(value: number): boolean {
  return value >= 1 && value <= 2 ** 31 && Number.isInteger(Math.log2(value));
}
