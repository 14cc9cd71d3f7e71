import { type ByteSource, type Bytes, DeadboxError, MemorySource, transportFailed } from '@deadbox/core';

/** How a read fails: the connection is lost, or the medium refuses the sector. */
export type Failure = 'connection' | 'sector';

/** A volume in memory whose read number `failing`, counted from 0 after `begin`, fails. */
export class FailingReads implements ByteSource {
  readonly size: number;
  /** Reads since `begin`. */
  reads = 0;
  #failing = Number.POSITIVE_INFINITY;
  #failure: Failure = 'sector';
  readonly #inner: MemorySource;

  constructor(bytes: Bytes) {
    this.#inner = new MemorySource(bytes);
    this.size = bytes.length;
  }

  /** Counts from here. */
  begin(failing: number, failure: Failure): void {
    this.reads = 0;
    this.#failing = failing;
    this.#failure = failure;
  }

  read(offset: number, length: number): Promise<Bytes> {
    const number = this.reads;
    this.reads += 1;
    if (number !== this.#failing) return Promise.resolve(this.#inner.read(offset, length));
    return Promise.reject(
      this.#failure === 'connection'
        ? transportFailed('network', 'http://server/disk', { offset, length }, 'HTTP 503')
        : new DeadboxError('READ_FAILED', `no data at ${offset}`, { at: { layer: 'file', offset } }),
    );
  }
}
