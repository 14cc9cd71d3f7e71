import { type ByteSource, type Bytes, isDeadboxError, type MaybePromise, readInto } from '@deadbox/core';
import { EXIT, usageError } from '../exit-code.js';
import { chooseVolume, lockedError } from '../input/choose-volume.node.js';
import { openTarget, type Target } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { copySource } from '../output/copy-source.node.js';
import { SparseWriter } from '../output/sparse-writer.node.js';

const SECTOR = 512;

/** Writes the virtual disk, or one volume, as raw bytes. */
export async function exportVerb(name: string, options: CommonOptions, session: Session): Promise<number> {
  const { signal } = session;
  const path = options.output;
  if (path === undefined) throw usageError('export-needs-output', {});
  const target = await openTarget(name, options, session);
  try {
    const source = await chooseSource(target, options, signal);
    const writer = new SparseWriter(path, source.size, session.inputs);
    const progress = session.progress('export', options);
    let unreadable: number;
    try {
      const read = (offset: number, piece: Bytes): MaybePromise<number> =>
        readTolerantly(source, offset, piece, session);
      unreadable = await copySource(source, writer, read, progress, signal);
    } finally {
      progress.end();
      writer.discard();
    }
    if (unreadable === 0) return EXIT.ok;
    session.say(session.language.notices.writtenAsZeros(unreadable));
    return EXIT.error;
  } finally {
    await target.close();
  }
}

async function chooseSource(target: Target, options: CommonOptions, signal: AbortSignal): Promise<ByteSource> {
  if (options.volume === undefined) return target.disk.image;
  const volume = await chooseVolume(target.disk, options.volume, { signal });
  if (volume.content === undefined) throw await lockedError(volume, { signal });
  return volume.content;
}

/** Reads a piece; where the medium refuses, halves down to the sector and leaves zeros. Gives the number of bytes that could not be read. */
function readTolerantly(source: ByteSource, offset: number, piece: Bytes, session: Session): MaybePromise<number> {
  const { signal } = session;
  try {
    const reading = readInto(source, offset, piece, { signal });
    if (!(reading instanceof Promise)) return 0;
    return reading.then(
      () => 0,
      (error: unknown) => readHalves(source, offset, piece, session, error),
    );
  } catch (error) {
    return readHalves(source, offset, piece, session, error);
  }
}

async function readHalves(
  source: ByteSource,
  offset: number,
  piece: Bytes,
  session: Session,
  error: unknown,
): Promise<number> {
  session.signal.throwIfAborted();
  if (!isDeadboxError(error)) throw error;
  if (piece.length <= SECTOR) {
    piece.fill(0);
    session.sayError(error);
    return piece.length;
  }
  const half = Math.max(SECTOR, Math.floor(piece.length / 2 / SECTOR) * SECTOR);
  const first = await readTolerantly(source, offset, piece.subarray(0, half), session);
  return first + (await readTolerantly(source, offset + half, piece.subarray(half), session));
}
