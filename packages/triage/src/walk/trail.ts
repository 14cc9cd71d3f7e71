import {
  type ByteSource,
  type Bytes,
  type DescribedField,
  describeStructure,
  equalBytes,
  type Json,
  type ReadOptions,
  type Structure,
  toHex,
} from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { BlockMappedDisk } from '@deadbox/image/internals';
import { MAX_WALK_STEPS } from '../limits.js';
import { placesOf, storedBytes } from './places.js';
import type {
  WalkField,
  WalkMapEntry,
  WalkPointer,
  WalkReading,
  WalkStep,
  WalkStepId,
  WalkTerm,
} from './walk-types.js';

/** A structure inside a step, and where it begins there. */
export interface PlacedTable {
  readonly table: Structure;
  readonly at: number;
}

/** A step as its makers describe it; the trail finds the places and names the fields. */
export interface StepInput {
  readonly id: WalkStepId;
  readonly data?: Readonly<Record<string, Json>>;
  /** What holds the bytes. */
  readonly source: ByteSource;
  /** First byte in `source`. */
  readonly offset: number;
  readonly length: number;
  /** The bytes as they are read, where they are not those of `source`: after fixup, or from a log. */
  readonly view?: Bytes;
  readonly reading?: WalkReading;
  readonly tables?: readonly PlacedTable[];
  /** Fields that no table has, e.g. an element of a list. */
  readonly own?: readonly (DescribedField & { readonly structure: string })[];
  /** Names of the fields by which the walk goes on. */
  readonly keys?: readonly string[];
  readonly next?: WalkPointer;
}

/** Steps under way. */
export class Trail {
  readonly disk: Disk;
  readonly options: ReadOptions;
  readonly steps: WalkStep[] = [];
  /** Whether the way has more steps than are kept. */
  isCut = false;

  constructor(disk: Disk, options: ReadOptions) {
    this.disk = disk;
    this.options = options;
  }

  /** Adds a step; a walk that is too long to be followed ends without more. */
  async add(input: StepInput): Promise<void> {
    if (this.steps.length >= MAX_WALK_STEPS) {
      this.isCut = true;
      return;
    }
    const { id, source, offset, length } = input;
    const bytes = input.view ?? (await source.read(offset, length, this.options));
    const { pieces, decrypted } = await placesOf(this.disk, source, { offset, length }, this.options);
    const first = pieces[0]?.disk ?? null;
    const stored = first === null ? bytes : await storedBytes(this.disk, pieces, this.options);
    const same = equalBytes(stored, bytes.subarray(0, stored.length));
    this.steps.push({
      number: this.steps.length + 1,
      id,
      data: input.data ?? {},
      offset: first,
      length,
      pieces,
      reading: decrypted ? 'decrypted' : (input.reading ?? (same ? 'verbatim' : 'fixup')),
      bytes: toHex(bytes),
      stored: same ? null : toHex(stored),
      fields: fieldsOf(input, bytes),
      map: await this.#mapOf(first),
      next: input.next ?? null,
    });
  }

  /** Gives the last step its pointer, once the place of the next one is known. */
  pointLast(next: WalkPointer): void {
    const last = this.steps.at(-1);
    if (last !== undefined && last.next === null) this.steps[this.steps.length - 1] = { ...last, next };
  }

  async #mapOf(offset: number | null): Promise<WalkMapEntry[]> {
    const { image } = this.disk;
    if (offset === null || !(image instanceof BlockMappedDisk)) return [];
    const entries: WalkMapEntry[] = [];
    for (const { kind, source, offset: at, length, span } of await image.tableEntries(offset, this.options)) {
      const bytes = toHex(await source.read(at, length, this.options));
      const { pieces } = await placesOf(this.disk, source, { offset: at, length }, this.options);
      const file = pieces[0]?.file;
      if (file != null) entries.push({ kind, file, length, bytes, span });
    }
    return entries;
  }
}

/** A pointer by its sum. */
export function pointer(space: WalkPointer['space'], ...terms: readonly WalkTerm[]): WalkPointer {
  return { space, to: terms.reduce((sum, { value, times }) => sum + value * times, 0), terms };
}

/** A term of a pointer. */
export function term(id: WalkTerm['id'], value: number, times = 1): WalkTerm {
  return { id, value, times };
}

function fieldsOf({ tables = [], own = [], keys = [] }: StepInput, bytes: Bytes): WalkField[] {
  const wanted = new Set(keys);
  const placed = [
    ...tables.flatMap(({ table, at }) =>
      describeStructure(table, bytes, at).map((field) => ({
        ...field,
        structure: table.kind,
        offset: at + field.offset,
      })),
    ),
    ...own,
  ];
  return placed
    .filter(({ offset, length }) => offset + length <= bytes.length)
    .map(({ structure, name, offset, length, raw, value, text, meaning, source }) => ({
      structure,
      name,
      at: offset,
      length,
      raw,
      value,
      ...(text === undefined ? {} : { text }),
      meaning,
      source,
      key: wanted.has(name),
    }));
}
