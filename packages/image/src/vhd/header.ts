import { asciiText, type Bytes, Cursor, hasAscii, toHex, untilNul, utf16Text } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VHD_BLOCK_BYTES } from '../limits.js';

/*
 * Footer (Microsoft, "Virtual Hard Disk Image Format Specification", version 1.0, "Hard Disk Footer Format"); all numbers big-endian:
 *   0  8  cookie "conectix"            40 8  original size          64  4  checksum
 *   8  4  features                     48 8  current size           68 16  unique id
 *  12  4  format version 0x00010000    56 4  geometry (C/H/S)       84  1  saved state
 *  16  8  offset of the next header    60 4  disk type              85     reserved
 *  24  4  seconds since 2000-01-01     28 4  creator application    32 4  creator version   36 4  creator host OS
 */
/** `disk type` of the footer. */
export type VhdType = 'fixed' | 'dynamic' | 'differencing';
const TYPES: Readonly<Record<number, VhdType>> = { 2: 'fixed', 3: 'dynamic', 4: 'differencing' };

/** What the footer of a VHD says. */
export interface VhdFooter {
  /** Byte offset of the footer in the file. */
  readonly offset: number;
  readonly type: VhdType | undefined;
  /** The stored number behind {@link type}. */
  readonly typeNumber: number;
  /** Upper half of the format version; 1 is the only one. */
  readonly majorVersion: number;
  /** Byte offset of the dynamic disk header; meaningless for fixed disks. */
  readonly headerOffset: number;
  /** Size of the disk in bytes: the `current size` field. The geometry only tells what fits into CHS and is never used. */
  readonly size: number;
  readonly uniqueId: string;
  readonly creator: string;
  readonly savedState: boolean;
  readonly checksumValid: boolean;
}

/**
 * Parses a footer of 512 or 511 bytes that begins with the cookie.
 * @param offset - its byte offset in the file
 */
export function parseFooter(bytes: Bytes, layer: string, offset: number): VhdFooter {
  const cursor = new Cursor(bytes, layer, offset);
  const typeNumber = cursor.u32Be(60);
  return {
    offset,
    type: TYPES[typeNumber],
    typeNumber,
    majorVersion: cursor.u16Be(12),
    headerOffset: cursor.u64NumberBe(16),
    size: cursor.u64NumberBe(48),
    uniqueId: bigEndianUuid(cursor.slice(68, 16)),
    creator: asciiText(bytes, 28, 4).replace(/[. ]+$/, ''),
    savedState: cursor.u8(84) !== 0,
    checksumValid: checksum(bytes, 64) === cursor.u32Be(64),
  };
}

/** One's complement of the sum of all bytes but the four at `field`. */
export function checksum(bytes: Bytes, field: number): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 1) if (i < field || i >= field + 4) sum += bytes[i];
  return ~sum >>> 0;
}

/** Upper-case text of a UUID in network byte order (RFC 9562), as VHD stores them. */
export function bigEndianUuid(bytes: Bytes): string {
  const text = toHex(bytes).toUpperCase();
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}

/*
 * Dynamic disk header ("Dynamic Disk Header Format"), 1024 bytes, big-endian:
 *   0 8 cookie "cxsparse"   16 8 table offset   28 4 table entries   36 4 checksum      56 4 parent time stamp
 *   8 8 reserved            24 4 version        32 4 block size      40 16 parent id    64 512 parent name (UTF-16BE)
 * 576 8 x 24 parent locators: 0 4 platform code, 4 4 data space, 8 4 data length, 16 8 data offset
 */
export const VHD_HEADER_BYTES = 1024;
const LOCATORS = 8;

/** Where a differencing VHD keeps one notation of its parent's path. */
export interface VhdParentLocator {
  readonly platform: string;
  /** Byte offset of the path in the file. */
  readonly offset: number;
  /** Length of the path in bytes. */
  readonly length: number;
}

/** What the dynamic disk header says. */
export interface VhdDynamicHeader {
  /** Byte offset of the block allocation table. */
  readonly tableOffset: number;
  readonly tableEntries: number;
  /** Bytes of data in a block, without its sector bitmap. */
  readonly blockSize: number;
  readonly parentId: string;
  readonly parentName: string;
  readonly locators: readonly VhdParentLocator[];
  readonly checksumValid: boolean;
}

/**
 * Parses the dynamic disk header.
 * @throws ImageError `IMAGE_DAMAGED` without cookie or with an impossible block size
 */
export function parseDynamicHeader(bytes: Bytes, layer: string, offset: number): VhdDynamicHeader {
  const cursor = new Cursor(bytes, layer, offset);
  if (!hasAscii(bytes, 0, 'cxsparse')) {
    throw imageError(
      'IMAGE_DAMAGED',
      `The dynamic disk header at byte ${offset} of ${layer} does not begin with "cxsparse"`,
      cursor.at(0),
    );
  }
  const blockSize = cursor.u32Be(32);
  if (blockSize < 512 || blockSize % 512 !== 0 || blockSize > MAX_VHD_BLOCK_BYTES) {
    const range = `a multiple of 512 up to ${MAX_VHD_BLOCK_BYTES}`;
    throw imageError(
      'IMAGE_DAMAGED',
      `${layer} has a VHD block size of ${blockSize} bytes; expected ${range}`,
      cursor.at(32),
      {
        blockSize,
      },
    );
  }
  return {
    tableOffset: cursor.u64NumberBe(16),
    tableEntries: cursor.u32Be(28),
    blockSize,
    parentId: bigEndianUuid(cursor.slice(40, 16)),
    parentName: untilNul(utf16Text(swappedPairs(cursor.slice(64, 512)))),
    locators: parseLocators(cursor),
    checksumValid: checksum(bytes, 36) === cursor.u32Be(36),
  };
}

function parseLocators(cursor: Cursor): VhdParentLocator[] {
  const locators: VhdParentLocator[] = [];
  for (let index = 0; index < LOCATORS; index += 1) {
    const at = 576 + index * 24;
    const code = cursor.slice(at, 4);
    if (code.every((byte) => byte === 0)) continue;
    locators.push({
      platform: String.fromCharCode(...code),
      length: cursor.u32Be(at + 8),
      offset: cursor.u64NumberBe(at + 16),
    });
  }
  return locators;
}

/**
 * The path in a parent locator's data.
 * @returns `undefined` for a platform code whose notation names no file (Mac OS aliases)
 */
export function parentLocatorPath(platform: string, data: Bytes): string | undefined {
  // W2ku (absolute) and W2ru (relative) are UTF-16LE; MacX is a UTF-8 file URL; Wi2k and Wi2r are their older single-byte forms.
  if (platform === 'W2ku' || platform === 'W2ru') return untilNul(utf16Text(data));
  if (platform === 'MacX') return untilNul(new TextDecoder().decode(data));
  if (platform === 'Wi2k' || platform === 'Wi2r') return untilNul(String.fromCharCode(...data));
  return undefined;
}

function swappedPairs(bytes: Bytes): Bytes {
  const swapped = new Uint8Array(bytes.length);
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    swapped[i] = bytes[i + 1];
    swapped[i + 1] = bytes[i];
  }
  return swapped;
}
