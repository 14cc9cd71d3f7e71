import {
  type ByteSource,
  type Bytes,
  type DeadboxError,
  isDamage,
  type MaybePromise,
  type ReadOptions,
  readInto,
  SECTOR,
} from '@deadbox/core';
import { EXIT, usageError } from '../exit-code.js';
import { chooseVolume, lockedError, refuseEncryptedContainer } from '../input/choose-volume.node.js';
import { openTarget, type Target } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { copySource } from '../output/copy-source.node.js';
import { SparseWriter } from '../output/sparse-writer.node.js';

/** Ranges that are told one by one. */
const SAID_RANGES = 20;

/** Writes the virtual disk, or one volume, as raw bytes. */
export async function exportVerb(name: string, options: CommonOptions, session: Session): Promise<number> {
  const { signal } = session;
  const path = options.output;
  if (path === undefined) throw usageError('export-needs-output', {});
  const target = await openTarget(name, options, session);
  try {
    const source = await chooseSource(target, options, signal);
    const writer = new SparseWriter(path, source.size, session.inputs);
    const reader = new TolerantReader(source, { signal });
    const progress = session.progress('export', options);
    let unreadable: number;
    try {
      unreadable = await copySource(source, writer, (offset, piece) => reader.read(offset, piece), progress, signal);
    } finally {
      progress.end();
      writer.discard();
    }
    if (unreadable === 0) return EXIT.ok;
    sayLost(reader.lost, unreadable, session);
    return EXIT.error;
  } finally {
    await target.close();
  }
}

async function chooseSource(target: Target, options: CommonOptions, signal: AbortSignal): Promise<ByteSource> {
  await refuseEncryptedContainer(target.disk, { signal });
  if (options.volume === undefined) return target.disk.image;
  const volume = await chooseVolume(target.disk, options.volume, { signal });
  if (volume.content === undefined) throw await lockedError(volume, { signal });
  return volume.content;
}

/** Bytes that could not be read, and why: neighbouring ones are one range. */
interface LostRange {
  offset: number;
  end: number;
  readonly error: DeadboxError;
}

/** Reads in the presence of damage: where a part cannot be read, halves down to the sector and leaves zeros. */
class TolerantReader {
  readonly #source: ByteSource;
  readonly #reading: ReadOptions;
  #lost: LostRange[] = [];

  constructor(source: ByteSource, reading: ReadOptions) {
    this.#source = source;
    this.#reading = reading;
  }

  /** Ranges that could not be read, in the order of their places. */
  get lost(): readonly LostRange[] {
    const joined: LostRange[] = [];
    for (const range of this.#lost.toSorted((a, b) => a.offset - b.offset)) {
      const last = joined[joined.length - 1];
      if (last !== undefined && last.end === range.offset) last.end = range.end;
      else joined.push({ ...range });
    }
    return joined;
  }

  /** Fills `piece`; gives how many of its bytes could not be read. */
  read(offset: number, piece: Bytes): MaybePromise<number> {
    try {
      const reading = readInto(this.#source, offset, piece, this.#reading);
      if (!(reading instanceof Promise)) return 0;
      return reading.then(
        () => 0,
        (error: unknown) => this.#halves(offset, piece, error),
      );
    } catch (error) {
      return this.#halves(offset, piece, error);
    }
  }

  async #halves(offset: number, piece: Bytes, error: unknown): Promise<number> {
    this.#reading.signal?.throwIfAborted();
    if (!isDamage(error, this.#reading.signal)) throw error;
    if (piece.length <= SECTOR) {
      piece.fill(0);
      this.#lose(offset, piece.length, error);
      return piece.length;
    }
    const half = Math.max(SECTOR, Math.floor(piece.length / 2 / SECTOR) * SECTOR);
    const first = await this.read(offset, piece.subarray(0, half));
    return first + (await this.read(offset + half, piece.subarray(half)));
  }

  /** Pieces are read side by side, each from front to back: most ranges continue the last but few. */
  #lose(offset: number, length: number, error: DeadboxError): void {
    const before = this.#lost.findLast(({ end }) => end === offset);
    if (before === undefined) this.#lost.push({ offset, end: offset + length, error });
    else before.end += length;
  }
}

/** Says once for each range why it could not be read, and in the end how many bytes were left as zeros. */
function sayLost(lost: readonly LostRange[], unreadable: number, session: Session): void {
  for (const { error } of lost.slice(0, SAID_RANGES)) session.sayError(error);
  session.say(session.language.notices.writtenAsZeros(unreadable));
}
