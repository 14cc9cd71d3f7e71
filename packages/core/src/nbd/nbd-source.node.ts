import type { Bytes } from '../bytes/bytes.js';
import { checkRange, DeadboxError, sourceClosed, transportFailed } from '../errors.js';
import type { ByteSource, ReadOptions } from '../sources/byte-source.js';
import { CachedSource } from '../sources/cached-source.js';
import { type NbdAddress, nbdAddress } from './nbd-address.js';
import { NbdConnection, type NbdPatience, NbdRefusal, PATIENCE } from './nbd-connection.node.js';

/** How an NBD export is opened. */
export interface NbdOptions extends ReadOptions {
  /** Told of each request, with its bytes. */
  readonly onRequest?: (bytes: number) => void;
  /** How long the server is waited for. */
  readonly patience?: NbdPatience;
}

/** Bytes of the cache's blocks: more than any server's smallest block. */
const BLOCK = 65_536;
/** Bytes asked for at once: every server takes 32 MiB, and answers of this size overlap better. */
const PIECE = 1 << 20;
/** Connections tried for one read while there is patience for one answer, and milliseconds before the second. */
const ATTEMPTS = 4;
const RETRY_DELAY = 250;

/**
 * Opens an export of an NBD server (`nbd://host:port/export`, `nbd+unix:///export?socket=path`) read-only: no request
 * that writes is ever sent. A connection that breaks is made anew.
 * @throws DeadboxError `INVALID_ARGUMENT`, `SOURCE_NOT_READABLE`
 */
export async function openNbd(address: string, options: NbdOptions = {}): Promise<ByteSource> {
  const target = nbdAddress(address);
  let connection: NbdConnection;
  try {
    connection = await NbdConnection.open(target, options.signal, options.patience);
  } catch (error) {
    options.signal?.throwIfAborted();
    const what = error instanceof Error ? error.message : String(error);
    throw new DeadboxError('SOURCE_NOT_READABLE', `${target.name} could not be opened: ${what}`, {
      data: { path: target.name },
      cause: error,
    });
  }
  return new CachedSource(new NbdSource(target, connection, options), { blockSize: BLOCK });
}

/** One export; whatever is asked for begins and ends where the server allows it. */
class NbdSource implements ByteSource {
  readonly size: number;
  readonly name: string;
  readonly #address: NbdAddress;
  readonly #options: NbdOptions;
  #connection: NbdConnection;
  #opening: Promise<NbdConnection> | undefined;
  #closed = false;

  constructor(address: NbdAddress, connection: NbdConnection, options: NbdOptions) {
    this.size = connection.size;
    this.name = address.name;
    this.#address = address;
    this.#connection = connection;
    this.#options = options;
  }

  async read(offset: number, length: number, options?: ReadOptions): Promise<Bytes> {
    const target = new Uint8Array(length);
    await this.readInto(offset, target, options);
    return target;
  }

  async readInto(offset: number, target: Bytes, options?: ReadOptions): Promise<void> {
    if (this.#closed) throw sourceClosed(this.name);
    checkRange(this.name, this.size, offset, target.length);
    const block = this.#connection.minimumBlock;
    const end = offset + target.length;
    const pieces: Promise<void>[] = [];
    for (let from = offset - (offset % block); from < end; from += PIECE) {
      const to = Math.min(from + PIECE, Math.ceil(end / block) * block, this.size);
      pieces.push(
        this.#piece(from, to - from, options?.signal).then((bytes) => {
          const begin = Math.max(offset - from, 0);
          target.set(bytes.subarray(begin, Math.min(bytes.length, end - from)), from + begin - offset);
        }),
      );
    }
    // All must have ended before the caller has its buffer back.
    for (const outcome of await Promise.allSettled(pieces)) if (outcome.status === 'rejected') throw outcome.reason;
  }

  close(): void {
    this.#closed = true;
    this.#connection.close();
  }

  async #piece(offset: number, length: number, signal: AbortSignal | undefined): Promise<Bytes> {
    const started = performance.now();
    const { answer } = this.#options.patience ?? PATIENCE;
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      try {
        const connection = await this.#connected(signal);
        this.#options.onRequest?.(length);
        return await unlessAborted(connection.read(offset, length), signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (this.#closed) throw sourceClosed(this.name);
        const place = { offset, length };
        if (error instanceof DeadboxError) throw error;
        const { message } = error as Error;
        if (error instanceof NbdRefusal && error.isOfMedium)
          throw new DeadboxError('READ_FAILED', `${this.name} could not be read at ${offset}: ${message}`, {
            at: { layer: this.name, offset },
            data: { length, errno: error.errno },
          });
        if (attempt === ATTEMPTS || performance.now() - started > answer)
          throw transportFailed('network', this.name, place, message, error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY * 2 ** (attempt - 1)));
      }
    }
  }

  /** The connection, made anew where it broke; reads that wait for it wait together. */
  async #connected(signal: AbortSignal | undefined): Promise<NbdConnection> {
    if (!this.#connection.failed) return this.#connection;
    this.#opening ??= NbdConnection.open(this.#address, signal, this.#options.patience).finally(
      () => (this.#opening = undefined),
    );
    const connection = await this.#opening;
    if (connection.size !== this.size) {
      connection.close();
      throw new DeadboxError('SOURCE_CHANGED', `${this.name} has another size than when it was opened`, {
        at: { layer: this.name, offset: 0 },
        data: { size: connection.size, sizeWhenOpened: this.size },
      });
    }
    this.#connection = connection;
    return connection;
  }
}

/** What `work` gives, or the reason of the abort as soon as there is one. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
