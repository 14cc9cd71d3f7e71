import { type Bytes, Cursor, hasAscii } from '@deadbox/core';
import { imageError } from '../errors.js';
import { checksumValid } from './header.js';

/*
 * MS-VHDX 2.2.3: two region tables of 64 KiB at 192 KiB and 256 KiB.
 *   0 4 signature "regi"   4 4 checksum (CRC-32C)   8 4 EntryCount (<= 2047)
 *   entries of 32 bytes from 16: 0 16 Guid, 16 8 FileOffset, 24 4 Length, 28 4 flags (bit 0: required)
 */
/** Byte offsets of the two region tables. */
export const VHDX_REGION_TABLE_OFFSETS = [0x3_0000, 0x4_0000] as const;
/** Length of a region table in bytes, as its checksum counts it. */
export const VHDX_REGION_TABLE_BYTES = 0x1_0000;
const MAX_ENTRIES = 2047;
const MIB = 1 << 20;

const BAT = '2DC27766-F623-4200-9D64-115E9BFD4A08';
const METADATA = '8B7CA206-4790-4B9A-B8FE-575F050F886E';

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
  const count = cursor.u32(8);
  if (count > MAX_ENTRIES) {
    throw imageError(
      'IMAGE_DAMAGED',
      `The region table of ${layer} claims ${count} entries; it can hold ${MAX_ENTRIES}`,
      cursor.at(8),
      {
        count,
      },
    );
  }
  const found = new Map<string, VhdxRegion>();
  for (let index = 0; index < count; index += 1) {
    const entry = cursor.sub(16 + index * 32, 32);
    const guid = entry.guid(0);
    const region = { offset: entry.u64Number(16), length: entry.u32(24) };
    if (guid !== BAT && guid !== METADATA) {
      if ((entry.u32(28) & 1) === 0) continue;
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
  const [bat, metadata] = [found.get(BAT), found.get(METADATA)];
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
