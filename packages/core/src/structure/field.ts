import { asciiText, type Bytes, latin1Text } from '../bytes/bytes.js';
import type { Cursor } from '../bytes/cursor.js';
import { formatGuid } from '../bytes/guid.js';
import { untilNul, utf16Text } from '../bytes/utf16.js';
import { DeadboxError } from '../errors.js';

/** Types of fixed length, by the value that reading gives; little-endian unless the name ends in `be`. */
interface ScalarValues {
  u8: number;
  i8: number;
  u16: number;
  u16be: number;
  i16: number;
  u24: number;
  u24be: number;
  u32: number;
  u32be: number;
  i32: number;
  u48: number;
  /** As a number: 2^53 and more are `NUMBER_TOO_LARGE`. */
  u64: number;
  u64be: number;
  /** Signed, as a number: `NUMBER_TOO_LARGE` outside ±2^53. */
  i64: number;
  /** As a `bigint`, whatever it holds. */
  u64big: bigint;
  u64bigbe: bigint;
  i64big: bigint;
  /** 100-ns ticks since 1601, as a `bigint`; 0 is "not set". */
  filetime: bigint;
  /** Upper-case text of a GUID as Windows stores it (mixed-endian). */
  guid: string;
  /** Upper-case text of a UUID stored in the order of its digits. */
  guidbe: string;
}

type Scalar = keyof ScalarValues;
type TextType = 'ascii' | 'latin1' | 'utf16' | 'utf16be';

/**
 * Type of a field: a number, time or GUID, or text or bytes with their count in brackets, e.g. `u32`, `ascii[8]`,
 * `bytes[512]`. The count (UTF-16: of code units, else bytes) may be a number field of the same table, or half of one:
 * `utf16[nameLength]`, `utf16[nameBytes/2]`. Text with a fixed count ends at its first NUL. Bytes that are not
 * printable ASCII show as `.` in `ascii`.
 */
export type FieldType = Scalar | `${TextType | 'bytes'}[${string}]`;

/** What reading a field of type `T` gives. */
export type FieldValue<T extends FieldType> = T extends Scalar
  ? ScalarValues[T]
  : T extends `bytes[${string}]`
    ? Bytes
    : string;

/** More about a field. */
export interface FieldOptions {
  /** Names of values: `{ 0x80: '$DATA' }`; text and GUIDs by their text. */
  readonly values?: Readonly<Record<number | string, string>>;
  /** Names of bits: `{ 0x1: 'in use', 0x2: 'directory' }`. */
  readonly flags?: Readonly<Record<number, string>>;
  /** Where the fact about this field comes from, when it is not the source of the whole table. */
  readonly source?: string;
}

/** One row of a field table: offset in the structure, type, what it means, names of its values. */
export type FieldSpec = readonly [offset: number, type: FieldType, meaning: string, options?: FieldOptions];

/** One field of a structure. */
export interface Field<T = unknown> {
  readonly name: string;
  /** Bytes from the start of the structure. */
  readonly offset: number;
  readonly type: FieldType;
  readonly meaning: string;
  readonly options: FieldOptions;
  /** Bytes; of a field whose count stands in another one, 0. */
  readonly length: number;
  /**
   * Its value in the structure that begins at `base` of the cursor.
   * @throws DeadboxError `CURSOR_OUT_OF_RANGE`, `NUMBER_TOO_LARGE`
   */
  readonly read: (from: Cursor, base?: number) => T;
  /** Its bytes in that structure: `length`, or as many as the other field counts. */
  readonly span: (from: Cursor, base?: number) => number;
}

/** Reads one field: at an offset of the cursor, `length` bytes. */
type Reader = (from: Cursor, at: number, length: number) => unknown;

function safe(from: Cursor, at: number, value: bigint): number {
  if (value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER) return Number(value);
  const place = from.at(at);
  throw new DeadboxError(
    'NUMBER_TOO_LARGE',
    `The number at ${place.offset} of ${place.layer} is ${value}: no size or offset`,
    {
      at: place,
      data: { value: String(value) },
    },
  );
}

const u64 = (from: Cursor, at: number, value: number): number =>
  value <= Number.MAX_SAFE_INTEGER ? value : safe(from, at, from.u64(at));
const u64be = (from: Cursor, at: number, value: number): number =>
  value <= Number.MAX_SAFE_INTEGER ? value : safe(from, at, from.u64Be(at));

