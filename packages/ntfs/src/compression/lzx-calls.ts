import type { ChunkWindow } from './chunk-window.js';
import { LZX_WINDOW } from './lzx-block.js';

/** Stands for the file size in the translation of calls, whatever the file's size is. */
const E8_FILE_SIZE = 12_000_000;
const CALL = 0xe8;
const CALLS = 0xe8e8_e8e8;
/** The last bytes of a chunk are left alone. */
const UNTOUCHED = 10;

/**
 * The compressor turns the relative target of every x86 call (byte E8) into an absolute one, because equal targets
 * compress better. What this makes turns them back in the first `size` bytes of the window. Positions count from the
 * chunk's start.
 */
export function makeUndoCalls(window: ChunkWindow): (size: number) => void {
  const { bytes, words: targets } = window;
  const words = new Int32Array(bytes.buffer);
  const fileSize = E8_FILE_SIZE;
  const wordMask = (LZX_WINDOW >> 2) - 1;
  return (size) => {
    const last = size - UNTOUCHED;
    for (let at = 0; at < last; ) {
      // Eight bytes a step, from a multiple of eight on, until one of them is E8: the known test for a zero byte, after
      // E8 was made zero.
      let word = at >> 2;
      for (; word < size >> 2; word += 2) {
        const low = words[word & wordMask] ^ CALLS;
        const high = words[(word + 1) & wordMask] ^ CALLS;
        if (((((low - 0x0101_0101) & ~low) | ((high - 0x0101_0101) & ~high)) & 0x8080_8080) !== 0) break;
      }
      at = word * 4;
      for (let end = at + 8; at < end && at < last; ) {
        if (bytes[at] !== CALL) {
          at += 1;
          continue;
        }
        const target = targets.getInt32(at + 1, true);
        // Not -at, which would be no integer where `at` is 0. One addition for both: see this folder's README.
        const back = 0 - at;
        if (target >= back && target < fileSize)
          targets.setInt32(at + 1, target + (target >= 0 ? back : fileSize), true);
        at += 5;
        end = (at + 7) & -8;
      }
    }
  };
}
