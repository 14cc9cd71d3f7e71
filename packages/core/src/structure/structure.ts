import type { Bytes } from '../bytes/bytes.js';
import { Cursor } from '../bytes/cursor.js';
import { type Field, type FieldSpec, type FieldValue, makeField } from './field.js';

/** The rows of a field table, by the names of the fields. */
export type FieldSpecs = Readonly<Record<string, FieldSpec>>;

/** What reading a whole structure gives. */
export type StructureValues<F extends FieldSpecs> = { readonly [K in keyof F]: FieldValue<F[K][1]> };

/** A structure as it stands on disk: where each field lies, what it means, and how it is read. */
export interface Structure<F extends FieldSpecs = FieldSpecs> {
  /** Name of the structure, e.g. `gpt-header`. */
  readonly kind: string;
  /** Where the description comes from. */
  readonly source: string;
  /** Bytes up to the end of the last field of fixed length. */
  readonly size: number;
  /** The fields by name, in the order of the table. Hot loops take `fields.x.offset` and read for themselves. */
  readonly fields: { readonly [K in keyof F]: Field<FieldValue<F[K][1]>> };
  /**
   * All fields of the structure that begins at `base`. A cursor gives errors their place; bare bytes are called by the
   * structure's kind.
   * @throws DeadboxError `CURSOR_OUT_OF_RANGE`, `NUMBER_TOO_LARGE`
   */
  readonly read: (from: Bytes | Cursor, base?: number) => StructureValues<F>;
}

/**
 * Describes a structure once: parsers read with the table, {@link describeStructure} lists it. The rows stand in a
 * constant of their own, so that their types are known without being written twice:
 *
 * ```ts
 * export const GPT_HEADER_FIELDS = {
 *   signature: [0, 'ascii[8]', 'EFI PART'],
 *   revision: [8, 'u32', 'Version: 0x10000'],
 *   diskId: [56, 'guid', 'Identifies the disk'],
 * } as const;
 * const SOURCE = 'UEFI 2.10, 5.3.2';
 * export const GPT_HEADER: Structure<typeof GPT_HEADER_FIELDS> = structure('gpt-header', SOURCE, GPT_HEADER_FIELDS);
 *
 * const { revision, diskId } = GPT_HEADER.read(bytes);            // number, string
 * const diskId = GPT_HEADER.fields.diskId.read(cursor);           // one field, when only one is wanted
 * const AT_REVISION = GPT_HEADER.fields.revision.offset;          // for a hot loop
 * ```
 *
 * @param source - the specification or project that the description comes from
 */
export function structure<F extends FieldSpecs>(kind: string, source: string, specs: F): Structure<F> {
  return new FieldTable(kind, source, specs);
}

/** Makes its fields when they are first asked for: a program loads many tables, and reads few of the structures. */
class FieldTable<F extends FieldSpecs> implements Structure<F> {
  readonly kind: string;
  readonly source: string;
  readonly #specs: F;
  #fields: Structure<F>['fields'] | undefined;
  #list: readonly Field[] | undefined;
  #size: number | undefined;

  constructor(kind: string, source: string, specs: F) {
    this.kind = kind;
    this.source = source;
    this.#specs = specs;
  }

  get fields(): Structure<F>['fields'] {
    this.#fields ??= fieldsOf(this.#specs);
    return this.#fields;
  }

  get size(): number {
    this.#size ??= this.#all().reduce((size, { offset, length }) => Math.max(size, offset + length), 0);
    return this.#size;
  }

  read(from: Bytes | Cursor, base = 0): StructureValues<F> {
    const cursor = from instanceof Cursor ? from : new Cursor(from, this.kind);
    const values: Record<string, unknown> = {};
    for (const field of this.#all()) values[field.name] = field.read(cursor, base);
    return values as StructureValues<F>;
  }

  #all(): readonly Field[] {
    this.#list ??= Object.values(this.fields);
    return this.#list;
  }
}

function fieldsOf<F extends FieldSpecs>(specs: F): Structure<F>['fields'] {
  const fields: Record<string, Field> = {};
  for (const [name, spec] of Object.entries(specs)) fields[name] = makeField(name, spec, fields);
  return fields as Structure<F>['fields'];
}
