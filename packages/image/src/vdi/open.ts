import { type ByteSource, NIL_GUID } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext, ParentReference, VirtualDisk } from '../image-format.js';
import { MAX_VIRTUAL_SIZE } from '../limits.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import { parseVdiHeader, VDI_HEADER, VDI_HEADER_BYTES, type VdiHeader } from './header.js';
import { VdiMap } from './map.js';

/** Opens what `vdiFormat` recognised. */
export async function openVdi(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const { name } = context;
  const header = parseVdiHeader(await context.read(0, VDI_HEADER_BYTES), name);
  checkPlaces(source, header, context);
  const identity = { id: header.uuid, state: header.modifyUuid };
  // Fixed and dynamic images of a snapshot's base also fill the linkage fields of their children, never their own.
  const hasParent = (header.variant === 'differencing' || header.variant === 'undo') && header.parentUuid !== NIL_GUID;
  const parent = hasParent ? await context.openParent(parentOf(header, name), identity) : undefined;
  const details = { creator: header.text, uuid: header.uuid, blockSize: header.blockSize };
  const map = new VdiMap(source, name, header, hasParent);
  return new BlockMappedDisk(map, context, {
    format: 'vdi',
    variant: header.variant,
    details,
    parent,
    identity,
    sectorSize: 512,
  });
}

/**
 * VDI records no name: VirtualBox keeps the files' places in the machine's settings, and calls snapshots by their UUID.
 */
function parentOf(header: VdiHeader, name: string): ParentReference {
  return {
    names: [`{${header.parentUuid.toLowerCase()}}.vdi`],
    id: header.parentUuid,
    ...(header.parentModifyUuid === NIL_GUID ? {} : { states: [header.parentModifyUuid] }),
    search: (sibling) => /\.vdi$/i.test(sibling) && sibling !== name,
  };
}

function checkPlaces(source: ByteSource, header: VdiHeader, { name, issues }: OpenContext): void {
  const { mapOffset, dataOffset, blocks, size } = header;
  const at = { layer: name, offset: VDI_HEADER.fields.mapOffset.offset };
  const mapEnd = mapOffset + blocks * 4;
  if (size > MAX_VIRTUAL_SIZE) {
    throw imageError(
      'IMAGE_LIMIT',
      `${name} claims a disk of ${size} bytes; the most that deadbox opens is ${MAX_VIRTUAL_SIZE}`,
      { layer: name, offset: VDI_HEADER.fields.size.offset },
      { size },
    );
  }
  if (mapOffset < VDI_HEADER_BYTES - 8 || (mapOffset < dataOffset && mapEnd > dataOffset)) {
    throw imageError(
      'IMAGE_DAMAGED',
      `${name} has its block map at byte ${mapOffset}, on top of the header or the data at ${dataOffset}`,
      at,
      { mapOffset, dataOffset },
    );
  }
  if (mapEnd > source.size) {
    throw imageError(
      'IMAGE_TRUNCATED',
      `${name} is truncated: its block map ends at byte ${mapEnd}, but the file at ${source.size}`,
      at,
      {
        mapEnd,
        fileSize: source.size,
      },
    );
  }
  const dataEnd = dataOffset + header.allocatedBlocks * (header.blockSize + header.blockExtra);
  if (dataEnd > source.size && dataEnd <= Number.MAX_SAFE_INTEGER) {
    issues.add({
      code: 'image.truncated',
      severity: 'error',
      at: { layer: name, offset: source.size },
      data: { expectedSize: dataEnd, fileSize: source.size },
    });
  }
}
