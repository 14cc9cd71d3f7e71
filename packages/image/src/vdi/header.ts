import { asciiText, type Bytes, Cursor, untilNul } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VDI_BLOCK_BYTES } from '../limits.js';

/*
 * VDI 1.1 header (VirtualBox, VDICore.h), little-endian; UUIDs with the first three groups little-endian:
 * 0x00 64 text          0x4C 4 image type     0x158 4 data offset      0x178 4 block size        0x188 16 uuid create
 * 0x40 4 0xBEDA107F     0x50 4 flags          0x15C 16 geometry        0x17C 4 extra per block   0x198 16 uuid modify
 * 0x44 4 version        0x54 256 comment      0x170 8 disk size        0x180 4 blocks            0x1A8 16 uuid linkage (parent's create)
 * 0x48 4 header size    0x154 4 map offset                             0x184 4 allocated         0x1B8 16 uuid parent modify
 */
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
  const [minor, major] = [cursor.u16(0x44), cursor.u16(0x46)];
  if (major !== 1) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} is a VDI of version ${major}.${minor}; only version 1 is known`,
      cursor.at(0x44),
      {
        major,
        minor,
      },
    );
  }
  const type = cursor.u32(0x4c);
  const variant = VARIANTS[type];
  if (variant === undefined) {
    throw imageError('IMAGE_UNSUPPORTED', `${layer} is a VDI of type ${type}; known are 1 to 4`, cursor.at(0x4c), {
      type,
    });
  }
  const [blockSize, blockExtra] = [cursor.u32(0x178), cursor.u32(0x17c)];
  if (blockSize < 512 || blockSize % 512 !== 0 || blockSize > MAX_VDI_BLOCK_BYTES || blockExtra > MAX_VDI_BLOCK_BYTES) {
    const message = `${layer} has blocks of ${blockSize} bytes with ${blockExtra} extra; expected a multiple of 512 up to ${MAX_VDI_BLOCK_BYTES}`;
    throw imageError('IMAGE_DAMAGED', message, cursor.at(0x178), { blockSize, blockExtra });
  }
  const [size, blocks] = [cursor.u64Number(0x170), cursor.u32(0x180)];
  if (blocks * blockSize < size) {
    const message = `${layer} has ${blocks} blocks of ${blockSize} bytes for a disk of ${size} bytes`;
    throw imageError('IMAGE_DAMAGED', message, cursor.at(0x180), { blocks, blockSize, size });
  }
  return {
    variant,
    text: untilNul(asciiText(head, 0, 64)).replace(/[. ]+$/, ''),
    mapOffset: cursor.u32(0x154),
    dataOffset: cursor.u32(0x158),
    size,
    blockSize,
    blockExtra,
    blocks,
    allocatedBlocks: cursor.u32(0x184),
    uuid: cursor.guid(0x188),
    modifyUuid: cursor.guid(0x198),
    parentUuid: cursor.guid(0x1a8),
    parentModifyUuid: cursor.guid(0x1b8),
  };
}
