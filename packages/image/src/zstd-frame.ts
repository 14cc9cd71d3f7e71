import { Cursor, type Bytes } from '@deadbox/core';

/** What the header of a Zstandard frame tells (RFC 8878 section 3.1.1). */
export interface ZstdFrame {
  /** Length of the whole frame in bytes, checksum included. */
  readonly length: number;
  /** Unpacked length in bytes, when the header records it. */
  readonly contentSize?: number;
  /** Bytes that a decoder must keep to resolve references. */
  readonly windowSize: number;
}

/** Frame_Header_Descriptor (RFC 8878 section 3.1.1.1.1). */
const DESCRIPTOR = { contentSizeShift: 6, singleSegment: 0x20, reserved: 0x08, checksum: 0x04, dictionaryMask: 0x03 } as const;
const MAGIC = 0xfd2fb528;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const BLOCK_RLE = 1;
const BLOCK_RESERVED = 3;
const MAX_BLOCK = 128 * 1024;

/**
 * Measures the frame at the beginning of `packed` without unpacking it: what follows a frame in its last sector must not reach a decoder,
 * which would take it for another frame.
 * @throws Error when it is not a whole frame, or one that needs a dictionary
 */
export function readZstdFrame(packed: Bytes): ZstdFrame {
  const cursor = new Cursor(packed, 'zstd frame');
  if (cursor.u32(0) !== MAGIC) throw new Error(`no zstd frame: magic 0x${cursor.u32(0).toString(16)}`);
  const descriptor = cursor.u8(4);
  const single = (descriptor & DESCRIPTOR.singleSegment) !== 0;
  if ((descriptor & DESCRIPTOR.reserved) !== 0) throw new Error('reserved bit of the zstd frame header is set');
  if ((descriptor & DESCRIPTOR.dictionaryMask) !== 0 && cursor.u8(5 + (single ? 0 : 1)) !== 0)
    throw new Error('the zstd frame needs a dictionary');
  let at = 5;
  let windowSize = 0;
  if (!single) {
    const value = cursor.u8(at);
    const base = 2 ** (10 + (value >> 3));
    windowSize = base + (base / 8) * (value & 7);
    at += 1;
  }
  at += DICTIONARY_BYTES[(descriptor & DESCRIPTOR.dictionaryMask) as 0 | 1 | 2 | 3];
  const code = (descriptor >> DESCRIPTOR.contentSizeShift) as 0 | 1 | 2 | 3;
  const sizeBytes = code === 0 && single ? 1 : CONTENT_SIZE_BYTES[code];
  const contentSize = readContentSize(cursor, at, sizeBytes);
  at = endOfBlocks(cursor, at + sizeBytes) + ((descriptor & DESCRIPTOR.checksum) === 0 ? 0 : 4);
  if (at > packed.length) throw new Error('the zstd frame is cut off');
  return { length: at, windowSize: single ? (contentSize ?? 0) : windowSize, ...(contentSize === undefined ? {} : { contentSize }) };
}

function readContentSize(cursor: Cursor, at: number, bytes: number): number | undefined {
  if (bytes === 1) return cursor.u8(at);
  if (bytes === 2) return cursor.u16(at) + 256;
  if (bytes === 4) return cursor.u32(at);
  return bytes === 8 ? cursor.u64Number(at) : undefined;
}

/** Offset behind the last block (RFC 8878 section 3.1.1.2). */
function endOfBlocks(cursor: Cursor, start: number): number {
  for (let at = start; ; ) {
    const header = cursor.u16(at) | (cursor.u8(at + 2) << 16);
    const type = (header >> 1) & 3;
    const size = header >>> 3;
    if (type === BLOCK_RESERVED) throw new Error('reserved zstd block type');
    if (size > MAX_BLOCK) throw new Error(`zstd block of ${size} bytes`);
    at += 3 + (type === BLOCK_RLE ? 1 : size);
    if ((header & 1) !== 0) return at;
  }
}
