import {
  andThen,
  type ByteSource,
  type Bytes,
  Cursor,
  DeadboxError,
  type MaybePromise,
  type ReadOptions,
  type Structure,
  structure,
  unlessDamaged,
} from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { BASE_BLOCK_BYTES, REGF } from './base-block.js';

/** "Points nowhere" in every offset field. */
export const NO_CELL = 0xffff_ffff;
/** Hive bins begin with a header of 32 bytes, so no cell lies before it. */
export const FIRST_CELL = 0x20;
/** What reading a cell costs beside its bytes, in bytes that would cost as much. */
export const CELL_WORK = 64;

export const HIVE_BIN_FIELDS = {
  signature: [0x00, 'ascii[4]', 'hbin'],
  offset: [0x04, 'u32', 'Where the bin lies, relative to the first one'],
  size: [0x08, 'u32', 'Bytes of the bin, a multiple of 4096'],
  lastWritten: [0x14, 'filetime', 'Last write of the hive; in the first bin only'],
} as const;
/** Header of a hive bin; cells fill the rest of the bin. */
export const HIVE_BIN: Structure<typeof HIVE_BIN_FIELDS> = structure('hive-bin', REGF, HIVE_BIN_FIELDS);

export const HIVE_CELL_FIELDS = {
  size: [0x00, 'i32', 'Bytes of the cell, this number included; negative while it is in use'],
} as const;
/** What every cell begins with. */
export const HIVE_CELL: Structure<typeof HIVE_CELL_FIELDS> = structure('hive-cell', REGF, HIVE_CELL_FIELDS);
/** Bytes of the header. */
export const HIVE_BIN_HEADER_BYTES = 32;

/**
 * What may still be read, in bytes. Forged hives let many keys share one list and many cells overlap: each structure is
 * bounded, their product is not. What is spent here is spent above as well, where an operation is part of a larger one.
 */
export class HiveWork {
  #left: number;
  #exhausted = false;
  readonly #above: HiveWork | undefined;

  constructor(bytes: number, above?: HiveWork) {
    this.#left = bytes;
    this.#above = above;
  }

  /** Whether nothing more may be read. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** Spends `bytes`; false when that was more than there was left. */
  spend(bytes: number): boolean {
    this.#left -= bytes;
    if (this.#left < 0 || this.#above?.spend(bytes) === false) this.#exhausted = true;
    return !this.#exhausted;
  }
}

/**
 * Access to the cells of a hive by their offset in the hive bins. A cell that is already cached comes without a
 * promise. Format: msuhanov/regf, "Cell": a signed size that includes itself, negative when in use.
 */
export class HiveCells {
  /** Bytes of hive bins that can be read; cells beyond are damage. */
  readonly binsSize: number;
  /** Bytes of hive bins that the file and its logs really have: what work is measured by. */
  readonly storedBytes: number;
  /** What reading costs; without it, nothing is counted. */
  readonly work: HiveWork | undefined;
  readonly #source: ByteSource;
  readonly #options: ReadOptions | undefined;

  constructor(
    source: ByteSource,
    sizes: { readonly binsSize: number; readonly storedBytes: number },
    options?: ReadOptions,
    work?: HiveWork,
  ) {
    this.#source = source;
    this.binsSize = Math.max(0, Math.min(sizes.binsSize, source.size - BASE_BLOCK_BYTES));
    this.storedBytes = Math.max(0, Math.min(sizes.storedBytes, this.binsSize));
    this.#options = options;
    this.work = work;
  }

  /** The same cells for work of its own: `factor` bytes for each byte of the hive, and `least` for a small one. */
  bounded(factor: number, least = 0): HiveCells {
    const work = new HiveWork(Math.max(least, this.storedBytes * factor), this.work);
    return new HiveCells(this.#source, this, this.#options, work);
  }

  /**
   * The data of the cell at `offset`, without its size field.
   * @throws DeadboxError `HIVE_CELL_DAMAGED` when the offset is no cell, the cell is free or leaves the hive bins, or
   * the work is used up
   */
  data(offset: number): MaybePromise<Bytes> {
    if (offset < FIRST_CELL || offset % 8 !== 0 || offset + 8 > this.binsSize)
      throw this.damage(offset, 'offset', { binsSize: this.binsSize });
    const head = this.#source.read(BASE_BLOCK_BYTES + offset, 4, this.#options);
    return andThen(head, (bytes) => this.#rest(offset, bytes));
  }

  /** All hive bins; `undefined` where they have more than `most` bytes, or where not every byte can be read. */
  async whole(most: number): Promise<Bytes | undefined> {
    if (this.binsSize > most) return undefined;
    const read = (): MaybePromise<Bytes> => this.#source.read(BASE_BLOCK_BYTES, this.binsSize, this.#options);
    return unlessDamaged(read, undefined, this.#options);
  }

  /** The error of damage at `offset` of the hive bins, located in the file. */
  damage(offset: number, what: string, data: Record<string, string | number> = {}): DeadboxError<WindowsErrorCode> {
    const at = { layer: 'hive', offset: BASE_BLOCK_BYTES + offset };
    return new DeadboxError('HIVE_CELL_DAMAGED', `Damaged ${what} at byte ${at.offset} of the hive`, {
      at,
      data: { what, ...data },
    });
  }

  #rest(offset: number, head: Bytes): MaybePromise<Bytes> {
    const size = new Cursor(head, 'hive', BASE_BLOCK_BYTES + offset).i32(0);
    if (size > 0) throw this.damage(offset, 'cell-free', { size });
    const length = -size;
    if (length < 8 || offset + length > this.binsSize)
      throw this.damage(offset, 'cell-size', { size: length, binsSize: this.binsSize });
    if (this.work?.spend(CELL_WORK + length) === false) throw this.damage(offset, 'work-exhausted');
    return this.#source.read(BASE_BLOCK_BYTES + offset + 4, length - 4, this.#options);
  }
}
