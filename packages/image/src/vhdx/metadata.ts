import { type Bytes, Cursor, defined, hasAscii } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VHDX_BLOCK_BYTES, MAX_VHDX_METADATA_BYTES } from '../limits.js';
import type { VhdxRegion } from './region-table.js';

/*
 * MS-VHDX 2.6, metadata region: a table of 64 KiB, items behind it.
 *   0 8 signature "metadata"   10 2 EntryCount (<= 2047)
 *   entries of 32 bytes from 32: 0 16 ItemId, 16 4 Offset (in the region), 20 4 Length, 24 4 flags (bit 0 user, 1 virtual disk, 2 required)
 */
const ENTRY_BYTES = 32;
/** First bytes of the table that are read: 127 entries, of which writers use six. */
export const METADATA_TABLE_START_BYTES = 4096;
const TABLE_BYTES = 0x1_0000;
const MAX_ENTRIES = 2047;

/** Known items: name and exact length in bytes (0: variable). */
const ITEMS = {
  'CAA16737-FA36-4D43-B3B6-33F0AA44E76B': ['fileParameters', 8],
  '2FA54224-CD1B-4876-B211-5DBED83BF4B8': ['virtualDiskSize', 8],
  'BECA12AB-B2E6-4523-93EF-C309E000C746': ['virtualDiskId', 16],
  '8141BF1D-A96F-4709-BA47-F233A8FAAB5F': ['logicalSectorSize', 4],
  'CDA348C7-445D-4471-9CC9-E9885251C556': ['physicalSectorSize', 4],
  'A8D35F2D-B30B-454D-ABF7-D3D84834AB0C': ['parentLocator', 0],
} as const;

/** Names of the items that deadbox reads. */
export type VhdxItemName = (typeof ITEMS)[keyof typeof ITEMS][0];

/** Where the items lie: offsets in the file. */
export type VhdxItems = Partial<Record<VhdxItemName, VhdxRegion>>;

/** What the metadata of a VHDX says. */
export interface VhdxMetadata {
  readonly blockSize: number;
  /** `LeaveBlocksAllocated`: a fixed disk. */
  readonly fixed: boolean;
  readonly hasParent: boolean;
  readonly virtualSize: number;
  readonly virtualDiskId?: string;
  readonly logicalSectorSize: 512 | 4096;
  readonly physicalSectorSize?: number;
}

/** Bytes of the table that hold `entryCount` entries, from the table's first bytes. */
export function metadataTableLength(start: Bytes, layer: string, region: VhdxRegion): number {
  const cursor = new Cursor(start, layer, region.offset);
  if (!hasAscii(start, 0, 'metadata')) {
    throw imageError(
      'IMAGE_DAMAGED',
      `The metadata region at byte ${region.offset} of ${layer} does not begin with "metadata"`,
      cursor.at(),
    );
  }
  const count = cursor.u16(10);
  if (count > MAX_ENTRIES) {
    throw imageError(
      'IMAGE_DAMAGED',
      `The metadata table of ${layer} claims ${count} entries; it can hold ${MAX_ENTRIES}`,
      cursor.at(10),
      {
        count,
      },
    );
  }
  return ENTRY_BYTES * (count + 1);
}

/**
 * Finds the known items in the metadata table.
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED` (a required item that is not known)
 */
export function parseMetadataTable(table: Bytes, layer: string, region: VhdxRegion): VhdxItems {
  const cursor = new Cursor(table, layer, region.offset);
  const items: VhdxItems = {};
  const count = cursor.u16(10);
  for (let index = 1; index <= count; index += 1) {
    const entry = cursor.sub(index * ENTRY_BYTES, ENTRY_BYTES);
    const id = entry.guid(0);
    const [offset, length, flags] = [entry.u32(16), entry.u32(20), entry.u32(24)];
    const item = (flags & 1) === 0 ? ITEMS[id as keyof typeof ITEMS] : undefined;
    if (item === undefined) {
      if ((flags & 4) === 0) continue;
      throw imageError(
        'IMAGE_UNSUPPORTED',
        `${layer} needs the metadata item ${id}, which deadbox does not know`,
        entry.at(),
        { id },
      );
    }
    const [name, size] = item;
    const outside = offset < TABLE_BYTES || offset + length > region.length;
    if (outside || length > MAX_VHDX_METADATA_BYTES || (size !== 0 && length !== size) || items[name] !== undefined) {
      throw imageError(
        'IMAGE_DAMAGED',
        `The metadata item ${name} of ${layer} has ${length} bytes at ${offset} of its region`,
        entry.at(),
        { offset, length },
      );
    }
    items[name] = { offset: region.offset + offset, length };
  }
  for (const name of ['fileParameters', 'virtualDiskSize', 'logicalSectorSize'] as const) {
    if (items[name] === undefined)
      throw imageError('IMAGE_DAMAGED', `The metadata of ${layer} has no item ${name}`, cursor.at(), { item: name });
  }
  return items;
}

/**
 * Parses the items' values.
 * @param valueOf - the bytes of an item that {@link parseMetadataTable} found
 * @throws ImageError `IMAGE_DAMAGED`
 */
export function parseMetadata(valueOf: (name: VhdxItemName) => Cursor | undefined, layer: string): VhdxMetadata {
  const need = (name: VhdxItemName): Cursor => valueOf(name) as Cursor;
  const parameters = need('fileParameters');
  const blockSize = parameters.u32(0);
  const sectorSize = need('logicalSectorSize').u32(0);
  const virtualSize = need('virtualDiskSize').u64Number(0);
  const powerOfTwo = (blockSize & (blockSize - 1)) === 0;
  if (!powerOfTwo || blockSize < 1 << 20 || blockSize > MAX_VHDX_BLOCK_BYTES) {
    const message = `${layer} has a block size of ${blockSize} bytes; expected a power of two from 1 MiB to 256 MiB`;
    throw imageError('IMAGE_DAMAGED', message, parameters.at(), { blockSize });
  }
  if (sectorSize !== 512 && sectorSize !== 4096) {
    const message = `${layer} has logical sectors of ${sectorSize} bytes; expected 512 or 4096`;
    throw imageError('IMAGE_DAMAGED', message, need('logicalSectorSize').at(), { sectorSize });
  }
  if (virtualSize % sectorSize !== 0) {
    const message = `${layer} has a virtual size of ${virtualSize} bytes, which is not a whole number of sectors of ${sectorSize} bytes`;
    throw imageError('IMAGE_DAMAGED', message, need('virtualDiskSize').at(), { virtualSize, sectorSize });
  }
  const flags = parameters.u32(4);
  const id = valueOf('virtualDiskId')?.guid(0);
  const physical = valueOf('physicalSectorSize')?.u32(0);
  return {
    blockSize,
    fixed: (flags & 1) !== 0,
    hasParent: (flags & 2) !== 0,
    virtualSize,
    logicalSectorSize: sectorSize,
    ...defined({ virtualDiskId: id }),
    ...defined({ physicalSectorSize: physical }),
  };
}
