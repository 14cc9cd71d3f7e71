import { type Bytes, Cursor, hasAscii, isZero, type Structure, structure, untilNul, utf16Text } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VHD_BLOCK_BYTES } from '../limits.js';
import { decodeIn } from '../text/code-page.js';

/**
 * Footer of a VHD, at the end of the file; dynamic and differencing disks begin with a copy of it. All numbers are
 * big-endian.
 */
const VHD_FOOTER_FIELDS = {
  cookie: [0, 'ascii[8]', '"conectix"'],
  features: [8, 'u32be', 'Features; bit 1 is always set', { flags: { 0x1: 'temporary', 0x2: 'reserved' } }],
  minorVersion: [14, 'u16be', 'Lower half of the format version'],
  majorVersion: [12, 'u16be', 'Upper half of the format version: 1'],
  headerOffset: [16, 'u64be', 'Byte offset of the dynamic disk header; all ones in fixed disks'],
  created: [24, 'u32be', 'Seconds since 2000-01-01, UTC'],
  creator: [
    28,
    'ascii[4]',
    'Program that made the disk',
    { values: { 'vpc ': 'Virtual PC', 'vs  ': 'Virtual Server', 'win ': 'Windows' } },
  ],
  creatorVersion: [32, 'u32be', 'Version of that program'],
  creatorHost: [36, 'ascii[4]', 'System that it ran on', { values: { Wi2k: 'Windows', 'Mac ': 'Macintosh' } }],
  originalSize: [40, 'u64be', 'Bytes of the disk when it was made'],
  currentSize: [48, 'u64be', 'Bytes of the disk'],
  cylinders: [56, 'u16be', 'Cylinders: what fits of the size into cylinders, heads and sectors'],
  heads: [58, 'u8', 'Heads'],
  sectors: [59, 'u8', 'Sectors of a track'],
  type: [60, 'u32be', 'Type of the disk', { values: { 2: 'fixed', 3: 'dynamic', 4: 'differencing' } }],
  checksum: [64, 'u32be', "One's complement of the sum of all other bytes of the footer"],
  uniqueId: [68, 'guidbe', 'Identifies the disk; children record it'],
  savedState: [84, 'u8', 'Whether the machine was saved'],
} as const;
/** See {@link VHD_FOOTER_FIELDS}. */
export const VHD_FOOTER: Structure<typeof VHD_FOOTER_FIELDS> = structure(
  'vhd-footer',
  'Microsoft, Virtual Hard Disk Image Format Specification 1.0, Hard Disk Footer Format',
  VHD_FOOTER_FIELDS,
);

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
  /**
   * Size of the disk in bytes: the `current size` field. The geometry only tells what fits into CHS and is never used.
   */
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
  const at = VHD_FOOTER.fields;
  const typeNumber = at.type.read(cursor);
  return {
    offset,
    type: TYPES[typeNumber],
    typeNumber,
    majorVersion: at.majorVersion.read(cursor),
    headerOffset: cursor.u64NumberBe(at.headerOffset.offset),
    size: cursor.u64NumberBe(at.currentSize.offset),
    uniqueId: at.uniqueId.read(cursor),
    creator: at.creator.read(cursor).replace(/[. ]+$/, ''),
    savedState: at.savedState.read(cursor) !== 0,
    checksumValid: checksum(bytes, at.checksum.offset) === at.checksum.read(cursor),
  };
}

/** One's complement of the sum of all bytes but the four at `field`. */
export function checksum(bytes: Bytes, field: number): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 1) if (i < field || i >= field + 4) sum += bytes[i];
  return ~sum >>> 0;
}

/**
 * Header of dynamic and differencing VHDs, 1024 bytes, big-endian; eight parent locators of 24 bytes stand in it from
 * byte 576.
 */
