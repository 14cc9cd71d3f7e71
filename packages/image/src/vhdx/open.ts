import { type ByteSource, Cursor, defined, type Json, untilNul, utf16Text } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext, OpenedParent, VirtualDisk } from '../image-format.js';
import { MAX_VIRTUAL_SIZE } from '../limits.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import { readHeader, replayed, VhdxFile } from './file.js';
import { VhdxMap } from './map.js';
import {
  METADATA_TABLE_START_BYTES,
  metadataTableLength,
  parseMetadata,
  parseMetadataTable,
  type VhdxItemName,
  type VhdxItems,
} from './metadata.js';
import { parseParentLocator } from './parent-locator.js';
import {
  parseRegionTable,
  VHDX_REGION_TABLE_BYTES,
  VHDX_REGION_TABLE_OFFSETS,
  type VhdxRegion,
  type VhdxRegions,
} from './region-table.js';

/** Items further apart than this are read one by one. */
const ITEM_SPAN = 64 * 1024;

/** Opens what `vhdxFormat` recognised. */
export async function openVhdx(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const plain = await VhdxFile.load(source, context);
  const header = await readHeader(plain, context);
  const { file, log } = await replayed(plain, header, context);
  const regions = await readRegions(file, context);
  const items = await readItems(file, regions.metadata, context);
  const metadata = parseMetadata((name) => items.value(name), context.name);
  if (metadata.virtualSize > MAX_VIRTUAL_SIZE) {
    const at = { layer: context.name, offset: items.places.virtualDiskSize?.offset ?? 0 };
    throw imageError(
      'IMAGE_LIMIT',
      `${context.name} claims a disk of ${metadata.virtualSize} bytes; the most that deadbox opens is ${MAX_VIRTUAL_SIZE}`,
      at,
      {
        size: metadata.virtualSize,
      },
    );
  }
  const identity = { state: header.dataWriteGuid };
  const parent = metadata.hasParent ? await openParent(items.value('parentLocator'), context, identity) : undefined;
  const map = new VhdxMap(file.source, context.name, metadata, regions.bat, [regions.bat, regions.metadata, log]);
  const details: Record<string, Json> = {
    creator: untilNul(utf16Text(context.head.subarray(8, 520))),
    blockSize: metadata.blockSize,
    logicalSectorSize: metadata.logicalSectorSize,
    dataWriteGuid: header.dataWriteGuid,
    logReplayed: file.source !== source,
    ...defined({ physicalSectorSize: metadata.physicalSectorSize }),
    ...defined({ virtualDiskId: metadata.virtualDiskId }),
  };
  const variant = metadata.hasParent ? 'differencing' : metadata.fixed ? 'fixed' : 'dynamic';
  return new BlockMappedDisk(map, context, {
    format: 'vhdx',
    hasChecksums: true,
    variant,
    details,
    parent,
    identity,
    sectorSize: metadata.logicalSectorSize,
  });
}

async function readRegions(file: VhdxFile, { name, issues }: OpenContext): Promise<VhdxRegions> {
  for (const offset of VHDX_REGION_TABLE_OFFSETS) {
    const regions = parseRegionTable(await file.read(offset, VHDX_REGION_TABLE_BYTES, 'region table'), name, offset);
    if (regions === undefined) {
      issues.add({
        code: 'image.backup-structure-used',
        severity: 'warning',
        at: { layer: name, offset },
        data: { structure: 'region table' },
      });
      continue;
    }
    for (const region of [regions.metadata, regions.bat]) {
      if (region.offset + region.length <= file.source.size) continue;
      throw imageError(
        'IMAGE_TRUNCATED',
        `${name} is truncated: a region of ${region.length} bytes lies at byte ${region.offset}, but the file ends at ${file.source.size}`,
        { layer: name, offset: region.offset },
        { ...region, size: file.source.size },
      );
    }
    return regions;
  }
  throw imageError('IMAGE_DAMAGED', `Both region tables of ${name} are broken: signature or CRC-32C is wrong`, {
    layer: name,
    offset: VHDX_REGION_TABLE_OFFSETS[0],
  });
}

/** The metadata items, in one read where they lie together. */
async function readItems(
  file: VhdxFile,
  region: VhdxRegion,
  { name }: OpenContext,
): Promise<{ places: VhdxItems; value: (item: VhdxItemName) => Cursor | undefined }> {
  const start = await file.read(region.offset, METADATA_TABLE_START_BYTES, 'metadata table');
  const length = metadataTableLength(start, name, region);
  const table = length <= start.length ? start : await file.read(region.offset, length, 'metadata table');
  const places = parseMetadataTable(table, name, region);
  const found = Object.entries(places);
  const first = Math.min(...found.map(([, place]) => place.offset));
  const end = Math.max(...found.map(([, place]) => place.offset + place.length));
  const values = new Map<string, Cursor>();
  const together = end - first <= ITEM_SPAN ? await file.read(first, end - first, 'metadata') : undefined;
  for (const [item, place] of found) {
    const bytes =
      together?.subarray(place.offset - first, place.offset - first + place.length) ??
      (await file.read(place.offset, place.length, 'metadata'));
    values.set(item, new Cursor(bytes, name, place.offset));
  }
  return { places, value: (item) => values.get(item) };
}

async function openParent(
  locator: Cursor | undefined,
  context: OpenContext,
  identity: { state: string },
): Promise<OpenedParent> {
  if (locator !== undefined) return context.openParent(parseParentLocator(locator, context.name), identity);
  const at = { layer: context.name, offset: 0 };
  throw imageError('IMAGE_DAMAGED', `${context.name} is a differencing disk without a parent locator`, at);
}
