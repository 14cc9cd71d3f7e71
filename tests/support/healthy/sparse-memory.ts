import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { ByteSource, Bytes } from '@deadbox/core';
import type { Sink } from '../ntfs-writer/sink.js';

const PAGE = 1 << 16;

/**
 * A disk in memory of any size: only pages that were written take memory. A writer's sink and a reader's source at
 * once.
 */
export class SparseMemory implements Sink, ByteSource {
  readonly size: number;
  readonly #pages = new Map<number, Uint8Array<ArrayBuffer>>();

  constructor(size: number) {
    this.size = size;
  }

  write(offset: number, bytes: Uint8Array): void {
    if (offset < 0 || offset + bytes.length > this.size) throw new Error(`${offset} is outside the disk`);
    for (let done = 0; done < bytes.length; ) {
      const at = offset + done;
      const within = at % PAGE;
      const length = Math.min(PAGE - within, bytes.length - done);
      const number = Math.floor(at / PAGE);
      const page = this.#pages.get(number) ?? new Uint8Array(PAGE);
      page.set(bytes.subarray(done, done + length), within);
      this.#pages.set(number, page);
      done += length;
    }
  }

  /** Writes the disk as a file with holes. */
  save(path: string): void {
    const handle = openSync(path, 'w');
    for (const [number, page] of this.#pages) writeSync(handle, page, 0, page.length, number * PAGE);
    ftruncateSync(handle, this.size);
    closeSync(handle);
  }

  read(offset: number, length: number): Bytes {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = offset + done;
      const within = at % PAGE;
      const part = Math.min(PAGE - within, length - done);
      const page = this.#pages.get(Math.floor(at / PAGE));
      if (page !== undefined) bytes.set(page.subarray(within, within + part), done);
      done += part;
    }
    return bytes;
  }
}