const VHD_DYNAMIC_HEADER_FIELDS = {
  cookie: [0, 'ascii[8]', '"cxsparse"'],
  dataOffset: [8, 'u64be', 'Byte offset of a further header: all ones'],
  tableOffset: [16, 'u64be', 'Byte offset of the block allocation table'],
  version: [24, 'u32be', 'Version of the header: 0x10000'],
  tableEntries: [28, 'u32be', 'Entries of the table: blocks of the disk'],
  blockSize: [32, 'u32be', 'Bytes of data in a block, without its sector bitmap'],
  checksum: [36, 'u32be', "One's complement of the sum of all other bytes of the header"],
  parentId: [40, 'guidbe', "The parent's unique id"],
  parentTime: [56, 'u32be', 'When the parent was last modified: seconds since 2000-01-01, UTC'],
  parentName: [64, 'utf16be[256]', 'Name of the parent'],
} as const;
/** See {@link VHD_DYNAMIC_HEADER_FIELDS}. */
export const VHD_DYNAMIC_HEADER: Structure<typeof VHD_DYNAMIC_HEADER_FIELDS> = structure(
  'vhd-dynamic-header',
  'Microsoft, Virtual Hard Disk Image Format Specification 1.0, Dynamic Disk Header Format',
  VHD_DYNAMIC_HEADER_FIELDS,
);

/** Where one notation of the parent's path lies. */
const VHD_PARENT_LOCATOR_FIELDS = {
  platform: [
    0,
    'ascii[4]',
    'Notation of the path',
    { values: { W2ru: 'relative', W2ku: 'absolute', MacX: 'file URL' } },
  ],
  dataSpace: [4, 'u32be', 'Bytes, in some writers sectors, kept for the path'],
  dataLength: [8, 'u32be', 'Bytes of the path'],
  dataOffset: [16, 'u64be', 'Byte offset of the path in the file'],
} as const;
/** See {@link VHD_PARENT_LOCATOR_FIELDS}. */
export const VHD_PARENT_LOCATOR: Structure<typeof VHD_PARENT_LOCATOR_FIELDS> = structure(
  'vhd-parent-locator',
  'Microsoft, Virtual Hard Disk Image Format Specification 1.0, Parent Locator',
  VHD_PARENT_LOCATOR_FIELDS,
);
const LOCATORS_OFFSET = 576;
const LOCATOR_BYTES = 24;
/** Length of the dynamic disk header in bytes. */
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
  const at = VHD_DYNAMIC_HEADER.fields;
  const blockSize = at.blockSize.read(cursor);
  if (blockSize < 512 || blockSize % 512 !== 0 || blockSize > MAX_VHD_BLOCK_BYTES) {
    const range = `a multiple of 512 up to ${MAX_VHD_BLOCK_BYTES}`;
    throw imageError(
      'IMAGE_DAMAGED',
      `${layer} has a VHD block size of ${blockSize} bytes; expected ${range}`,
      cursor.at(at.blockSize.offset),
      {
        blockSize,
      },
    );
  }
  return {
    tableOffset: cursor.u64NumberBe(at.tableOffset.offset),
    tableEntries: at.tableEntries.read(cursor),
    blockSize,
    parentId: at.parentId.read(cursor),
    parentName: untilNul(at.parentName.read(cursor)),
    locators: parseLocators(cursor),
    checksumValid: checksum(bytes, at.checksum.offset) === at.checksum.read(cursor),
  };
}

function parseLocators(cursor: Cursor): VhdParentLocator[] {
  const locators: VhdParentLocator[] = [];
  const { platform, dataLength, dataOffset } = VHD_PARENT_LOCATOR.fields;
  for (let index = 0; index < LOCATORS; index += 1) {
    const at = LOCATORS_OFFSET + index * LOCATOR_BYTES;
    if (isZero(cursor.slice(at, platform.length))) continue;
    locators.push({
      platform: platform.read(cursor, at),
      length: dataLength.read(cursor, at),
      offset: cursor.u64NumberBe(at + dataOffset.offset),
    });
  }
  return locators;
}

/**
 * The path in a parent locator's data.
 * @returns `undefined` for a platform code whose notation names no file (Mac OS aliases)
 */
export function parentLocatorPath(platform: string, data: Bytes): string | undefined {
  // W2ku (absolute) and W2ru (relative) are UTF-16LE; MacX is a UTF-8 file URL; Wi2k and Wi2r are their older
  // single-byte forms.
  if (platform === 'W2ku' || platform === 'W2ru') return untilNul(utf16Text(data));
  if (platform === 'MacX') return untilNul(new TextDecoder().decode(data));
  if (platform === 'Wi2k' || platform === 'Wi2r') return untilNul(decodeIn('windows-1252', data) ?? '');
  return undefined;
}
