import { closeSync, fdatasync, fstatSync, openSync, readSync } from 'node:fs';
import { monotonicMilliseconds } from '@deadbox/core';
import { outputFailed } from './output-file.node.js';
import { writeNow } from './write-bytes.node.js';

/**
 * Milliseconds between two requests to the disk to keep what it was given: losing power costs at most what came since.
 */
const SYNC_EVERY = 1000;

/** A file that only grows, by whole lines. */
export class JournalFile {
  readonly #path: string;
  readonly #handle: number;
  #synced: number = monotonicMilliseconds();
  #cut = false;

  /** @throws DeadboxError `OUTPUT_FAILED` */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#handle = openSync(path, 'a+', 0o666);
      this.#cut = endsInMidLine(this.#handle);
    } catch (cause) {
      throw outputFailed(path, cause);
    }
  }

  /**
   * Adds a line, with its line feed.
   * @throws DeadboxError `OUTPUT_FAILED`: of a full disk; what was written of the line is passed over by readers
   */
  append(line: Uint8Array): void {
    try {
      if (this.#cut) writeNow(this.#handle, Uint8Array.of(10));
      this.#cut = true;
      writeNow(this.#handle, line);
      this.#cut = false;
    } catch (error) {
      throw outputFailed(this.#path, (error as Error).cause ?? error);
    }
    if (monotonicMilliseconds() - this.#synced < SYNC_EVERY) return;
    this.#synced = monotonicMilliseconds();
    fdatasync(this.#handle, () => undefined);
  }

  close(): void {
    closeSync(this.#handle);
  }
}

/** Whether a run was cut while it wrote the last line. */
function endsInMidLine(handle: number): boolean {
  const { size } = fstatSync(handle);
  const last = new Uint8Array(1);
  return size > 0 && readSync(handle, last, 0, 1, size - 1) === 1 && last[0] !== 10;
}
