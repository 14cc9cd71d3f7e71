import { type Bytes, Cursor, defined } from '@deadbox/core';

/** What the header of a Zstandard frame tells (RFC 8878 section 3.1.1.1). */
export interface ZstdFrame {
  /** Byte offset of the first block. */
  readonly blocks: number;
  /** Unpacked length in bytes, when the header records it. */
  readonly contentSize?: number;
  /** Whether a checksum of the content follows the last block. */
  readonly checksum: boolean;
}

/** Frame_Header_Descriptor (RFC 8878 section 3.1.1.1.1). */
const DESCRIPTOR = {
  contentSizeShift: 6,
  singleSegment: 0x20,
  reserved: 0x08,
  checksum: 0x04,
  dictionaryMask: 0x03,
} as const;
const MAGIC = 0xfd2fb528;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

/**
 * Parses the header of the frame at the beginning of `packed`.
 * @throws Error when it is no frame, or one that needs a dictionary
 */
export function readZstdFrame(packed: Bytes): ZstdFrame {
  const cursor = new Cursor(packed, 'zstd frame');
  if (cursor.u32(0) !== MAGIC) throw new Error(`no zstd frame: magic 0x${cursor.u32(0).toString(16)}`);
  const descriptor = cursor.u8(4);
  if ((descriptor & DESCRIPTOR.reserved) !== 0) throw new Error('reserved bit of the zstd frame header is set');
  const single = (descriptor & DESCRIPTOR.singleSegment) !== 0;
  // The window does not matter: the whole content lies in one buffer.
  let at = single ? 5 : 6;
  const dictionaryBytes = DICTIONARY_BYTES[(descriptor & DESCRIPTOR.dictionaryMask) as 0 | 1 | 2 | 3];
  for (let i = 0; i < dictionaryBytes; i += 1)
    if (cursor.u8(at + i) !== 0) throw new Error('the zstd frame needs a dictionary');
  at += dictionaryBytes;
  const code = (descriptor >> DESCRIPTOR.contentSizeShift) as 0 | 1 | 2 | 3;
  const sizeBytes = code === 0 && single ? 1 : CONTENT_SIZE_BYTES[code];
  const contentSize = readContentSize(cursor, at, sizeBytes);
  const checksum = (descriptor & DESCRIPTOR.checksum) !== 0;
  return { blocks: at + sizeBytes, checksum, ...defined({ contentSize }) };
}

/** Byte offset behind the last block of a frame and its checksum; absent when the frame is cut off. */
export function endOfZstdFrame(packed: Bytes, frame: ZstdFrame): number | undefined {
  for (let at = frame.blocks; at + 3 <= packed.length; ) {
    const header = packed[at] | (packed[at + 1] << 8) | (packed[at + 2] << 16);
    // A block that repeats one byte (type 1) stores that byte only.
    at += 3 + ((header & 6) === 2 ? 1 : header >>> 3);
    if ((header & 1) === 0) continue;
    const end = frame.checksum ? at + 4 : at;
    return end > packed.length ? undefined : end;
  }
  return undefined;
}

function readContentSize(cursor: Cursor, at: number, bytes: number): number | undefined {
  if (bytes === 1) return cursor.u8(at);
  if (bytes === 2) return cursor.u16(at) + 256;
  if (bytes === 4) return cursor.u32(at);
  return bytes === 8 ? cursor.u64Number(at) : undefined;
}
