import { createSha256, sha256Hex } from '#sha256';
import { toHex } from '../bytes/bytes.js';
import type { Sha256 } from '../bytes/sha256.js';
import { KIB, MIB } from '../bytes/sizes.js';
import { type ByteSource, extentsOf, type ReadOptions, readInto } from './byte-source.js';

export type { Sha256 } from '../bytes/sha256.js';
export { createSha256, sha256Hex };

const CHUNK: number = MIB;
/** Shorter holes are read with the data around them. */
const SHORT_HOLE: number = 64 * KIB;
/** Bytes of holes after which signals get a turn: nothing is waited for on the way. */
const TURN_AFTER: number = 256 * MIB;

/**
 * Lower-case SHA-256 text of a whole source, read in pieces of 1 MiB. Holes are not read; they still take the time of
 * hashing as many zeros, and a record of a kilobyte can claim terabytes of them: whoever hashes what an image holds
 * sets a bound first.
 */
export async function hashSource(source: ByteSource, options: ReadOptions = {}): Promise<string> {
  if (source.size <= CHUNK) {
    const pending = source.read(0, source.size, options);
    const bytes = pending instanceof Promise ? await pending : pending;
    options.signal?.throwIfAborted();
    return sha256Hex(bytes);
  }
  const hasher = new SourceHasher(source, options);
  for await (const { offset, length, isHole } of stretches(source, options)) {
    if (isHole) await hasher.hole(length);
    else await hasher.data(offset, length);
  }
  return hasher.digest();
}

/** A run of data, or a hole. */
interface Stretch {
  readonly offset: number;
  readonly length: number;
  readonly isHole: boolean;
}

/** The source as runs of data and holes in turn: everything is data but the long holes that it tells of. */
async function* stretches(source: ByteSource, options: ReadOptions): AsyncGenerator<Stretch> {
  let done = 0;
  for await (const { offset, length } of longHoles(source, options)) {
    if (offset > done) yield { offset: done, length: offset - done, isHole: false };
    yield { offset, length, isHole: true };
    done = offset + length;
  }
  if (source.size > done) yield { offset: done, length: source.size - done, isHole: false };
}

async function* longHoles(
  source: ByteSource,
  options: ReadOptions,
): AsyncGenerator<{ offset: number; length: number }> {
  let hole = { offset: 0, length: 0 };
  for await (const batch of extentsOf(source, 0, source.size, options)) {
    for (const { offset, length, kind } of batch) {
      if (kind !== 'zero') continue;
      if (offset === hole.offset + hole.length) hole.length += length;
      else {
        if (hole.length >= SHORT_HOLE) yield hole;
        hole = { offset, length };
      }
    }
  }
  if (hole.length >= SHORT_HOLE) yield hole;
}

/** The running hash of one source. */
class SourceHasher {
  readonly #hash: Sha256 = createSha256();
  readonly #source: ByteSource;
  readonly #reading: ReadOptions;
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  #sinceTurn = 0;

  constructor(source: ByteSource, reading: ReadOptions) {
    this.#source = source;
    this.#reading = reading;
  }

  async data(offset: number, length: number): Promise<void> {
    const buffer = (this.#buffer ??= new Uint8Array(Math.min(CHUNK, this.#source.size)));
    for (let at = offset; at < offset + length; at += buffer.length) {
      const piece = buffer.subarray(0, Math.min(buffer.length, offset + length - at));
      const pending = readInto(this.#source, at, piece, this.#reading);
      if (pending instanceof Promise) await pending;
      this.#reading.signal?.throwIfAborted();
      this.#hash.update(piece);
    }
  }

  async hole(length: number): Promise<void> {
    const zeros = new Uint8Array(Math.min(CHUNK, length));
    for (let left = length; left > 0; left -= zeros.length) {
      this.#hash.update(left < zeros.length ? zeros.subarray(0, left) : zeros);
      this.#sinceTurn += zeros.length;
      if (this.#sinceTurn < TURN_AFTER) continue;
      this.#sinceTurn = 0;
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#reading.signal?.throwIfAborted();
    }
  }

  digest(): string {
    return toHex(this.#hash.digest());
  }
}
