import { type Bytes, plainBytes } from '../bytes/bytes.js';
import { checkRange, sourceClosed } from '../errors.js';
import type { ByteSource } from './byte-source.js';

/**
 * A source over bytes in memory. `read` returns views: the bytes must not change afterwards, and nothing here changes
 * them.
 */
export class MemorySource implements ByteSource {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  readonly name?: string;
  #bytes: Bytes | undefined;

  /** @param options - what the source is called in messages, and its sector size when known */
  constructor(bytes: Bytes, options: { name?: string; sectorSize?: 512 | 4096 } = {}) {
    this.#bytes = plainBytes(bytes);
    this.size = bytes.length;
    if (options.name !== undefined) this.name = options.name;
    if (options.sectorSize !== undefined) this.sectorSize = options.sectorSize;
  }

  read(offset: number, length: number): Bytes {
    if (this.#bytes === undefined) throw sourceClosed(this.name ?? 'memory');
    checkRange(this.name ?? 'memory', this.size, offset, length);
    return this.#bytes.subarray(offset, offset + length);
  }

  readInto(offset: number, target: Bytes): void {
    target.set(this.read(offset, target.length));
  }

  /** Lets the bytes go; idempotent. */
  close(): void {
    this.#bytes = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}