const SCALARS: {
  readonly [K in Scalar]: readonly [length: number, read: (from: Cursor, at: number) => ScalarValues[K]];
} = {
  u8: [1, (from, at) => from.u8(at)],
  i8: [1, (from, at) => from.i8(at)],
  u16: [2, (from, at) => from.u16(at)],
  u16be: [2, (from, at) => from.u16Be(at)],
  i16: [2, (from, at) => (from.u16(at) << 16) >> 16],
  u24: [3, (from, at) => from.u16(at) | (from.u8(at + 2) << 16)],
  u24be: [3, (from, at) => (from.u8(at) << 16) | from.u16Be(at + 1)],
  u32: [4, (from, at) => from.u32(at)],
  u32be: [4, (from, at) => from.u32Be(at)],
  i32: [4, (from, at) => from.i32(at)],
  u48: [6, (from, at) => from.u32(at) + from.u16(at + 4) * 0x1_0000_0000],
  u64: [8, (from, at) => u64(from, at, from.u64Number(at))],
  u64be: [8, (from, at) => u64be(from, at, from.u64NumberBe(at))],
  i64: [8, (from, at) => safe(from, at, BigInt.asIntN(64, from.u64(at)))],
  u64big: [8, (from, at) => from.u64(at)],
  u64bigbe: [8, (from, at) => from.u64Be(at)],
  i64big: [8, (from, at) => BigInt.asIntN(64, from.u64(at))],
  filetime: [8, (from, at) => from.u64(at)],
  guid: [16, (from, at) => from.guid(at)],
  guidbe: [16, (from, at) => formatGuid(storedAsWindows(from.slice(at, 16)))],
};

/** The first three groups of a UUID turned round, as {@link formatGuid} takes them. */
function storedAsWindows(uuid: Bytes): Bytes {
  return Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15], (at) => uuid[at]);
}

function swapped(bytes: Bytes): Bytes {
  return bytes.map((_, at) => bytes[at ^ 1] ?? 0);
}

/** The printable ASCII of `bytes`, up to a first NUL where it is padded with such. */
function paddedAscii(bytes: Bytes): string {
  const end = bytes.indexOf(0);
  return asciiText(bytes, 0, end < 0 ? bytes.length : end);
}

const COUNTED: { readonly [K in TextType | 'bytes']: readonly [unit: number, read: (bytes: Bytes) => string | Bytes] } =
  {
    bytes: [1, (bytes) => bytes],
    ascii: [1, paddedAscii],
    latin1: [1, latin1Text],
    utf16: [2, utf16Text],
    utf16be: [2, (bytes) => utf16Text(swapped(bytes))],
  };

/** The parts of `utf16[nameBytes/2]`. */
const COUNTED_TYPE = /^(bytes|ascii|latin1|utf16|utf16be)\[(?:(\d+)|(\w+?)(\/2)?)\]$/;

/**
 * The field that `spec` describes.
 * @param others - the fields of the same table, looked at when a count stands in one of them
 */
export function makeField(name: string, spec: FieldSpec, others: Readonly<Record<string, Field>>): Field {
  const scalar = (SCALARS as Readonly<Record<string, readonly [number, Reader] | undefined>>)[spec[1]];
  if (scalar !== undefined) return new FixedField(name, spec, scalar[0], scalar[1]);
  const match = COUNTED_TYPE.exec(spec[1]);
  if (match === null) throw new DeadboxError('INVALID_ARGUMENT', `Field ${name} has the unknown type ${spec[1]}`);
  const [, type, count, counter, half] = match;
  const [unit, decode] = COUNTED[type as keyof typeof COUNTED];
  if (count === undefined) return new CountedField(name, spec, decode, unit, () => others[counter], half !== undefined);
  return new FixedField(name, spec, Number(count) * unit, (from, at, length) => {
    const value = decode(from.slice(at, length));
    return typeof value === 'string' ? untilNul(value) : value;
  });
}

// Classes, not objects with closures: a start makes some two hundred fields.
abstract class TableField implements Field {
  readonly name: string;
  readonly offset: number;
  readonly type: FieldType;
  readonly meaning: string;
  readonly options: FieldOptions;
  abstract readonly length: number;

  constructor(name: string, [offset, type, meaning, options = NO_OPTIONS]: FieldSpec) {
    this.name = name;
    this.offset = offset;
    this.type = type;
    this.meaning = meaning;
    this.options = options;
  }

  abstract read(from: Cursor, base?: number): unknown;
  abstract span(from: Cursor, base?: number): number;
}

const NO_OPTIONS: FieldOptions = {};

class FixedField extends TableField {
  readonly length: number;
  readonly #read: Reader;

  constructor(name: string, spec: FieldSpec, length: number, read: Reader) {
    super(name, spec);
    this.length = length;
    this.#read = read;
  }

  read(from: Cursor, base = 0): unknown {
    return this.#read(from, base + this.offset, this.length);
  }

  span(): number {
    return this.length;
  }
}

/** A field whose count stands in another one. */
class CountedField extends TableField {
  readonly length = 0;
  readonly #decode: (bytes: Bytes) => string | Bytes;
  readonly #unit: number;
  readonly #counter: () => Field;
  readonly #half: boolean;

  constructor(
    name: string,
    spec: FieldSpec,
    decode: (bytes: Bytes) => string | Bytes,
    unit: number,
    counter: () => Field,
    half: boolean,
  ) {
    super(name, spec);
    this.#decode = decode;
    this.#unit = unit;
    this.#counter = counter;
    this.#half = half;
  }

  read(from: Cursor, base = 0): string | Bytes {
    return this.#decode(from.slice(base + this.offset, this.span(from, base)));
  }

  span(from: Cursor, base = 0): number {
    const count = Number(this.#counter().read(from, base));
    return (this.#half ? Math.floor(count / 2) : count) * this.#unit;
  }
}
