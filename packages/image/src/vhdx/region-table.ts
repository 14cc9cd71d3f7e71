import { type Bytes, Cursor, hasAscii, MIB, type Structure, structure } from '@deadbox/core';
import { imageError } from '../errors.js';
import { checksumValid } from './header.js';

/** Header of a region table: two tables of 64 KiB, at 192 KiB and 256 KiB; the entries follow. */
const VHDX_REGION_TABLE_FIELDS = {
  signature: [0, 'ascii[4]', '"regi"'],
  checksum: [4, 'u32', 'CRC-32C of the 64 KiB with this field zero'],
  entryCount: [8, 'u32', 'Entries of the table, at most 2047'],
} as const;
/** See {@link VHDX_REGION_TABLE_FIELDS}. */
export const VHDX_REGION_TABLE: Structure<typeof VHDX_REGION_TABLE_FIELDS> = structure(
  'vhdx-region-table',
  '[MS-VHDX] 2.2.3.1',
  VHDX_REGION_TABLE_FIELDS,
);
const BAT = '2DC27766-F623-4200-9D64-115E9BFD4A08';
/** What the region of the metadata is called. */
export const VHDX_METADATA_REGION = '8B7CA206-4790-4B9A-B8FE-575F050F886E';

/** An entry of a region table. */
const VHDX_REGION_ENTRY_FIELDS = {
  guid: [
    0,
    'guid',
    'What the region holds',
    {
      values: {
        '2DC27766-F623-4200-9D64-115E9BFD4A08': 'block allocation table',
        '8B7CA206-4790-4B9A-B8FE-575F050F886E': 'metadata',
      },
    },
  ],
  fileOffset: [16, 'u64', 'Byte offset of the region, a multiple of 1 MiB'],
  length: [24, 'u32', 'Bytes of the region, a multiple of 1 MiB'],
  flags: [28, 'u32', 'Flags', { flags: { 0x1: 'required' } }],
} as const;
/** See {@link VHDX_REGION_ENTRY_FIELDS}. */
export const VHDX_REGION_ENTRY: Structure<typeof VHDX_REGION_ENTRY_FIELDS> = structure(
  'vhdx-region-entry',
  '[MS-VHDX] 2.2.3.2',
  VHDX_REGION_ENTRY_FIELDS,
);
/** Byte offset of the entries in a region table. */
export const VHDX_REGION_ENTRIES_OFFSET = 16;
const REQUIRED = 1;

/** Byte offsets of the two region tables. */
export const VHDX_REGION_TABLE_OFFSETS = [0x3_0000, 0x4_0000] as const;
/** Length of a region table in bytes, as its checksum counts it. */
export const VHDX_REGION_TABLE_BYTES = 0x1_0000;
const MAX_ENTRIES = 2047;

/** A region of the file. */
export interface VhdxRegion {
  /** Byte offset in the file. */
  readonly offset: number;
  /** Length in bytes. */
  readonly length: number;
}

/** The two regions that every VHDX has. */
export interface VhdxRegions {
  readonly bat: VhdxRegion;
  readonly metadata: VhdxRegion;
}

/**
 * Parses a region table.
 * @returns `undefined` when the signature or the checksum is wrong
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED` (a required region that is not known)
 */
export function parseRegionTable(bytes: Bytes, layer: string, offset: number): VhdxRegions | undefined {
  const cursor = new Cursor(bytes, layer, offset);
  if (!hasAscii(bytes, 0, 'regi') || !checksumValid(bytes)) return undefined;
  const count = VHDX_REGION_TABLE.fields.entryCount.read(cursor);
  if (count > MAX_ENTRIES) {
    throw imageError(
      'IMAGE_DAMAGED',
      `The region table of ${layer} claims ${count} entries; it can hold ${MAX_ENTRIES}`,
      cursor.at(VHDX_REGION_TABLE.fields.entryCount.offset),
      {
        count,
      },
    );
  }
  const at = VHDX_REGION_ENTRY.fields;
  const found = new Map<string, VhdxRegion>();
  for (let index = 0; index < count; index += 1) {
    const entry = cursor.sub(VHDX_REGION_ENTRIES_OFFSET + index * VHDX_REGION_ENTRY.size, VHDX_REGION_ENTRY.size);
    const guid = at.guid.read(entry);
    const region = { offset: entry.u64Number(at.fileOffset.offset), length: at.length.read(entry) };
    if (guid !== BAT && guid !== VHDX_METADATA_REGION) {
      if ((at.flags.read(entry) & REQUIRED) === 0) continue;
      throw imageError(
        'IMAGE_UNSUPPORTED',
        `${layer} needs the region ${guid}, which deadbox does not know`,
        entry.at(),
        { guid },
      );
    }
    if (
      region.offset % MIB !== 0 ||
      region.offset < MIB ||
      region.length % MIB !== 0 ||
      region.length === 0 ||
      found.has(guid)
    ) {
      const message = `${layer} has a region ${guid} of ${region.length} bytes at byte ${region.offset}; expected one, in whole MiB, behind the first MiB`;
      throw imageError('IMAGE_DAMAGED', message, entry.at(), { guid, ...region });
    }
    found.set(guid, region);
  }
  const [bat, metadata] = [found.get(BAT), found.get(VHDX_METADATA_REGION)];
  if (bat === undefined || metadata === undefined) {
    const missing = bat === undefined ? 'block allocation table' : 'metadata';
    throw imageError('IMAGE_DAMAGED', `The region table of ${layer} names no ${missing} region`, cursor.at(), {
      missing,
    });
  }
  if (bat.offset < metadata.offset + metadata.length && metadata.offset < bat.offset + bat.length) {
    throw imageError('IMAGE_DAMAGED', `The block allocation table and the metadata of ${layer} overlap`, cursor.at(), {
      bat: { ...bat },
      metadata: { ...metadata },
    });
  }
  return { bat, metadata };
}
