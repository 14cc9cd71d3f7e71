import {
  advance,
  andThen,
  type ByteSource,
  type Bytes,
  checkRange,
  keepNewest,
  type MaybePromise,
  type ReadOptions,
  readThrough,
} from '@deadbox/core';

/** How many expanded chunks a source keeps for small reads. */
const CHUNKS_KEPT = 8;
/**
 * Bytes that one call of `expand` is asked for at most, so that a long read stays cancellable and its scratch space
 * small.
 */
const BATCH_BYTES = 1 << 22;
/** Arrays for packed bytes that are kept for the next read: as many as reads run at a time, normally. */
const SCRATCH_KEPT = 8;

/**
 * A stream whose content is stored in independent chunks of equal expanded size (LZNT1 units, WOF chunks). Whole chunks
 * are expanded straight into the reader's buffer; chunks that a read touches only in part are kept in a small cache.
 */
export abstract class ChunkedSource implements ByteSource {
  readonly size: number;
  readonly name: string;
  /** Expanded bytes of every chunk but the last. */
  readonly chunkSize: number;
  readonly #kept = new Map<number, Bytes>();
  readonly #scratch: Bytes[] = [];

  constructor(name: string, size: number, chunkSize: number) {
    this.name = name;
    this.size = size;
    this.chunkSize = chunkSize;
  }

  /**
   * Fills `target` with the chunks from number `first` on. `target` ends where a chunk ends, or where the stream ends.
   * @throws DeadboxError when the stored form is damaged
   */
  protected abstract expand(first: number, target: Bytes, options?: ReadOptions): MaybePromise<void>;

  /** An array of at least `length` bytes, for packed bytes. */
  protected takeScratch(length: number): Bytes {
    const kept = this.#scratch.pop();
    return kept !== undefined && kept.length >= length ? kept : new Uint8Array(Math.max(length, this.chunkSize));
  }

  /** Gives an array of {@link takeScratch} back. */
  protected keepScratch(scratch: Bytes): void {
    if (this.#scratch.length < SCRATCH_KEPT) this.#scratch.push(scratch);
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange(this.name, this.size, offset, length);
    const chunk = Math.floor(offset / this.chunkSize);
    const start = offset - chunk * this.chunkSize;
    if (start + length <= this.chunkSize) {
      const kept = this.#kept.get(chunk);
      if (kept !== undefined) return kept.subarray(start, start + length);
    }
    return readThrough(this, offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    checkRange(this.name, this.size, offset, target.length);
    return advance(target.length, (done) => {
      options?.signal?.throwIfAborted();
      return this.#step(offset + done, target, done, options);
    });
  }

  /** Fills one piece of `target` from index `at` on and returns its length. */
  #step(offset: number, target: Bytes, at: number, options?: ReadOptions): MaybePromise<number> {
    const chunk = Math.floor(offset / this.chunkSize);
    const start = offset - chunk * this.chunkSize;
    const left = target.length - at;
    const chunkLength = Math.min(this.chunkSize, this.size - chunk * this.chunkSize);
    const kept = this.#kept.get(chunk);
    if (kept === undefined && start === 0 && left >= chunkLength) {
      const whole = offset + left === this.size ? left : left - (left % this.chunkSize);
      const batch = Math.max(this.chunkSize, BATCH_BYTES - (BATCH_BYTES % this.chunkSize));
      const length = Math.min(whole, batch);
      return andThen(this.expand(chunk, target.subarray(at, at + length), options), () => length);
    }
    const length = Math.min(left, chunkLength - start);
    return andThen(kept ?? this.#keep(chunk, chunkLength, options), (bytes) => {
      target.set(bytes.subarray(start, start + length), at);
      return length;
    });
  }

  #keep(chunk: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    const bytes = new Uint8Array(length);
    return andThen(this.expand(chunk, bytes, options), () => keepNewest(this.#kept, chunk, bytes, CHUNKS_KEPT));
  }
}
