import { type Bytes, Cursor, crc32c, equalBytes, hasAscii, type Structure, structure } from '@deadbox/core';

/** A header of a VHDX: two of 4 KiB, at 64 KiB and 128 KiB; little-endian. */
const VHDX_HEADER_FIELDS = {
  signature: [0, 'ascii[4]', '"head"'],
  checksum: [4, 'u32', 'CRC-32C of the 4096 bytes with this field zero'],
  sequenceNumber: [8, 'u64big', 'The valid header with the higher number counts'],
  fileWriteGuid: [16, 'guid', 'New with every session that writes to the file'],
  dataWriteGuid: [32, 'guid', 'New with every session that changes the disk; children record it'],
  logGuid: [48, 'bytes[16]', 'Identifies the entries of the log that count; all zero when the log is empty'],
  logVersion: [64, 'u16', 'Version of the log: 0'],
  version: [66, 'u16', 'Version of the format: 1'],
  logLength: [68, 'u32', 'Bytes of the log'],
  logOffset: [72, 'u64', 'Byte offset of the log'],
} as const;
/** See {@link VHDX_HEADER_FIELDS}. */
export const VHDX_HEADER: Structure<typeof VHDX_HEADER_FIELDS> = structure(
  'vhdx-header',
  '[MS-VHDX] 2.2.2',
  VHDX_HEADER_FIELDS,
);
/** Byte offsets of the two headers. */
export const VHDX_HEADER_OFFSETS = [0x1_0000, 0x2_0000] as const;
/** Length of a header in bytes, as its checksum counts it. */
export const VHDX_HEADER_BYTES = 4096;

/** What a header of a VHDX says. */
export interface VhdxHeader {
  /** Byte offset of the header in the file. */
  readonly offset: number;
  readonly sequenceNumber: bigint;
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
  const at = VHDX_HEADER.fields;
  return {
    offset,
    sequenceNumber: at.sequenceNumber.read(cursor),
    dataWriteGuid: at.dataWriteGuid.read(cursor),
    logGuid: at.logGuid.read(cursor),
    logVersion: at.logVersion.read(cursor),
    version: at.version.read(cursor),
    logLength: at.logLength.read(cursor),
    logOffset: cursor.u64Number(at.logOffset.offset),
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

/**
 * Whether the CRC-32C at byte 4 is that of `bytes` with the checksum field zero (headers, region tables, log entries).
 */
export function checksumValid(bytes: Bytes): boolean {
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(4, true);
  return crc32c(bytes.subarray(8), crc32c(NO_CHECKSUM, crc32c(bytes.subarray(0, 4)))) === stored;
}
