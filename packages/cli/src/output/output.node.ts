import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { DeadboxError } from '@deadbox/core';
import { refuseInput } from './protected-inputs.node.js';
import { writeLater } from './write-later.node.js';

const FLUSH_AT = 1 << 16;

/** Where a verb's data goes: stdout, or the file of `-o`. Text is gathered and written in blocks; a closed pipe ends the program quietly. */
export class Output {
  readonly #handle: number;
  readonly #file: string | undefined;
  #begun = false;
  #text = '';

  /** @param file - path of `-o`; `-` and `undefined` mean stdout */
  constructor(file?: string) {
    this.#file = file === '-' ? undefined : file;
    this.#handle = this.#file === undefined ? 1 : openForWriting(this.#file);
  }

  /** Whether the data goes to a terminal. */
  get isTerminal(): boolean {
    return this.#file === undefined && process.stdout.isTTY;
  }

  /** Adds text. */
  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= FLUSH_AT) this.flush();
  }

  /** Adds chunks of bytes, each of which must stay until the one after it was made: the thread pool writes one while the next is made. */
  async writeChunks(chunks: Iterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    this.flush();
    let writing: Promise<void> | undefined;
    try {
      for (const chunk of chunks) {
        await writing;
        signal.throwIfAborted();
        this.#begin();
        writing = writeLater(this.#handle, chunk, null);
        // Its failure is heard when its turn comes, or below.
        writing.catch(() => undefined);
      }
    } finally {
      // A write under way must not meet a closed file.
      await writing;
    }
  }

  /** Writes what was gathered. */
  flush(): void {
    if (this.#text === '') return;
    const bytes = new TextEncoder().encode(this.#text);
    this.#text = '';
    this.#begin();
    writeAll(this.#handle, bytes);
  }

  /** Writes what was gathered and closes the file of `-o`. */
  close(): void {
    this.flush();
    if (this.#file === undefined) return;
    this.#begin();
    closeSync(this.#handle);
  }

  /** Only now is an older file emptied: by then it is known which files are read, and a run that fails before leaves it as it was. */
  #begin(): void {
    if (this.#begun || this.#file === undefined) return;
    this.#begun = true;
    refuseInput(this.#file);
    if (fstatSync(this.#handle).isFile()) ftruncateSync(this.#handle, 0);
  }
}

/** Opens without emptying: that a path cannot be written should be said before the work, not after it. */
function openForWriting(path: string): number {
  refuseInput(path);
  try {
    return openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o666);
  } catch (cause) {
    throw new DeadboxError('OUTPUT_FAILED', `${path} cannot be written: ${(cause as Error).message}`, {
      data: { path },
      cause,
    });
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
      else
        throw new DeadboxError('OUTPUT_FAILED', `The output cannot be written: ${(error as Error).message}`, {
          data: {},
          cause: error,
        });
    }
  }
}
