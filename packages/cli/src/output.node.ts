import { closeSync, openSync, writeSync } from 'node:fs';
import { DeadboxError } from '@deadbox/core';

const FLUSH_AT = 1 << 16;

/** Where a verb's data goes: stdout, or the file of `-o`. Text is gathered and written in blocks; a closed pipe ends the program quietly. */
export class Output {
  readonly #handle: number;
  readonly #owned: boolean;
  #text = '';

  /** @param file - path of `-o`; `-` and `undefined` mean stdout */
  constructor(file?: string) {
    this.#owned = file !== undefined && file !== '-';
    this.#handle = this.#owned ? openForWriting(file as string) : 1;
  }

  /** Whether the data goes to a terminal. */
  get isTerminal(): boolean {
    return !this.#owned && process.stdout.isTTY;
  }

  /** Adds text. */
  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= FLUSH_AT) this.flush();
  }

  /** Adds bytes. */
  writeBytes(bytes: Uint8Array): void {
    this.flush();
    writeAll(this.#handle, bytes);
  }

  /** Writes what was gathered. */
  flush(): void {
    if (this.#text === '') return;
    const bytes = new TextEncoder().encode(this.#text);
    this.#text = '';
    writeAll(this.#handle, bytes);
  }

  /** Writes what was gathered and closes the file of `-o`. */
  close(): void {
    this.flush();
    if (this.#owned) closeSync(this.#handle);
  }
}

function openForWriting(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (cause) {
    throw new DeadboxError('OUTPUT_FAILED', `${path} cannot be written: ${(cause as Error).message}`, { data: { path }, cause });
  }
}

function writeAll(handle: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(handle, bytes, at, bytes.length - at);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      // A pipe that is full is not an error: Node's stdout may be non-blocking.
      if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      // The reader went away (`| head`): nothing more to say.
      else if (code === 'EPIPE') process.exit(0);
      else throw error;
    }
  }
}
