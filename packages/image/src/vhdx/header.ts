import { type Bytes, Cursor, crc32c, equalBytes, hasAscii } from '@deadbox/core';

/*
 * MS-VHDX 2.2, header section: two headers of 4 KiB at 64 KiB and 128 KiB; little-endian.
 *   0 4 signature "head"      16 16 FileWriteGuid    64 2 LogVersion   72 8 LogOffset
 *   4 4 checksum (CRC-32C)    32 16 DataWriteGuid    66 2 Version
 *   8 8 SequenceNumber        48 16 LogGuid          68 4 LogLength
 */
/** Byte offsets of the two headers. */
export const VHDX_HEADER_OFFSETS = [0x1_0000, 0x2_0000] as const;
/** Length of a header in bytes, as its checksum counts it. */
export const VHDX_HEADER_BYTES = 4096;

/** What a header of a VHDX says. */
export interface VhdxHeader {
  /** Byte offset of the header in the file. */
  readonly offset: number;
  readonly sequenceNumber: bigint;
  readonly fileWriteGuid: string;
  /** New with every session that changes the disk; children record it. */
  readonly dataWriteGuid: string;
  /** All zero when the log is empty. */
  readonly logGuid: Bytes;
  readonly logVersion: number;
  readonly version: number;
  readonly logLength: number;
  readonly logOffset: number;
  readonly bytes: Bytes;
}

/**
 * Parses a header.
 * @returns `undefined` when the signature or the checksum is wrong
 */
export function parseHeader(bytes: Bytes, layer: string, offset: number): VhdxHeader | undefined {
  const cursor = new Cursor(bytes, layer, offset);
  if (!hasAscii(bytes, 0, 'head') || !checksumValid(bytes)) return undefined;
  return {
    offset,
    sequenceNumber: cursor.u64(8),
    fileWriteGuid: cursor.guid(16),
    dataWriteGuid: cursor.guid(32),
    logGuid: cursor.slice(48, 16),
    logVersion: cursor.u16(64),
    version: cursor.u16(66),
    logLength: cursor.u32(68),
    logOffset: cursor.u64Number(72),
    bytes,
  };
}

/** The valid header with the higher sequence number. */
export function currentHeader(first: VhdxHeader | undefined, second: VhdxHeader | undefined): VhdxHeader | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return second.sequenceNumber > first.sequenceNumber ? second : first;
}

/** Whether two valid headers of one sequence number differ, which no writer may leave behind. */
export function contradict(first: VhdxHeader | undefined, second: VhdxHeader | undefined): boolean {
  return (
    first !== undefined &&
    second !== undefined &&
    first.sequenceNumber === second.sequenceNumber &&
    !equalBytes(first.bytes, second.bytes)
  );
}

const NO_CHECKSUM: Bytes = new Uint8Array(4);

/** Whether the CRC-32C at byte 4 is that of `bytes` with the checksum field zero (headers, region tables, log entries). */
export function checksumValid(bytes: Bytes): boolean {
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(4, true);
  return crc32c(bytes.subarray(8), crc32c(NO_CHECKSUM, crc32c(bytes.subarray(0, 4)))) === stored;
}
