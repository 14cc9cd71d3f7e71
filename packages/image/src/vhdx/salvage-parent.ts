import { type ByteSource, Cursor, type ReadOptions } from '@deadbox/core';
import type { ParentReference } from '../image-format.js';
import { MAX_VHDX_METADATA_BYTES } from '../limits.js';
import {
  VHDX_METADATA_ENTRY,
  VHDX_METADATA_ENTRY_BYTES,
  VHDX_METADATA_TABLE,
  VHDX_PARENT_LOCATOR_ITEM,
} from './metadata.js';
import { parseParentLocator } from './parent-locator.js';
import {
  VHDX_METADATA_REGION,
  VHDX_REGION_ENTRIES_OFFSET,
  VHDX_REGION_ENTRY,
  VHDX_REGION_TABLE,
  VHDX_REGION_TABLE_BYTES,
  VHDX_REGION_TABLE_OFFSETS,
} from './region-table.js';

/** See `ImageFormat.salvageParent`. */
export async function salvageVhdxParent(
  source: ByteSource,
  reading: ReadOptions,
): Promise<ParentReference | undefined> {
  for (const offset of VHDX_REGION_TABLE_OFFSETS) {
    const region = metadataIn(new Cursor(await source.read(offset, VHDX_REGION_TABLE_BYTES, reading)));
    if (region === undefined) continue;
    const length = Math.min(region.length, MAX_VHDX_METADATA_BYTES, Math.max(source.size - region.offset, 0));
    return parentIn(new Cursor(await source.read(region.offset, length, reading)), source.name ?? 'image');
  }
  return undefined;
}

/** Where a region table says that the metadata is. */
function metadataIn(table: Cursor): { readonly offset: number; readonly length: number } | undefined {
  const at = VHDX_REGION_ENTRY.fields;
  const { size } = VHDX_REGION_ENTRY;
  const count = Math.min(VHDX_REGION_TABLE.fields.entryCount.read(table), VHDX_REGION_TABLE_BYTES / size - 1);
  for (let index = 0; index < count; index += 1) {
    const entry = table.sub(VHDX_REGION_ENTRIES_OFFSET + index * size, size);
    if (at.guid.read(entry) !== VHDX_METADATA_REGION) continue;
    return { offset: entry.u64Number(at.fileOffset.offset), length: at.length.read(entry) };
  }
  return undefined;
}

/** What the parent locator of the metadata says; `undefined` without one. */
function parentIn(metadata: Cursor, layer: string): ParentReference | undefined {
  const at = VHDX_METADATA_ENTRY.fields;
  const count = VHDX_METADATA_TABLE.fields.entryCount.read(metadata);
  for (let index = 1; index <= count; index += 1) {
    const entry = metadata.sub(index * VHDX_METADATA_ENTRY_BYTES, VHDX_METADATA_ENTRY_BYTES);
    if (at.itemId.read(entry) !== VHDX_PARENT_LOCATOR_ITEM) continue;
    return parseParentLocator(metadata.sub(at.offset.read(entry), at.length.read(entry)), layer);
  }
  return undefined;
}
