import type { Bytes } from '@deadbox/core';
import { readZstdFrame } from './zstd-frame.js';
import { type HuffmanTable, readHuffmanStream, readHuffmanTable } from './zstd-huffman.js';
import { runSequences, SequenceState } from './zstd-sequences.js';

/** Most bytes of one block, packed or unpacked (RFC 8878 section 3.1.1.2.4). */
const MAX_BLOCK = 128 * 1024;
/** Readable bytes before and behind the packed bytes, so that four can be loaded at any bit of them. */
const MARGIN = 8;

const BLOCK = { raw: 0, rle: 1, compressed: 2 } as const;
const LITERALS = { raw: 0, rle: 1, compressed: 2 } as const;

/** Working memory, kept between calls: unpacking is synchronous and a disk has a hundred thousand clusters. */
const literals: Uint8Array<ArrayBuffer> = new Uint8Array(MAX_BLOCK);
let copy: Uint8Array<ArrayBuffer> = new Uint8Array(MAX_BLOCK);
let copyView: DataView<ArrayBuffer> = new DataView(copy.buffer);

/** What blocks of one frame hand on to each other. */
interface FrameState {
  huffman: HuffmanTable | undefined;
  readonly sequences: SequenceState;
}

/**
 * Unpacks the Zstandard frame (RFC 8878) at the beginning of `packed` into `target` and returns how many bytes came
 * out. Bytes behind the frame are ignored. A checksum of the content is not checked.
 * @throws Error when the frame is damaged, cut off, needs a dictionary, or holds more than `target.length` bytes; time
 * and memory are bounded by the lengths of `packed` and `target`
 */
export function unpackZstd(packed: Bytes, target: Bytes): number {
  const frame = readZstdFrame(packed);
  if ((frame.contentSize ?? 0) > target.length)
    throw new RangeError(`zstd frame of ${String(frame.contentSize)} bytes, expected ${target.length}`);
  takeCopy(packed);
  const end = MARGIN + packed.length;
  const state: FrameState = { huffman: undefined, sequences: new SequenceState() };
  let out = 0;
  for (let at = MARGIN + frame.blocks; ; ) {
    if (at + 3 > end) throw new Error('the zstd frame is cut off');
    const header = copyView.getUint32(at, true) & 0xff_ffff;
    const size = header >>> 3;
    at += 3;
    const type = (header >> 1) & 3;
    const packedSize = type === BLOCK.rle ? 1 : size;
    if (size > MAX_BLOCK || at + packedSize > end) throw new Error('the zstd frame is cut off');
    if (type === BLOCK.compressed) out = unpackBlock(at, at + size, target, out, state);
    else if (out + size > target.length) throw new Error('zstd block holds more than its target');
    else if (type === BLOCK.raw) {
      target.set(copy.subarray(at, at + size), out);
      out += size;
    } else if (type === BLOCK.rle) {
      target.fill(copy[at], out, out + size);
      out += size;
    } else throw new Error('reserved zstd block type');
    at += packedSize;
    if ((header & 1) !== 0) return out;
  }
}

/** Copies `packed` between margins of zeros. */
function takeCopy(packed: Bytes): void {
  const length = packed.length + 2 * MARGIN;
  if (copy.length < length) {
    copy = new Uint8Array(2 ** Math.ceil(Math.log2(length)));
    copyView = new DataView(copy.buffer);
  }
  copy.set(packed, MARGIN);
  copy.fill(0, MARGIN + packed.length, length);
}

function unpackBlock(start: number, end: number, target: Bytes, from: number, state: FrameState): number {
  const { count, next } = readLiterals(start, end, state);
  return runSequences(
    { view: copyView, bytes: copy, start: next, end, literals, literalCount: count, target, from },
    state.sequences,
  );
}

/** Decodes the literals section (section 3.1.1.3.1); returns their number and the offset behind it. */
function readLiterals(start: number, end: number, state: FrameState): { count: number; next: number } {
  const first = copy[start];
  const type = first & 3;
  const format = (first >> 2) & 3;
  if (type === LITERALS.raw || type === LITERALS.rle) {
    const bytes = format === 1 ? 2 : format === 3 ? 3 : 1;
    const count = (copyView.getUint32(start, true) & (2 ** (bytes * 8) - 1)) >>> (bytes === 1 ? 3 : 4);
    const at = start + bytes;
    const next = at + (type === LITERALS.rle ? 1 : count);
    if (next > end || count > MAX_BLOCK) throw new Error('zstd literals are cut off');
    if (type === LITERALS.rle) literals.fill(copy[at], 0, count);
    else literals.set(copy.subarray(at, next));
    return { count, next };
  }
  // Two sizes of 10, 14 or 18 bits behind four bits of type and format.
  const width = format < 2 ? 10 : format === 2 ? 14 : 18;
  const headerBytes = format < 2 ? 3 : format + 2;
  const low = copyView.getUint32(start, true);
  const mask = 2 ** width - 1;
  const count = (low >>> 4) & mask;
  const size = (width === 18 ? (low >>> 22) | (copy[start + 4] << 10) : low >>> (4 + width)) & mask;
  let at = start + headerBytes;
  const next = at + size;
  if (next > end || count > MAX_BLOCK) throw new Error('zstd literals are cut off');
  if (type === LITERALS.compressed) {
    const tree = readHuffmanTable(copyView, copy, at, next);
    state.huffman = tree.table;
    at = tree.end;
  }
  if (state.huffman === undefined) throw new Error('zstd block repeats a Huffman tree that no block before it had');
  if (format === 0) readHuffmanStream(copyView, copy, at, next, state.huffman, literals, 0, count);
  else readFourStreams(at, next, state.huffman, count);
  return { count, next };
}

/** Four streams behind a table of three lengths (section 3.1.1.3.1.6). */
function readFourStreams(start: number, end: number, table: HuffmanTable, count: number): void {
  const quarter = (count + 3) >> 2;
  let at = start + 6;
  if (at > end || quarter * 3 > count) throw new Error('zstd literals are cut off');
  for (let stream = 0; stream < 4; stream += 1) {
    const stop = stream === 3 ? end : at + copyView.getUint16(start + stream * 2, true);
    if (stop > end) throw new Error('zstd literals are cut off');
    readHuffmanStream(
      copyView,
      copy,
      at,
      stop,
      table,
      literals,
      stream * quarter,
      stream === 3 ? count : (stream + 1) * quarter,
    );
    at = stop;
  }
}
