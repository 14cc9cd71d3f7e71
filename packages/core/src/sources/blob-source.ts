import type { Bytes } from '../bytes/bytes.js';
import { checkRange, sourceClosed, transportFailed } from '../errors.js';
import type { ByteSource, ReadOptions } from './byte-source.js';

/** A source over a `Blob` or `File`, as browsers give them; pieces are read on demand. */
export class BlobSource implements ByteSource {
  readonly size: number;
  readonly name: string;
  #blob: Blob | undefined;

  /** @param name - defaults to the file's own name */
  constructor(blob: Blob, name: string = 'name' in blob && typeof blob.name === 'string' ? blob.name : 'blob') {
    this.#blob = blob;
    this.size = blob.size;
    this.name = name;
  }

  async read(offset: number, length: number, options?: ReadOptions): Promise<Bytes> {
    if (this.#blob === undefined) throw sourceClosed(this.name);
    checkRange(this.name, this.size, offset, length);
    options?.signal?.throwIfAborted();
    try {
      return new Uint8Array(await this.#blob.slice(offset, offset + length).arrayBuffer());
    } catch (cause) {
      const reason = 'the file may have changed since it was chosen';
      throw transportFailed('source', this.name, { offset, length }, reason, cause);
    }
  }

  /** Lets the blob go; idempotent. */
  close(): void {
    this.#blob = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}
