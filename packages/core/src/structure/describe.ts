import { type Bytes, toHex } from '../bytes/bytes.js';
import { Cursor } from '../bytes/cursor.js';
import { defined } from '../bytes/defined.js';
import { formatFileTime } from '../bytes/filetime.js';
import { isDeadboxError, type Json } from '../errors.js';
import type { Field } from './field.js';
import type { Structure } from './structure.js';

/** One field of a structure with the bytes that stand there. */
export interface DescribedField {
  readonly name: string;
  /** Bytes from the start of the structure. */
  readonly offset: number;
  /** Bytes that the field takes, whether or not all of them are there. */
  readonly length: number;
  /** Hexadecimal text of its bytes, as far as they are there. */
  readonly raw: string;
  /**
   * Its value: numbers of 2^53 and above as decimal text, times in ISO-8601, bytes as hexadecimal text; `null` when not
   * all bytes are there or a time is not set.
   */
  readonly value: Json;
  /** Name of the value, or of the bits that are set, where the table names them. */
  readonly text?: string;
  readonly meaning: string;
  /** Where the fact comes from. */
  readonly source: string;
}

/**
 * Every field of `table` in the structure that begins at `base` of `bytes`. Bytes that end early cost only the fields
 * that they lack.
 */
export function describeStructure(table: Structure, bytes: Bytes, base = 0): DescribedField[] {
  const cursor = new Cursor(bytes, table.kind);
  return Object.values(table.fields).map((field) => {
    const counted = spanOf(field, cursor, base);
    const length = counted ?? 0;
    const at = Math.min(base + field.offset, bytes.length);
    const raw = bytes.subarray(at, Math.min(at + length, bytes.length));
    const value = counted === undefined || raw.length < length ? null : valueOf(field, cursor, base, raw);
    const text = value === null ? undefined : textOf(field, value);
    return {
      name: field.name,
      offset: field.offset,
      length,
      raw: toHex(raw),
      value,
      ...defined({ text }),
      meaning: field.meaning,
      source: field.options.source ?? table.source,
    };
  });
}

/** The bytes of a field; `undefined` when the field that counts them is cut off itself. */
function spanOf(field: Field, cursor: Cursor, base: number): number | undefined {
  if (field.length > 0) return field.length;
  try {
    return field.span(cursor, base);
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
    return undefined;
  }
}

function valueOf(field: Field, cursor: Cursor, base: number, raw: Bytes): Json {
  if (field.type === 'filetime') return formatFileTime(cursor.u64(base + field.offset)) ?? null;
  let value: unknown;
  try {
    value = field.read(cursor, base);
  } catch (error) {
    if (!isDeadboxError(error, 'NUMBER_TOO_LARGE')) throw error;
    // All bytes are there, so it is a 64-bit number that no `number` holds.
    value = field.type === 'u64be' ? cursor.u64Be(base + field.offset) : wide(field, cursor.u64(base + field.offset));
  }
  if (typeof value === 'number' || typeof value === 'string') return value;
  return typeof value === 'bigint' ? String(value) : toHex(raw);
}

const wide = (field: Field, value: bigint): bigint => (field.type === 'i64' ? BigInt.asIntN(64, value) : value);

function textOf({ options }: Field, value: Json): string | undefined {
  const name = options.values?.[value as number | string];
  if (name !== undefined || options.flags === undefined || typeof value !== 'number') return name;
  let rest = value;
  const names: string[] = [];
  for (const [key, flag] of Object.entries(options.flags)) {
    const bits = Number(key);
    // Bits up to the 32nd: as unsigned numbers on both sides.
    if ((value & bits) >>> 0 !== bits >>> 0 || bits === 0) continue;
    names.push(flag);
    rest = (rest & ~bits) >>> 0;
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return names.join(', ');
}
