import { jsonText } from '@deadbox/report/internals';
import { OutputClosed } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import type { InputFiles } from './input-files.node.js';
import { OutputFile } from './output-file.node.js';
import { isTerminal, standardOutput } from './standard-streams.node.js';
import { writeLater, writeNow } from './write-bytes.node.js';

const FLUSH_AT = 1 << 16;

/** How a verb writes. */
export interface OutputOptions {
  /**
   * Ends the verb when nobody reads any more: it lists one thing after another, and is done when enough were seen.
   * Default: it goes on, since its exit code, or what it does, is worth its work.
   */
  readonly endUnread?: boolean;
}

/** Text and bytes of a verb. Text is gathered and written in blocks. */
export class Output {
  readonly #file: OutputFile;
  readonly #endUnread: boolean;
  #text = '';
  #unread = false;

  /** @param path - of `-o`; `-` and `undefined` mean stdout */
  constructor(path: string | undefined, inputs: InputFiles, options: OutputOptions = {}) {
    this.#file = new OutputFile(path, inputs);
    this.#endUnread = options.endUnread === true;
  }

  /** Whether the data goes to a terminal. */
  get isTerminal(): boolean {
    return this.#file.isStdout && isTerminal(1);
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= FLUSH_AT) this.flush();
  }

  /** Adds a value as JSON: indented, or on one line. */
  writeJson(value: unknown, lines: boolean): void {
    this.write(`${jsonText(value, lines ? undefined : 2)}\n`);
  }

  /**
   * Adds chunks of bytes, each of which must stay until the one after it was made: the thread pool writes one while the
   * next is made.
   */
  async writeChunks(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    this.flush();
    let writing: Promise<void> | undefined;
    try {
      for await (const chunk of chunks) {
        await writing;
        signal.throwIfAborted();
        this.#file.begin();
        writing = writeLater(this.#file.handle, chunk, null);
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
    const text = this.#text;
    this.#text = '';
    if (text === '' || this.#unread) return;
    this.#file.begin();
    if (process.platform === 'win32' && this.isTerminal) {
      // The console takes bytes for its own code page's (932 in Japan); Node's stream hands it characters.
      standardOutput().write(text);
      return;
    }
    try {
      writeNow(this.#file.handle, new TextEncoder().encode(text));
    } catch (error) {
      if (!(error instanceof OutputClosed) || this.#endUnread) throw error;
      this.#unread = true;
    }
  }

  /** Writes what was gathered; the file of `-o` takes its place. */
  close(): void {
    this.flush();
    this.#file.finish();
  }

  /** Ends an output that is not whole: the file of `-o` stays as it was. Does nothing after {@link close}. */
  discard(): void {
    this.#file.discard();
  }
}

/** Runs `work` with an output, which is closed when it succeeds. */
export async function withOutput<T>(output: Output, work: (output: Output) => Promise<T> | T): Promise<T> {
  try {
    const result = await work(output);
    output.close();
    return result;
  } finally {
    output.discard();
  }
}

/** Writes items one after another. */
export interface ItemWriter<T> {
  add(item: T): void;
  end(): void;
}

/**
 * Writes items as JSON where the options ask for that, an array or a line each, else as the text that `show` makes of
 * each.
 */
export function itemWriter<T>(options: CommonOptions, output: Output, show: (item: T) => string): ItemWriter<T> {
  if (options.ndjson === true) return { add: (item) => output.writeJson(item, true), end: () => undefined };
  if (options.json !== true) return { add: (item) => output.write(show(item)), end: () => undefined };
  let count = 0;
  output.write('[');
  return {
    add: (item) => {
      output.write(`${count === 0 ? '' : ','}\n${jsonText(item)}`);
      count += 1;
    },
    end: () => output.write('\n]\n'),
  };
}
