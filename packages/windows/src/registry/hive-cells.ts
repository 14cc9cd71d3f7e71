import { type ByteSource, type Bytes, Cursor, DeadboxError, type MaybePromise, type ReadOptions } from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { BASE_BLOCK_BYTES } from './base-block.js';

/** "Points nowhere" in every offset field. */
export const NO_CELL = 0xffff_ffff;
/** Hive bins begin with a header of 32 bytes, so no cell lies before it. */
const FIRST_CELL = 0x20;

/**
 * Access to the cells of a hive by their offset in the hive bins. A cell that is already cached comes without a promise.
 * Format: msuhanov/regf, "Cell": a signed size that includes itself, negative when in use.
 */
export class HiveCells {
  /** Bytes of hive bins that exist in the file; cells beyond are damage. */
  readonly binsSize: number;
  readonly #source: ByteSource;
  readonly #options: ReadOptions | undefined;

  constructor(source: ByteSource, binsSize: number, options?: ReadOptions) {
    this.#source = source;
    this.binsSize = Math.max(0, Math.min(binsSize, source.size - BASE_BLOCK_BYTES));
    this.#options = options;
  }

  /**
   * The data of the cell at `offset`, without its size field.
   * @throws DeadboxError `HIVE_CELL_DAMAGED` when the offset is no cell, the cell is free or leaves the hive bins
   */
  data(offset: number): MaybePromise<Bytes> {
    if (offset < FIRST_CELL || offset % 8 !== 0 || offset + 8 > this.binsSize)
      throw this.damage(offset, 'offset', { binsSize: this.binsSize });
    const head = this.#source.read(BASE_BLOCK_BYTES + offset, 4, this.#options);
    if (head instanceof Promise) return head.then((bytes) => this.#rest(offset, bytes));
    return this.#rest(offset, head);
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
    return this.#source.read(BASE_BLOCK_BYTES + offset + 4, length - 4, this.#options);
  }
}
