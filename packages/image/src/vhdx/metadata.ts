import { type Bytes, Cursor, defined, hasAscii, type Structure, structure } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VHDX_BLOCK_BYTES, MAX_VHDX_METADATA_BYTES } from '../limits.js';
import type { VhdxRegion } from './region-table.js';

/** Header of the metadata table, 32 bytes; the entries follow, and behind the table of 64 KiB the items. */
const VHDX_METADATA_TABLE_FIELDS = {
  signature: [0, 'ascii[8]', '"metadata"'],
  entryCount: [10, 'u16', 'Entries of the table, at most 2047'],
} as const;
/** See {@link VHDX_METADATA_TABLE_FIELDS}. */
export const VHDX_METADATA_TABLE: Structure<typeof VHDX_METADATA_TABLE_FIELDS> = structure(
  'vhdx-metadata-table',
  '[MS-VHDX] 2.6.1.1',
  VHDX_METADATA_TABLE_FIELDS,
);

/** An entry of the metadata table. */
const VHDX_METADATA_ENTRY_FIELDS = {
  itemId: [0, 'guid', 'What the item is'],
  offset: [16, 'u32', 'Bytes from the start of the region'],
  length: [20, 'u32', 'Bytes of the item'],
  flags: [24, 'u32', 'Flags', { flags: { 0x1: 'user', 0x2: 'of the virtual disk', 0x4: 'required' } }],
} as const;
/** See {@link VHDX_METADATA_ENTRY_FIELDS}. */
export const VHDX_METADATA_ENTRY: Structure<typeof VHDX_METADATA_ENTRY_FIELDS> = structure(
  'vhdx-metadata-entry',
  '[MS-VHDX] 2.6.1.2',
  VHDX_METADATA_ENTRY_FIELDS,
);
const IS_USER = 1;
const IS_REQUIRED = 4;
/** Bytes from one entry of the metadata table to the next; in place of a first one stands its header. */
export const VHDX_METADATA_ENTRY_BYTES = 32;
/** First bytes of the table that are read: 127 entries, of which writers use six. */
export const METADATA_TABLE_START_BYTES = 4096;
const TABLE_BYTES = 0x1_0000;
const MAX_ENTRIES = 2047;

/** The item that says of which disk this one is a child. */
export const VHDX_PARENT_LOCATOR_ITEM = 'A8D35F2D-B30B-454D-ABF7-D3D84834AB0C';
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
  const count = VHDX_METADATA_TABLE.fields.entryCount.read(cursor);
  if (count > MAX_ENTRIES) {
    throw imageError(
      'IMAGE_DAMAGED',
      `The metadata table of ${layer} claims ${count} entries; it can hold ${MAX_ENTRIES}`,
      cursor.at(VHDX_METADATA_TABLE.fields.entryCount.offset),
      {
        count,
      },
    );
  }
  return VHDX_METADATA_ENTRY_BYTES * (count + 1);
}

/**
 * Finds the known items in the metadata table.
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED` (a required item that is not known)
 */
export function parseMetadataTable(table: Bytes, layer: string, region: VhdxRegion): VhdxItems {
  const cursor = new Cursor(table, layer, region.offset);
  const at = VHDX_METADATA_ENTRY.fields;
  const items: VhdxItems = {};
  const count = VHDX_METADATA_TABLE.fields.entryCount.read(cursor);
  for (let index = 1; index <= count; index += 1) {
    const entry = cursor.sub(index * VHDX_METADATA_ENTRY_BYTES, VHDX_METADATA_ENTRY_BYTES);
    const id = at.itemId.read(entry);
    const [offset, length, flags] = [at.offset.read(entry), at.length.read(entry), at.flags.read(entry)];
    const item = (flags & IS_USER) === 0 ? ITEMS[id as keyof typeof ITEMS] : undefined;
    if (item === undefined) {
      if ((flags & IS_REQUIRED) === 0) continue;
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
