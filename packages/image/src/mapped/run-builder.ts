import type { ByteSource } from '@deadbox/core';
import type { BlockRun, PackedUnit } from './block-map.js';

/** What stands for bytes that an image does not store: zeros, or the parent's bytes at the same place. */
export type AbsentKind = 'zero' | 'parent';

/**
 * Builds the runs of a map that knows one block after the other: entries that continue each other become one run, with
 * no object for each.
 */
export class RunBuilder {
  readonly #runs: BlockRun[] = [];
  #kind: 'data' | AbsentKind | undefined;
  #source: ByteSource | undefined;
  #offset = 0;
  #length = 0;

  /** Whether nothing was added. */
  get empty(): boolean {
    return this.#kind === undefined && this.#runs.length === 0;
  }

  /** Appends bytes stored at `offset` of `source`. */
  data(source: ByteSource, offset: number, length: number): void {
    if (this.#kind === 'data' && this.#source === source && this.#offset + this.#length === offset) {
      this.#length += length;
      return;
    }
    this.#flush();
    this.#kind = 'data';
    this.#source = source;
    this.#offset = offset;
    this.#length = length;
  }

  /** Appends bytes that are not stored. */
  absent(kind: AbsentKind, length: number): void {
    if (this.#kind !== kind) {
      this.#flush();
      this.#kind = kind;
      this.#length = 0;
    }
    this.#length += length;
  }

  /** Appends bytes `[skip, skip + length)` of a packed unit. */
  packed(unit: PackedUnit, skip: number, length: number): void {
    this.#flush();
    this.#runs.push({ kind: 'packed', unit, skip, length });
  }

  finish(): readonly BlockRun[] {
    this.#flush();
    return this.#runs;
  }

  #flush(): void {
    if (this.#kind === 'data') {
      this.#runs.push({ kind: 'data', length: this.#length, source: this.#source as ByteSource, offset: this.#offset });
    } else if (this.#kind !== undefined) this.#runs.push({ kind: this.#kind, length: this.#length });
    this.#kind = undefined;
  }
}
