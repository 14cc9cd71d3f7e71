import { closeSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { DeadboxError } from '@deadbox/core';
import { refuseInput } from './protected-inputs.node.js';
import { writeLater } from './write-later.node.js';

const BLOCK = 64 << 10;
/** Compared with by the system's own comparison: four times as fast as a loop. */
const ZEROS = new Uint8Array(BLOCK);

/**
 * Writes bytes of a known length: blocks of zeros stay holes in a regular file; a pipe or device gets every byte.
 * Writes run on the thread pool, so that reading and decrypting go on meanwhile. What is never written reads as zeros.
 */
export class SparseWriter {
  /** Whether pieces must be written in order: into a pipe or a device, not into a regular file. */
  readonly ordered: boolean;
  readonly #handle: number;
  readonly #size: number;
  readonly #owned: boolean;
  #at = 0;

  /** @param path - `-` for stdout */
  constructor(path: string, size: number) {
    this.#size = size;
    this.#owned = path !== '-';
    if (this.#owned) refuseInput(path);
    try {
      this.#handle = this.#owned ? openSync(path, 'w') : 1;
    } catch (cause) {
      throw new DeadboxError('OUTPUT_FAILED', `${path} cannot be written: ${(cause as Error).message}`, {
        data: { path },
        cause,
      });
    }
    this.ordered = !(this.#owned && fstatSync(this.#handle).isFile());
  }

  /** Writes `bytes` at `offset`; an {@link ordered} writer fills the gap before them with zeros. The bytes must stay until it is done. */
  async write(bytes: Uint8Array, offset: number): Promise<void> {
    if (this.ordered) {
      await this.#fillTo(offset);
      await writeLater(this.#handle, bytes, null);
      this.#at = offset + bytes.length;
      return;
    }
    // Neighbouring blocks with data go out in one write.
    let from = -1;
    for (let at = 0; at < bytes.length; at += BLOCK) {
      if (!isZeroBlock(bytes, at, Math.min(at + BLOCK, bytes.length))) {
        if (from < 0) from = at;
      } else if (from >= 0) {
        await writeLater(this.#handle, bytes.subarray(from, at), offset + from);
        from = -1;
      }
    }
    if (from >= 0) await writeLater(this.#handle, bytes.subarray(from), offset + from);
  }

  /** Sets the length: after the last write. */
  async finish(): Promise<void> {
    if (this.ordered) await this.#fillTo(this.#size);
    else ftruncateSync(this.#handle, this.#size);
  }

  /** Closes the file; call when no write is under way. */
  close(): void {
    if (this.#owned) closeSync(this.#handle);
  }

  async #fillTo(offset: number): Promise<void> {
    if (offset <= this.#at) return;
    const zeros = new Uint8Array(Math.min(offset - this.#at, 1 << 20));
    for (; this.#at < offset; this.#at += Math.min(zeros.length, offset - this.#at)) {
      await writeLater(this.#handle, zeros.subarray(0, Math.min(zeros.length, offset - this.#at)), null);
    }
  }
}

function isZeroBlock(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    bytes[from] === 0 &&
    Buffer.compare(bytes.subarray(from, to), to - from === BLOCK ? ZEROS : ZEROS.subarray(0, to - from)) === 0
  );
}
