import { buildFseTable, type FseSymbols, readFseDescription } from './zstd-fse.js';

/** Longest code in bits (RFC 8878 section 4.2.1). */
const MAX_BITS = 11;
const MAX_WEIGHT = 12;
const MAX_WEIGHT_LOG = 6;

/** A Huffman table of literals: indexed by the next `bits` bits. */
export interface HuffmanTable {
  readonly bits: number;
  /** Packed: symbol (bits 0-7), length of its code (8-11). */
  readonly entries: Uint16Array;
}

const WEIGHTS: FseSymbols = { base: Uint8Array.from({ length: 256 }, (_, i) => i), bits: new Uint8Array(256) };

/**
 * Reads the description of a Huffman tree (RFC 8878 section 4.2.1).
 * @returns the table, and the byte offset behind the description
 * @throws Error when it is damaged
 */
export function readHuffmanTable(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  limit: number,
): { table: HuffmanTable; end: number } {
  const header = bytes[start];
  const weights = new Uint8Array(256);
  if (header < 128) {
    const end = start + 1 + header;
    if (end > limit) throw new Error('zstd Huffman tree is cut off');
    return { table: buildHuffmanTable(weights, readPackedWeights(view, bytes, start + 1, end, weights)), end };
  }
  const count = header - 127;
  const end = start + 1 + ((count + 1) >> 1);
  if (end > limit) throw new Error('zstd Huffman tree is cut off');
  for (let i = 0; i < count; i += 1) {
    const pair = bytes[start + 1 + (i >> 1)];
    weights[i] = (i & 1) === 0 ? pair >> 4 : pair & 15;
  }
  return { table: buildHuffmanTable(weights, count), end };
}

/** Decodes weights from two interleaved states (section 4.2.1.2); returns how many there are. */
function readPackedWeights(view: DataView, bytes: Uint8Array, start: number, end: number, weights: Uint8Array): number {
  const description = readFseDescription(bytes, start, end, MAX_WEIGHT_LOG, MAX_WEIGHT);
  const table = buildFseTable(description.counts, description.log, WEIGHTS);
  const first = description.end;
  const origin = first * 8;
  let at = streamEnd(bytes, first, end);
  // Behind the beginning of the stream there are zeros: that the position passes it is how the last weight shows.
  const read = (count: number): number => {
    at -= count;
    const from = Math.max(at, origin);
    const value = (view.getUint32(from >> 3, true) >>> (from & 7)) & ((1 << Math.max(count - (from - at), 0)) - 1);
    return value << (from - at);
  };
  const states = [read(table.log), read(table.log)] as [number, number];
  for (let count = 0; count < 254; ) {
    const turn = (count & 1) as 0 | 1;
    const state = states[turn];
    weights[count++] = table.base[state];
    const step = table.step[state];
    states[turn] = (step & 0xffff) + read((step >> 16) & 0xff);
    if (at < origin) {
      weights[count++] = table.base[states[turn ^ 1]];
      return count;
    }
  }
  throw new Error('zstd Huffman tree has too many weights');
}

/** Bit position behind the last bit of a stream that is read backwards: below the highest one in its last byte. */
export function streamEnd(bytes: Uint8Array, start: number, end: number): number {
  const last = end > start ? bytes[end - 1] : 0;
  if (last === 0) throw new Error('zstd bit stream without an end mark');
  return (end - 1) * 8 + (31 - Math.clz32(last));
}

function buildHuffmanTable(weights: Uint8Array, count: number): HuffmanTable {
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const weight = weights[i];
    if (weight > MAX_BITS) throw new Error(`zstd Huffman weight ${weight}`);
    if (weight > 0) sum += 1 << (weight - 1);
  }
  if (sum === 0) throw new Error('zstd Huffman tree is empty');
  const bits = 32 - Math.clz32(sum);
  const rest = (1 << bits) - sum;
  if (bits > MAX_BITS || (rest & (rest - 1)) !== 0) throw new Error('zstd Huffman weights do not add up');
  // The last weight is not stored: it fills the tree.
  weights[count] = 32 - Math.clz32(rest);
  const entries = new Uint16Array(1 << bits);
  let place = 0;
  for (let weight = 1; weight <= bits; weight += 1) {
    for (let symbol = 0; symbol <= count; symbol += 1) {
      if (weights[symbol] !== weight) continue;
      const length = 1 << (weight - 1);
      entries.fill(symbol | ((bits + 1 - weight) << 8), place, place + length);
      place += length;
    }
  }
  return { bits, entries };
}

/**
 * Decodes one stream of literals into `target[from, to)`.
 * @param view - of `bytes`, which must have four readable bytes before `start` and behind `end`
 * @throws Error when the stream does not hold exactly these literals
 */
export function readHuffmanStream(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  end: number,
  table: HuffmanTable,
  target: Uint8Array,
  from: number,
  to: number,
): void {
  const { bits, entries } = table;
  const shift = 32 - bits;
  const origin = start * 8;
  let at = streamEnd(bytes, start, end);
  let out = from;
  // 25 bits at least are valid below any position: two codes of up to 11.
  for (const pairs = to - 1; out < pairs && at >= origin + 22; out += 2) {
    const window = view.getUint32((at >> 3) - 3, true) << (7 - (at & 7));
    // The byte that `at` points into is the highest of the window; its own bits from `at` on are shifted out.
    const first = entries[(window << 1) >>> shift];
    const used = first >> 8;
    const second = entries[(window << (1 + used)) >>> shift];
    target[out] = first;
    target[out + 1] = second;
    at -= used + (second >> 8);
  }
  for (; out < to; out += 1) {
    const low = at - bits;
    const value =
      low >= origin
        ? view.getUint32(low >> 3, true) >>> (low & 7)
        : lowBits(view, origin, at) << (bits - (at - origin));
    const entry = entries[value & ((1 << bits) - 1)];
    target[out] = entry;
    at -= entry >> 8;
    if (at < origin) throw new Error('zstd literals are cut off');
  }
  if (at !== origin) throw new Error('zstd literals have bits left over');
}

/** The bits of `[origin, at)`, fewer than a code may have. */
function lowBits(view: DataView, origin: number, at: number): number {
  return (view.getUint32(origin >> 3, true) >>> (origin & 7)) & ((1 << (at - origin)) - 1);
}
