import {
  type ByteSource,
  type Bytes,
  type DeadboxError,
  type IssueLog,
  type ReadOptions,
  readAround,
} from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';

/** The first and last bytes of a file, of which the medium may refuse some sectors. */
export class FileEnds {
  readonly #source: ByteSource;
  readonly #name: string;
  readonly #options: ReadOptions;
  readonly #bad: { readonly offset: number; readonly error: DeadboxError }[] = [];

  constructor(source: ByteSource, name: string, options: ReadOptions) {
    this.#source = source;
    this.#name = name;
    this.#options = options;
  }

  /** Bytes at either end; sectors that cannot be read are zeros. */
  read(offset: number, length: number): Promise<Bytes> {
    return readAround(this.#source, { offset, length }, this.#options, (at, error) =>
      this.#bad.push({ offset: at, error }),
    );
  }

  /**
   * Notes the sectors that could not be read.
   * @param format - what the rest was recognised as
   * @throws the error of the first one, where the format cannot do without it, or where it would have told the format
   * that the name claims
   */
  settle(format: ImageFormat | undefined, formats: readonly ImageFormat[], issues: IssueLog): void {
    const [first] = this.#bad;
    if (first === undefined) return;
    if (format?.readsAroundBadEnds !== true) throw first.error;
    const ending = this.#name.slice(this.#name.lastIndexOf('.') + 1).toLowerCase();
    const claimed = formats.find(({ extensions }) => extensions.includes(ending));
    if (first.offset === 0 && claimed !== undefined && claimed !== format) throw first.error;
    for (const { offset, error } of this.#bad) {
      const at = { layer: this.#name, offset };
      issues.add({ code: 'image.sector-unreadable', at, data: { reason: error.message } });
    }
  }

  /** Whether a range holds a sector that could not be read. */
  isBad(offset: number, length: number): boolean {
    return this.#bad.some((bad) => bad.offset < offset + length && offset < bad.offset + 512);
  }
}
