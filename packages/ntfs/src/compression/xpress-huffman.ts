import { type Bytes } from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { type ChunkWindow, makeWindow } from './chunk-window.js';
import { DAMAGED, damageAt, damagedIndex } from './damage.js';
import { copyMatch } from './match-copy.js';
import { PrefixCode } from './prefix-code.js';
import {
  type ExpandSlice,
  type LeftOver,
  LITERALS,
  MIN_MATCH,
  makeExpandSlice,
  SYMBOL_BITS,
  XPRESS_WINDOW,
} from './xpress-block.js';
import { XpressInput } from './xpress-input.js';

/** 256 literals and 16 × 16 match heads. */
const SYMBOLS = LITERALS + 256;
/** The code lengths at the start of a chunk: 4 bits a symbol. */
const LENGTHS_BYTES = SYMBOLS / 2;
/** Bytes that one call of the innermost loop expands: see this folder's README. */
const SLICE = 2048;

const lengths: Uint8Array = new Uint8Array(SYMBOLS);
const code: PrefixCode = new PrefixCode(SYMBOLS, SYMBOL_BITS);
const input: XpressInput = new XpressInput();
const window: ChunkWindow = makeWindow(XPRESS_WINDOW);
const left: LeftOver = { distance: 0 };
const expandSlice: ExpandSlice = makeExpandSlice(input, code, window, left);

/**
 * Expands one XPRESS Huffman chunk (MS-XCA 2.2, with the layout WOF and WIM use): 512 code lengths of 4 bits, then
 * 16-bit little-endian words read from their highest bit; long match lengths stand as bytes between the words.
 *
 * @param packed - the chunk lies in `[from, to)` of it
 * @param output - `[outFrom, outTo)`, at most 64 KiB, is filled whole, or not at all: the chunk's expanded size is
 * known from outside
 * @returns how many bytes were written, or `damageAt` an index of `packed` near which it is damaged
 */
export function expandXpressInto(
  packed: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outFrom: number,
  outTo: number,
): number {
  const size = outTo - outFrom;
  if (to - from < LENGTHS_BYTES) return damageAt(to);
  input.load(packed, from, to);
  for (let symbol = 0; symbol < SYMBOLS; symbol += 2) {
    const pair = input.bytes[symbol >> 1];
    lengths[symbol] = pair & 15;
    lengths[symbol + 1] = pair >> 4;
  }
  if (!code.assign(lengths, SYMBOLS)) return damageAt(from);
  input.at = LENGTHS_BYTES;
  let out = 0;
  while (out !== DAMAGED && out < size) {
    out = expandSlice(out, Math.min(out + SLICE, size), size);
    if (out !== DAMAGED && left.distance !== 0) out = copyLongMatch(out, left.distance, size);
  }
  if (out === DAMAGED || input.overrun) return damageAt(from + input.position);
  output.set(window.bytes.subarray(0, size), outFrom);
  return size;
}

/**
 * The match at `out` whose length follows as a word, or as two after a word of 0; returns its end, or {@link DAMAGED}
 * when it reaches too far.
 */
function copyLongMatch(out: number, distance: number, end: number): number {
  if (!input.has(2)) return DAMAGED;
  let length = readWord();
  if (length === 0) {
    if (!input.has(4)) return DAMAGED;
    length = readWord() + readWord() * 0x1_0000;
  }
  length += MIN_MATCH;
  return distance > out || length > end - out ? DAMAGED : copyMatch(window.bytes, out, distance, out + length);
}

function readWord(): number {
  input.at += 2;
  return input.words.getUint16(input.at - 2, true);
}

/**
 * The content of one XPRESS Huffman chunk.
 * @param size - its expanded size in bytes, 1…65536, as the container tells it
 * @throws DeadboxError `NTFS_COMPRESSION_INVALID` with the byte position in the chunk
 */
export function expandXpress(chunk: Uint8Array, size: number): Bytes {
  if (size > XPRESS_WINDOW) {
    throw ntfsError(
      'NTFS_COMPRESSION_INVALID',
      `An XPRESS Huffman chunk expands to at most ${XPRESS_WINDOW} bytes, not ${size}`,
      {
        layer: 'XPRESS chunk',
        offset: 0,
      },
    );
  }
  const output = new Uint8Array(size);
  const result = expandXpressInto(chunk, 0, chunk.length, output, 0, size);
  if (result < 0) {
    const offset = damagedIndex(result);
    throw ntfsError('NTFS_COMPRESSION_INVALID', `XPRESS Huffman data is not valid at byte ${offset}`, {
      layer: 'XPRESS chunk',
      offset,
    });
  }
  return output;
}
