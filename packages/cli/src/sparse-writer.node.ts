import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { DeadboxError, isZero } from '@deadbox/core';

const BLOCK = 64 << 10;

/** Writes a raw image: blocks of zeros stay holes in a regular file; a pipe or device gets every byte. */
export class SparseWriter {
  readonly #handle: number;
  readonly #sparse: boolean;
  readonly #size: number;
  readonly #owned: boolean;
  #at = 0;

  /** @param path - `-` for stdout */
  constructor(path: string, size: number) {
    this.#size = size;
    this.#owned = path !== '-';
    try {
      this.#handle = this.#owned ? openSync(path, 'w') : 1;
    } catch (cause) {
      throw new DeadboxError('OUTPUT_FAILED', `${path} cannot be written: ${(cause as Error).message}`, { data: { path }, cause });
    }
    this.#sparse = this.#owned && fstatSync(this.#handle).isFile();
  }

  /** Adds bytes at the end. */
  write(bytes: Uint8Array): void {
    if (!this.#sparse) {
      this.#writeAll(bytes, null);
      return;
    }
    // Neighbouring blocks with data go out in one write.
    let from = -1;
    for (let at = 0; at < bytes.length; at += BLOCK) {
      if (!isZero(bytes.subarray(at, Math.min(at + BLOCK, bytes.length)))) {
        if (from < 0) from = at;
      } else if (from >= 0) {
        this.#writeAll(bytes.subarray(from, at), this.#at + from);
        from = -1;
      }
    }
    if (from >= 0) this.#writeAll(bytes.subarray(from), this.#at + from);
    this.#at += bytes.length;
  }

  /** Adds `length` zeros. */
  skip(length: number): void {
    if (this.#sparse) {
      this.#at += length;
      return;
    }
    const zeros = new Uint8Array(Math.min(length, 1 << 20));
    for (let done = 0; done < length; done += zeros.length) this.#writeAll(zeros.subarray(0, Math.min(zeros.length, length - done)), null);
  }

  /** Sets the length and closes. */
  close(): void {
    if (this.#sparse) ftruncateSync(this.#handle, this.#size);
    if (this.#owned) closeSync(this.#handle);
  }

  #writeAll(bytes: Uint8Array, position: number | null): void {
    for (let done = 0; done < bytes.length; ) {
      try {
        done += writeSync(this.#handle, bytes, done, bytes.length - done, position === null ? null : position + done);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        else if (code === 'EPIPE') process.exit(0);
        else throw error;
      }
    }
  }
}
