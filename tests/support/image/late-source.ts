import { type ByteSource, type Bytes, checkRange } from '@deadbox/core';

/** A source of the two required members only, whose answers come late and in any order, like those of a server. */
export class LateSource implements ByteSource {
  readonly size: number;
  /** Reads that have not been answered yet. */
  pending = 0;
  /** Offsets from which reads fail. */
  readonly failing: Set<number> = new Set();
  readonly #bytes: Bytes;
  #count = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  async read(offset: number, length: number): Promise<Bytes> {
    checkRange('late source', this.size, offset, length);
    this.pending += 1;
    this.#count += 1;
    for (let turn = (this.#count * 7) % 4; turn >= 0; turn -= 1) await new Promise((resolve) => setImmediate(resolve));
    this.pending -= 1;
    if (this.failing.has(offset)) throw new Error(`no answer for ${offset}`);
    return this.#bytes.slice(offset, offset + length);
  }
}
