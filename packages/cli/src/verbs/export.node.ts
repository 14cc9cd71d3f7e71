import { type ByteSource, type Bytes, isDeadboxError, type MaybePromise, readInto } from '@deadbox/core';
import { describeVolume } from '@deadbox/disk';
import { encryptionSentence, escapeText } from '@deadbox/report';
import { EXIT, UsageError } from '../exit-code.js';
import { chooseVolume } from '../input/choose-volume.node.js';
import { openTarget, type Target } from '../input/open-target.node.js';
import type { CommonOptions } from '../options.js';
import { copySource } from '../output/copy-source.node.js';
import { Progress } from '../output/progress.node.js';
import { SparseWriter } from '../output/sparse-writer.node.js';

const SECTOR = 512;

/** Writes the virtual disk, or one volume, as raw bytes. */
export async function exportVerb(name: string, options: CommonOptions, signal: AbortSignal): Promise<number> {
  const path = options.output;
  if (path === undefined) throw new UsageError('export needs -o FILE (-o - writes to stdout)');
  const target = await openTarget(name, options, { signal });
  try {
    const source = await chooseSource(target, options, signal);
    const writer = new SparseWriter(path, source.size);
    const progress = new Progress('export', options.quiet !== true && options.progress !== false);
    let unreadable: number;
    try {
      const read = (offset: number, piece: Bytes): MaybePromise<number> =>
        readTolerantly(source, offset, piece, signal);
      unreadable = await copySource(source, writer, read, progress, signal);
    } finally {
      progress.end();
      writer.close();
    }
    if (unreadable === 0) return EXIT.ok;
    process.stderr.write(`deadbox: ${unreadable} bytes could not be read and were written as zeros\n`);
    return EXIT.error;
  } finally {
    await target.close();
  }
}

async function chooseSource(target: Target, options: CommonOptions, signal: AbortSignal): Promise<ByteSource> {
  if (options.volume === undefined) return target.disk.image;
  const volume = await chooseVolume(target.disk, options.volume, { signal });
  if (volume.content === undefined)
    throw new UsageError(encryptionSentence(await describeVolume(volume, { signal })), EXIT.locked);
  return volume.content;
}

/** Reads a piece; where the medium refuses, halves down to the sector and leaves zeros. Gives the number of bytes that could not be read. */
function readTolerantly(source: ByteSource, offset: number, piece: Bytes, signal: AbortSignal): MaybePromise<number> {
  try {
    const reading = readInto(source, offset, piece, { signal });
    if (!(reading instanceof Promise)) return 0;
    return reading.then(
      () => 0,
      (error: unknown) => readHalves(source, offset, piece, signal, error),
    );
  } catch (error) {
    return readHalves(source, offset, piece, signal, error);
  }
}

async function readHalves(
  source: ByteSource,
  offset: number,
  piece: Bytes,
  signal: AbortSignal,
  error: unknown,
): Promise<number> {
  signal.throwIfAborted();
  if (!isDeadboxError(error)) throw error;
  if (piece.length <= SECTOR) {
    piece.fill(0);
    process.stderr.write(`deadbox: ${escapeText(error.message)}\n`);
    return piece.length;
  }
  const half = Math.max(SECTOR, Math.floor(piece.length / 2 / SECTOR) * SECTOR);
  const first = await readTolerantly(source, offset, piece.subarray(0, half), signal);
  return first + (await readTolerantly(source, offset + half, piece.subarray(half), signal));
}
