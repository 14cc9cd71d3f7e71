import { asciiText, type Bytes, Cursor, hasAscii, toHex } from '@deadbox/core';

/*
 * Footer (Microsoft, "Virtual Hard Disk Image Format Specification", version 1.0, "Hard Disk Footer Format"); all numbers big-endian:
 *   0  8  cookie "conectix"            40 8  original size          64  4  checksum
 *   8  4  features                     48 8  current size           68 16  unique id
 *  12  4  format version 0x00010000    56 4  geometry (C/H/S)       84  1  saved state
 *  16  8  offset of the next header    60 4  disk type              85     reserved
 *  24  4  seconds since 2000-01-01     28 4  creator application    32 4  creator version   36 4  creator host OS
 */
const COOKIE = 'conectix';
/** Length of the footer in bytes. */
export const VHD_FOOTER_BYTES = 512;
/** Virtual PC before 2004 wrote footers of 511 bytes. */
const OLD_FOOTER_BYTES = 511;

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

/** The offsets, counted from the end of the bytes, where `tail` has a footer; the whole one first. */
export function footerLengthAt(tail: Bytes): number | undefined {
  return [VHD_FOOTER_BYTES, OLD_FOOTER_BYTES].find((length) => hasAscii(tail, tail.length - length, COOKIE));
}

/** Whether `head` begins with a copy of the footer. */
export function hasFooterCopy(head: Bytes): boolean {
  return head.length >= VHD_FOOTER_BYTES && hasAscii(head, 0, COOKIE);
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
