import { type Bytes, Cursor, type Structure, structure } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VDI_BLOCK_BYTES } from '../limits.js';

/** Header of a VDI of version 1.1, little-endian. */
const VDI_HEADER_FIELDS = {
  text: [0x00, 'ascii[64]', 'Text for people: which program made the image'],
  signature: [0x40, 'u32', '0xBEDA107F'],
  minorVersion: [0x44, 'u16', 'Minor version: 1'],
  majorVersion: [0x46, 'u16', 'Major version: 1'],
  headerSize: [0x48, 'u32', 'Bytes of the header from here on: 400'],
  type: [0x4c, 'u32', 'Type of the image', { values: { 1: 'dynamic', 2: 'fixed', 3: 'undo', 4: 'differencing' } }],
  flags: [0x50, 'u32', 'Flags'],
  comment: [0x54, 'ascii[256]', 'Comment'],
  mapOffset: [0x154, 'u32', 'Byte offset of the block map'],
  dataOffset: [0x158, 'u32', 'Byte offset of the blocks'],
  sectorSize: [0x168, 'u32', 'Bytes of a sector in the geometry'],
  size: [0x170, 'u64', 'Bytes of the disk'],
  blockSize: [0x178, 'u32', 'Bytes of a block'],
  blockExtra: [0x17c, 'u32', 'Bytes in front of the data of each block'],
  blocks: [0x180, 'u32', 'Blocks of the disk'],
  allocatedBlocks: [0x184, 'u32', 'Blocks that lie in the file'],
  uuid: [0x188, 'guid', 'Identifies the image'],
  modifyUuid: [0x198, 'guid', 'New with every writing session'],
  parentUuid: [0x1a8, 'guid', "The parent's identifier"],
  parentModifyUuid: [0x1b8, 'guid', "The parent's last writing session when this image was made"],
} as const;
/** See {@link VDI_HEADER_FIELDS}. */
export const VDI_HEADER: Structure<typeof VDI_HEADER_FIELDS> = structure(
  'vdi-header',
  'VirtualBox, VDICore.h, VDIHEADER1PLUS',
  VDI_HEADER_FIELDS,
);
/** Bytes of the header that are used. */
export const VDI_HEADER_BYTES = 0x1c8;

/** Kind of a VDI. */
export type VdiVariant = 'dynamic' | 'fixed' | 'undo' | 'differencing';
const VARIANTS: Readonly<Record<number, VdiVariant>> = { 1: 'dynamic', 2: 'fixed', 3: 'undo', 4: 'differencing' };

/** What the header of a VDI says. */
export interface VdiHeader {
  readonly variant: VdiVariant;
  readonly text: string;
  readonly mapOffset: number;
  readonly dataOffset: number;
  readonly size: number;
  readonly blockSize: number;
  /** Bytes in front of the data of each block. */
  readonly blockExtra: number;
  readonly blocks: number;
  readonly allocatedBlocks: number;
  readonly uuid: string;
  /** New with every writing session. */
  readonly modifyUuid: string;
  readonly parentUuid: string;
  readonly parentModifyUuid: string;
}

/**
 * Parses the header.
 * @throws ImageError `IMAGE_UNSUPPORTED`, `IMAGE_DAMAGED`
 */
export function parseVdiHeader(head: Bytes, layer: string): VdiHeader {
  const cursor = new Cursor(head, layer, 0);
  const at = VDI_HEADER.fields;
  const [minor, major] = [at.minorVersion.read(cursor), at.majorVersion.read(cursor)];
  if (major !== 1) {
    const message = `${layer} is a VDI of version ${major}.${minor}; only version 1 is known`;
    throw imageError('IMAGE_UNSUPPORTED', message, cursor.at(at.minorVersion.offset), { major, minor });
  }
  const type = at.type.read(cursor);
  const variant = VARIANTS[type];
  if (variant === undefined) {
    const message = `${layer} is a VDI of type ${type}; known are 1 to 4`;
    throw imageError('IMAGE_UNSUPPORTED', message, cursor.at(at.type.offset), { type });
  }
  const [blockSize, blockExtra] = [at.blockSize.read(cursor), at.blockExtra.read(cursor)];
  if (blockSize < 512 || blockSize % 512 !== 0 || blockSize > MAX_VDI_BLOCK_BYTES || blockExtra > MAX_VDI_BLOCK_BYTES) {
    const message = `${layer} has blocks of ${blockSize} bytes with ${blockExtra} extra; expected a multiple of 512 up to ${MAX_VDI_BLOCK_BYTES}`;
    throw imageError('IMAGE_DAMAGED', message, cursor.at(at.blockSize.offset), { blockSize, blockExtra });
  }
  const [size, blocks] = [cursor.u64Number(at.size.offset), at.blocks.read(cursor)];
  if (blocks * blockSize < size) {
    const message = `${layer} has ${blocks} blocks of ${blockSize} bytes for a disk of ${size} bytes`;
    throw imageError('IMAGE_DAMAGED', message, cursor.at(at.blocks.offset), { blocks, blockSize, size });
  }
  return {
    variant,
    text: at.text.read(cursor).replace(/[. ]+$/, ''),
    mapOffset: at.mapOffset.read(cursor),
    dataOffset: at.dataOffset.read(cursor),
    size,
    blockSize,
    blockExtra,
    blocks,
    allocatedBlocks: at.allocatedBlocks.read(cursor),
    uuid: at.uuid.read(cursor),
    modifyUuid: at.modifyUuid.read(cursor),
    parentUuid: at.parentUuid.read(cursor),
    parentModifyUuid: at.parentModifyUuid.read(cursor),
  };
}
