import { GIB } from '@deadbox/core';
import type { InputFiles } from './input-files.node.js';
import { OutputFile } from './output-file.node.js';
import { writeLater } from './write-bytes.node.js';

const BLOCK = 64 << 10;
/** No file on FAT32 is larger. */
const LARGEST_OF_FAT: number = 4 * GIB - 1;
/** Compared with by the system's own comparison: four times as fast as a loop. */
const ZEROS = new Uint8Array(BLOCK);

/**
 * Writes bytes of a known length: blocks of zeros stay holes in a regular file; a pipe or device gets every byte.
 * Writes run on the thread pool, so that reading and decrypting go on meanwhile. What is never written reads as zeros.
 */
export class SparseWriter {
  readonly #file: OutputFile;
  readonly #size: number;
  #at = 0;

  /** @param path - `-` for stdout */
  constructor(path: string, size: number, inputs: InputFiles) {
    this.#size = size;
    this.#file = new OutputFile(path, inputs);
    this.#file.begin();
    // A file system that cannot hold such a file says so now, not after hours of copying. Small files are left alone:
    // FAT writes every zero.
    if (!this.ordered && size > LARGEST_OF_FAT) this.#file.resize(size);
  }

  /** Whether pieces must be written in order: into a pipe or a device, not into a regular file. */
  get ordered(): boolean {
    return !this.#file.isRegular;
  }

  /**
   * Writes `bytes` at `offset`; an {@link ordered} writer fills the gap before them with zeros. The bytes must stay
   * until it is done.
   */
  async write(bytes: Uint8Array, offset: number): Promise<void> {
    if (this.ordered) {
      await this.#fillTo(offset);
      await writeLater(this.#file.handle, bytes, null);
      this.#at = offset + bytes.length;
      return;
    }
    // Neighbouring blocks with data go out in one write.
    let from = -1;
    for (let at = 0; at < bytes.length; at += BLOCK) {
      if (!isZeroBlock(bytes, at, Math.min(at + BLOCK, bytes.length))) {
        if (from < 0) from = at;
      } else if (from >= 0) {
        await writeLater(this.#file.handle, bytes.subarray(from, at), offset + from);
        from = -1;
      }
    }
    if (from >= 0) await writeLater(this.#file.handle, bytes.subarray(from), offset + from);
  }

  /** Sets the length, and puts the file in its place: after the last write. */
  async finish(): Promise<void> {
    if (this.ordered) await this.#fillTo(this.#size);
    else this.#file.resize(this.#size);
    this.#file.finish();
  }

  /** Ends a file that is not whole; call when no write is under way. Does nothing after {@link finish}. */
  discard(): void {
    this.#file.discard();
  }

  async #fillTo(offset: number): Promise<void> {
    if (offset <= this.#at) return;
    const zeros = new Uint8Array(Math.min(offset - this.#at, 1 << 20));
    for (; this.#at < offset; this.#at += Math.min(zeros.length, offset - this.#at)) {
      await writeLater(this.#file.handle, zeros.subarray(0, Math.min(zeros.length, offset - this.#at)), null);
    }
  }
}

function isZeroBlock(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    bytes[from] === 0 &&
    Buffer.compare(bytes.subarray(from, to), to - from === BLOCK ? ZEROS : ZEROS.subarray(0, to - from)) === 0
  );
}
