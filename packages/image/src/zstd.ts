import { decompress } from 'fzstd';
import type { Bytes } from '@deadbox/core';
import { readZstdFrame } from './zstd-frame.js';

/**
 * Unpacks the Zstandard frame at the beginning of `packed` into `target` and returns how many bytes came out.
 * Bytes behind the frame are ignored.
 * @throws Error when the frame is damaged, cut off, needs a dictionary, or holds more than `target.length` bytes
 */
export function unpackZstd(packed: Bytes, target: Bytes): number {
  const frame = readZstdFrame(packed);
  // The decoder allocates what the header asks for, so that is checked before.
  if ((frame.contentSize ?? 0) > target.length)
    throw new RangeError(`zstd frame of ${String(frame.contentSize)} bytes, expected ${target.length}`);
  if (frame.windowSize > Math.max(8 * target.length, 8 << 20)) throw new RangeError(`zstd window of ${frame.windowSize} bytes`);
  const bytes = decompress(packed.subarray(0, frame.length));
  if (bytes.length > target.length) throw new RangeError(`zstd frame of ${bytes.length} bytes, expected ${target.length}`);
  target.set(bytes);
  return bytes.length;
}
