import { type ByteSource, type Bytes, checkRange, type MaybePromise, type ReadOptions } from '@deadbox/core';

/** How many expanded chunks a source keeps for small reads. */
const CHUNKS_KEPT = 8;
/** Bytes that one call of `expand` is asked for at most, so that a long read stays cancellable and its scratch space small. */
const BATCH_BYTES = 1 << 22;
/** Arrays for packed bytes that are kept for the next read: as many as reads run at a time, normally. */
const SCRATCH_KEPT = 8;

/**
 * A stream whose content is stored in independent chunks of equal expanded size (LZNT1 units, WOF chunks). Whole chunks are
 * expanded straight into the reader's buffer; chunks that a read touches only in part are kept in a small cache.
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
    const target = new Uint8Array(length);
    const pending = this.readInto(offset, target, options);
    return pending instanceof Promise ? pending.then(() => target) : target;
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    checkRange(this.name, this.size, offset, target.length);
    let done = 0;
    while (done < target.length) {
      const step = this.#step(offset + done, target, done, options);
      if (step instanceof Promise) return this.#finish(step, offset, target, done, options);
      done += step;
    }
    return undefined;
  }

  async #finish(
    first: Promise<number>,
    offset: number,
    target: Bytes,
    from: number,
    options?: ReadOptions,
  ): Promise<void> {
    let done = from + (await first);
    while (done < target.length) {
      options?.signal?.throwIfAborted();
      done += await this.#step(offset + done, target, done, options);
    }
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
      const pending = this.expand(chunk, target.subarray(at, at + length), options);
      return pending instanceof Promise ? pending.then(() => length) : length;
    }
    const length = Math.min(left, chunkLength - start);
    const bytes = kept ?? this.#keep(chunk, chunkLength, options);
    if (bytes instanceof Promise) {
      return bytes.then((value) => {
        target.set(value.subarray(start, start + length), at);
        return length;
      });
    }
    target.set(bytes.subarray(start, start + length), at);
    return length;
  }

  #keep(chunk: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    const bytes = new Uint8Array(length);
    const pending = this.expand(chunk, bytes, options);
    const store = (): Bytes => {
      this.#kept.delete(chunk);
      this.#kept.set(chunk, bytes);
      // A Map iterates in insertion order: its first key is the chunk that was expanded longest ago.
      if (this.#kept.size > CHUNKS_KEPT) this.#kept.delete(this.#kept.keys().next().value as number);
      return bytes;
    };
    return pending instanceof Promise ? pending.then(store) : store();
  }
}
