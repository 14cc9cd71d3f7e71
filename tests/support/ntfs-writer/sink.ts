import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** Where a writer puts bytes. What is never written reads as zeros. */
export interface Sink {
  write(offset: number, bytes: Uint8Array): void;
}

/** A sparse file of fixed size. */
export class FileSink implements Sink {
  readonly #handle: number;

  constructor(path: string, size: number) {
    this.#handle = openSync(path, 'w');
    ftruncateSync(this.#handle, size);
  }

  write(offset: number, bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) done += writeSync(this.#handle, bytes, done, bytes.length - done, offset + done);
  }

  close(): void {
    closeSync(this.#handle);
  }
}

/** Bytes in memory, for small volumes. */
export class MemorySink implements Sink {
  readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, offset);
  }
}

/** A partition of another sink. */
export function partOf(sink: Sink, base: number): Sink {
  return { write: (offset, bytes) => sink.write(base + offset, bytes) };
}
