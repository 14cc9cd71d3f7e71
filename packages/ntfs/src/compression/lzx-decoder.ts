import { type ChunkWindow, makeWindow } from './chunk-window.js';
import { DAMAGED, damageAt } from './damage.js';
import { type ExpandSlice, LZX_WINDOW, makeExpandSlice } from './lzx-block.js';
import { LzxCodes } from './lzx-codes.js';
import { LzxInput } from './lzx-input.js';

const BLOCK_VERBATIM = 1;
const BLOCK_ALIGNED = 2;
const BLOCK_UNCOMPRESSED = 3;
const DEFAULT_BLOCK_SIZE = 32768;
/** Bytes that one call of the innermost loop expands: see this folder's README. */
const SLICE = 2048;

/**
 * LZX with a window of 32 KiB (MS-PATCH 2, with the differences of WIM: block sizes of 16 bits, no header). One decoder
 * is reused for all chunks; nothing survives from chunk to chunk.
 */
export class LzxDecoder {
  /** Holds the chunk that was expanded last. */
  readonly window: ChunkWindow = makeWindow(LZX_WINDOW);
  readonly #input: LzxInput = new LzxInput();
  readonly #codes: LzxCodes = new LzxCodes();
  /** The three most recent match offsets. */
  readonly #recent: Int32Array = new Int32Array(3);
  readonly #expandSlice: ExpandSlice = makeExpandSlice(this.#input, this.#codes, this.window, this.#recent);

  /**
   * Expands the chunk in `[from, to)` of `packed` into the window, before the translation of calls is undone.
   * @param size - bytes it expands to, at most {@link LZX_WINDOW}
   * @returns `size`, or `damageAt` a byte of the chunk near which it is damaged
   */
  expand(packed: Uint8Array, from: number, to: number, size: number): number {
    const input = this.#input;
    input.load(packed, from, to);
    this.#codes.reset();
    this.#recent.fill(1);
    for (let out = 0; out < size; ) {
      const type = input.read(3);
      const length = input.read(1) === 1 ? DEFAULT_BLOCK_SIZE : input.read(16);
      const end = out + length;
      if (length === 0 || end > size) return damageAt(input.position);
      let ok = false;
      if (type === BLOCK_UNCOMPRESSED) ok = this.#copyBlock(out, length);
      else if (type === BLOCK_VERBATIM || type === BLOCK_ALIGNED)
        ok = this.#codes.read(input, type === BLOCK_ALIGNED) && this.#expandBlock(out, end);
      if (!ok || input.overrun) return damageAt(input.position);
      out = end;
    }
    return size;
  }

  #expandBlock(from: number, end: number): boolean {
    let out = from;
    while (out !== DAMAGED && out < end) out = this.#expandSlice(out, Math.min(out + SLICE, end), end);
    return out === end;
  }

  /** An uncompressed block: the recent offsets, then plain bytes, padded to an even length. */
  #copyBlock(out: number, size: number): boolean {
    const { bytes } = this.#input;
    let at = this.#input.toBytes();
    if (at + 12 + size > bytes.length) return false;
    for (let i = 0; i < 3; i++, at += 4) {
      const offset = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      // A recent offset of 0 or below points at nothing; it is refused here so that the innermost loop need not look.
      if (offset <= 0) return false;
      this.#recent[i] = offset;
    }
    this.window.bytes.set(bytes.subarray(at, at + size), out);
    this.#input.toBits(at + size + (size & 1));
    return true;
  }
}
