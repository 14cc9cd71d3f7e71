import { buildFseTable, type FseSymbols, type FseTable, readFseDescription, singleSymbolTable } from './zstd-fse.js';
import { streamEnd } from './zstd-huffman.js';

/** One kind of code in a sequence (RFC 8878 section 3.1.1.3.2). */
interface CodeKind {
  readonly symbols: FseSymbols;
  readonly maxLog: number;
  readonly predefined: FseTable;
}

function kind(
  base: readonly number[],
  bits: readonly number[],
  maxLog: number,
  counts: readonly number[],
  log: number,
): CodeKind {
  const symbols = { base: Int32Array.from(base), bits: Uint8Array.from(bits) };
  return { symbols, maxLog, predefined: buildFseTable(counts, log, symbols) };
}

const steps = (from: number, bits: readonly number[]): number[] => {
  const values: number[] = [];
  let value = from;
  for (const count of bits) {
    values.push(value);
    value += 2 ** count;
  }
  return values;
};

const LITERAL_BITS = [
  ...new Array<number>(16).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
];
const MATCH_BITS = [
  ...new Array<number>(32).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
];
const OFFSET_BITS = Array.from({ length: 32 }, (_, code) => code);

/** Literal lengths, offsets and match lengths with the tables of section 3.1.1.3.2.2. */
const LITERALS: CodeKind = kind(
  steps(0, LITERAL_BITS),
  LITERAL_BITS,
  9,
  [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
  6,
);
const OFFSETS: CodeKind = kind(
  OFFSET_BITS.map((code) => (code < 31 ? 2 ** code : 2 ** 31 - 1)),
  OFFSET_BITS,
  8,
  [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
  5,
);
const MATCHES: CodeKind = kind(
  steps(3, MATCH_BITS),
  MATCH_BITS,
  9,
  [
    1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
  ],
  6,
);

/** Longest offset code that a block of this package can need: 2^25 bytes lie further back than any unit is long. */
const LONGEST_OFFSET_CODE = 25;
/** Copies at least this long go through `copyWithin`, which costs a call. */
const LONG_COPY = 48;

/** Tables and offsets that a block hands on to the next one of its frame. */
export class SequenceState {
  literals: FseTable | undefined;
  offsets: FseTable | undefined;
  matches: FseTable | undefined;
  /** The last three offsets, newest first. */
  readonly repeated: Int32Array = Int32Array.of(1, 4, 8);
}

/** What {@link runSequences} reads from and writes to. */
export interface SequenceInput {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  /** The sequences section in `bytes`. */
  readonly start: number;
  readonly end: number;
  /** The literals of the block. */
  readonly literals: Uint8Array;
  readonly literalCount: number;
  readonly target: Uint8Array;
  /** Where the block's content begins in `target`; the frame begins at 0. */
  readonly from: number;
}

/**
 * Decodes and executes the sequences of one block (section 3.1.1.3.2 and 3.1.1.4).
 * @returns the offset behind the block's content in the target
 * @throws Error when the section is damaged or its content does not fit; never writes outside the target
 */
export function runSequences(input: SequenceInput, state: SequenceState): number {
  const { bytes, start, end } = input;
  if (start >= end) throw new Error('zstd sequences are cut off');
  const first = bytes[start];
  if (first === 0) return appendLiterals(input, 0, input.from);
  let at = start + 1;
  let count = first;
  if (first === 255) {
    count = (bytes[at] | (bytes[at + 1] << 8)) + 0x7f00;
    at += 2;
  } else if (first > 127) {
    count = ((first - 128) << 8) + bytes[at];
    at += 1;
  }
  const modes = bytes[at];
  if (at >= end || (modes & 3) !== 0) throw new Error('zstd sequence header is damaged');
  at += 1;
  const reader = { bytes, at, end };
  state.literals = readTable(reader, LITERALS, modes >> 6, state.literals);
  state.offsets = readTable(reader, OFFSETS, (modes >> 4) & 3, state.offsets);
  state.matches = readTable(reader, MATCHES, (modes >> 2) & 3, state.matches);
  return execute(input, reader.at, count, state);
}

function readTable(
  reader: { bytes: Uint8Array; at: number; end: number },
  { symbols, maxLog, predefined }: CodeKind,
  mode: number,
  last: FseTable | undefined,
): FseTable {
  if (mode === 0) return predefined;
  if (mode === 3) {
    if (last === undefined) throw new Error('zstd block repeats a table that no block before it had');
    return last;
  }
  if (reader.at >= reader.end) throw new Error('zstd sequence tables are cut off');
  if (mode === 1) {
    reader.at += 1;
    return singleSymbolTable(reader.bytes[reader.at - 1], symbols);
  }
  const description = readFseDescription(reader.bytes, reader.at, reader.end, maxLog, symbols.base.length - 1);
  reader.at = description.end;
  return buildFseTable(description.counts, description.log, symbols);
}

function execute(input: SequenceInput, start: number, count: number, state: SequenceState): number {
  const { view, bytes, end, literals, literalCount, target } = input;
  const literalTable = state.literals as FseTable;
  const offsetTable = state.offsets as FseTable;
  const matchTable = state.matches as FseTable;
  const { repeated } = state;
  const origin = start * 8;
  const limit = target.length;
  let bit = streamEnd(bytes, start, end);
  let out = input.from;
  let used = 0;
  if (bit - literalTable.log - offsetTable.log - matchTable.log < origin) throw new Error('zstd sequences are cut off');
  bit -= literalTable.log;
  let literalState = (view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << literalTable.log) - 1);
  bit -= offsetTable.log;
  let offsetState = (view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << offsetTable.log) - 1);
  bit -= matchTable.log;
  let matchState = (view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << matchTable.log) - 1);
  for (let left = count; left > 0; left -= 1) {
    const literalStep = literalTable.step[literalState];
    const offsetStep = offsetTable.step[offsetState];
    const matchStep = matchTable.step[matchState];
    let width = offsetStep >>> 24;
    if (width > LONGEST_OFFSET_CODE) throw new Error(`zstd offset code ${width}`);
    bit -= width;
    const code = offsetTable.base[offsetState] + ((view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << width) - 1));
    width = matchStep >>> 24;
    bit -= width;
    const matchLength =
      matchTable.base[matchState] + ((view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << width) - 1));
    width = literalStep >>> 24;
    bit -= width;
    const literalLength =
      literalTable.base[literalState] + ((view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << width) - 1));
    // The three codes take 57 bits at most, fewer than lie before any stream: one check is enough to stay inside the
    // buffer.
    if (bit < origin) throw new Error('zstd sequences are cut off');
    const offset = resolveOffset(code, literalLength, repeated);
    if (left > 1) {
      width = (literalStep >>> 16) & 0xff;
      bit -= width;
      literalState = (literalStep & 0xffff) + ((view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << width) - 1));
      width = (matchStep >>> 16) & 0xff;
      bit -= width;
      matchState = (matchStep & 0xffff) + ((view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << width) - 1));
      width = (offsetStep >>> 16) & 0xff;
      bit -= width;
      offsetState = (offsetStep & 0xffff) + ((view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << width) - 1));
      if (bit < origin) throw new Error('zstd sequences are cut off');
    }
    if (used + literalLength > literalCount || out + literalLength + matchLength > limit)
      throw new Error('zstd block holds more than its target');
    if (literalLength < LONG_COPY) for (let i = 0; i < literalLength; i += 1) target[out + i] = literals[used + i];
    else target.set(literals.subarray(used, used + literalLength), out);
    used += literalLength;
    out += literalLength;
    if (offset > out || offset === 0) throw new Error('zstd match lies before the frame');
    const source = out - offset;
    if (matchLength >= LONG_COPY && offset >= matchLength) target.copyWithin(out, source, source + matchLength);
    else for (let i = 0; i < matchLength; i += 1) target[out + i] = target[source + i];
    out += matchLength;
  }
  if (bit !== origin) throw new Error('zstd sequences have bits left over');
  return appendLiterals(input, used, out);
}

/** Offset codes of 1 to 3 repeat one of the last three offsets (section 3.1.1.5). */
function resolveOffset(code: number, literalLength: number, repeated: Int32Array): number {
  const newest = repeated[0];
  const second = repeated[1];
  let index = 3;
  let offset = code - 3;
  if (code <= 3) {
    index = code - 1 + (literalLength === 0 ? 1 : 0);
    if (index === 0) return newest;
    offset = index === 1 ? second : index === 2 ? repeated[2] : newest - 1;
  }
  if (index > 1) repeated[2] = second;
  repeated[1] = newest;
  repeated[0] = offset;
  return offset;
}

function appendLiterals({ literals, literalCount, target }: SequenceInput, used: number, out: number): number {
  const rest = literalCount - used;
  if (out + rest > target.length) throw new Error('zstd block holds more than its target');
  target.set(literals.subarray(used, literalCount), out);
  return out + rest;
}
