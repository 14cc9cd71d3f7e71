import { type Bytes, Cursor } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VIRTUAL_SIZE, MAX_VMDK_GRAIN_SECTORS, MAX_VMDK_TABLE_ENTRIES } from '../limits.js';

/** Bytes of a sector of a VMDK, whatever the disk's logical sector size is. */
export const VMDK_SECTOR = 512;
/** `gdOffset` of a stream whose grain directory is named only by the footer (GD_AT_END). */
const DIRECTORY_AT_END = 0xffff_ffff_ffff_ffffn;

/** SparseExtentHeader (Virtual Disk Format 5.0, "Hosted Sparse Extents"); offsets in bytes. */
const FIELD = {
  version: 4,
  flags: 8,
  capacity: 12,
  grainSize: 20,
  descriptorOffset: 28,
  descriptorSize: 36,
  tableEntries: 44,
  redundantDirectory: 48,
  directory: 56,
  overhead: 64,
  uncleanShutdown: 72,
  newLines: 73,
  compressAlgorithm: 77,
} as const;

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

/** Whether `bytes` begin with the magic of a hosted sparse extent. */
export function isVmdkSparse(bytes: Bytes): boolean {
  return bytes.length >= VMDK_SECTOR && new Cursor(bytes).u32(0) === 0x564d_444b;
}

/**
 * Parses a header or footer of 512 bytes.
 * @param layer - name of the file for errors
 * @param offset - byte offset of the header in it
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED`, `IMAGE_LIMIT`
 */
export function parseVmdkSparseHeader(bytes: Bytes, layer: string, offset = 0): VmdkSparseHeader {
  const cursor = new Cursor(bytes, layer, offset);
  const damaged = (field: number, what: string): Error =>
    imageError('IMAGE_DAMAGED', `${layer} has a damaged sparse extent header: ${what}`, cursor.at(field));
  if (!isVmdkSparse(bytes)) throw damaged(0, 'it does not begin with KDMV');
  const version = cursor.u32(FIELD.version);
  if (version < 1 || version > 3) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} is a VMDK sparse extent of version ${version}; known are 1 to 3`,
      cursor.at(FIELD.version),
    );
  }
  const flags = cursor.u32(FIELD.flags);
  if ((flags & FLAG.newLineTest) !== 0 && cursor.u32(FIELD.newLines) !== NEW_LINES) {
    throw damaged(FIELD.newLines, 'its line ends were changed, so it was transferred as text');
  }
  const algorithm = cursor.u16(FIELD.compressAlgorithm);
  const compressed = (flags & FLAG.compressed) !== 0 || algorithm === DEFLATE;
  if (compressed && algorithm !== DEFLATE) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} uses the compression ${algorithm}; known is 1 (deflate)`,
      cursor.at(FIELD.compressAlgorithm),
    );
  }
  const capacity = sectors(cursor, FIELD.capacity, layer);
  const grainSectors = cursor.u64Number(FIELD.grainSize);
  const tableEntries = cursor.u32(FIELD.tableEntries);
  if (capacity > 0) {
    if (!isPowerOfTwo(grainSectors) || grainSectors > MAX_VMDK_GRAIN_SECTORS)
      throw damaged(FIELD.grainSize, `grains of ${grainSectors} sectors`);
    if (tableEntries < 1 || tableEntries > MAX_VMDK_TABLE_ENTRIES)
      throw damaged(FIELD.tableEntries, `grain tables of ${tableEntries} entries`);
  }
  const atEnd = cursor.u64(FIELD.directory) === DIRECTORY_AT_END;
  return {
    version,
    capacity,
    grainSectors,
    tableEntries,
    compressed,
    descriptorOffset: cursor.u64Number(FIELD.descriptorOffset),
    descriptorSectors: cursor.u64Number(FIELD.descriptorSize),
    directory: atEnd ? undefined : cursor.u64Number(FIELD.directory),
    redundantDirectory: cursor.u64Number(FIELD.redundantDirectory),
    useRedundantDirectory: (flags & FLAG.useRedundantDirectory) !== 0,
    zeroGrains: (flags & FLAG.zeroGrains) !== 0,
    markers: (flags & FLAG.markers) !== 0,
    dirty: cursor.u8(FIELD.uncleanShutdown) !== 0,
  };
}

function sectors(cursor: Cursor, field: number, layer: string): number {
  const value = cursor.u64Number(field);
  if (value * VMDK_SECTOR <= MAX_VIRTUAL_SIZE) return value;
  throw imageError(
    'IMAGE_LIMIT',
    `${layer} claims ${value} sectors; the most that deadbox opens is ${MAX_VIRTUAL_SIZE} bytes`,
    cursor.at(field),
    {
      sectors: value,
    },
  );
}

function isPowerOfTwo(value: number): boolean {
  return value >= 1 && value <= 2 ** 31 && Number.isInteger(Math.log2(value));
}
