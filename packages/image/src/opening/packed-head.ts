import {
  type ByteSource,
  type Bytes,
  concatBytes,
  defined,
  MemorySource,
  type ReadOptions,
  survive,
} from '@deadbox/core';
import type { FlateError } from 'fflate';
import type { ImageFormat } from '../image-format.js';
import { MAX_UNPACKED_HEAD_BYTES, PACKED_HEAD_BYTES } from '../limits.js';

/** RFC 1952, section 2.3.1: the magic, and deflate, the only method. */
const GZIP = [0x1f, 0x8b, 8];
/** Bytes that are unpacked at once: they make at most a thousand times as many. */
const PIECE = 512;
/** What else images are packed with; what such a file says of its parent is not looked for. */
const OTHER_PACKED = /\.(?:7z|bz2|lz4|rar|xz|zip|zst)$/;

/** Whether a file begins like one of gzip. */
export function isGzip(head: Bytes): boolean {
  return GZIP.every((byte, at) => head[at] === byte);
}

/**
 * What a file of gzip has packed at its beginning, where an overlay's record of its base lies; any other file as it is.
 * @throws what is no damage
 */
export async function unpackedHead(source: ByteSource, reading: ReadOptions): Promise<ByteSource> {
  const head = await survive(
    () => source.read(0, Math.min(PACKED_HEAD_BYTES, source.size), reading),
    () => new Uint8Array(0),
    reading,
  );
  if (!isGzip(head)) return source;
  const bytes = await unpack(head, MAX_UNPACKED_HEAD_BYTES);
  const unpacked = new MemorySource(bytes, defined({ name: source.name }));
  return {
    size: unpacked.size,
    read: (offset, length) => unpacked.read(offset, length),
    close: () => source.close?.(),
  };
}

/** As much of the content as the first bytes of a file of gzip give, up to `most` bytes. */
export async function unpack(head: Bytes, most: number): Promise<Bytes> {
  const { Gunzip } = await import('fflate');
  const pieces: Bytes[] = [];
  let length = 0;
  const stream = new Gunzip((piece) => {
    const fitting = new Uint8Array(piece.subarray(0, most - length));
    pieces.push(fitting);
    length += fitting.length;
  });
  try {
    for (let at = 0; at < head.length; at += PIECE) {
      if (length >= most) break;
      stream.push(head.subarray(at, at + PIECE));
    }
  } catch (error) {
    // What came out before the damage is as good as the beginning of a file that is cut off. fflate numbers its errors.
    if (typeof (error as Partial<FlateError>).code !== 'number') throw error;
  }
  return concatBytes(pieces);
}

/**
 * Whether a file's name, in small letters, says that it is a packed image that may have a parent, and cannot be asked.
 */
export function isPackedImageName(lower: string, formats: readonly ImageFormat[]): boolean {
  if (!OTHER_PACKED.test(lower)) return false;
  const inner = lower.replace(OTHER_PACKED, '');
  return formats.some(
    ({ hasParents, extensions }) => hasParents === true && extensions.some((ending) => inner.endsWith(`.${ending}`)),
  );
}
