import { statSync } from 'node:fs';
import { extentsOf, isDeadboxError, readInto, type ByteSource, type Bytes } from '@deadbox/core';
import { describeVolume } from '@deadbox/disk';
import { encryptionSentence, escapeText } from '@deadbox/report';
import { chooseVolume } from '../choose-volume.node.js';
import { EXIT, UsageError } from '../exit-code.js';
import { openTarget, type Target } from '../open-target.node.js';
import type { CommonOptions } from '../options.js';
import { Progress } from '../progress.node.js';
import { SparseWriter } from '../sparse-writer.node.js';

const PIECE = 4 << 20;
const SECTOR = 512;

/** Writes the virtual disk, or one volume, as raw bytes. */
export async function exportVerb(name: string, options: CommonOptions, signal: AbortSignal): Promise<number> {
  const path = options.output;
  if (path === undefined) throw new UsageError('export needs -o FILE (-o - writes to stdout)');
  const target = await openTarget(name, options, { signal });
  try {
    const source = await chooseSource(target, options, signal);
    refuseOwnImage(name, path);
    const writer = new SparseWriter(path, source.size);
    const progress = new Progress('export', options.quiet !== true && options.progress !== false);
    const unreadable = await copy(source, writer, progress, signal);
    progress.end();
    writer.close();
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
  if (volume.content === undefined) throw new UsageError(encryptionSentence(await describeVolume(volume, { signal })), EXIT.locked);
  return volume.content;
}

/** Writing over the image that is read would destroy it. */
function refuseOwnImage(image: string, path: string): void {
  if (path === '-') return;
  const from = statSync(image, { throwIfNoEntry: false });
  const to = statSync(path, { throwIfNoEntry: false });
  if (from !== undefined && to !== undefined && from.dev === to.dev && from.ino === to.ino) {
    throw new UsageError(`${path} is the image itself: deadbox export never writes there`);
  }
}

/** Copies data extents piece by piece and leaves holes out; gives the number of bytes that could not be read. */
async function copy(source: ByteSource, writer: SparseWriter, progress: Progress, signal: AbortSignal): Promise<number> {
  const buffer = new Uint8Array(PIECE);
  let unreadable = 0;
  let pending = { offset: 0, length: 0 };
  const flush = async (): Promise<void> => {
    for (let at = 0; at < pending.length; at += PIECE) {
      const piece = buffer.subarray(0, Math.min(PIECE, pending.length - at));
      unreadable += await readTolerantly(source, pending.offset + at, piece, signal);
      writer.write(piece);
      progress.update(pending.offset + at + piece.length, source.size);
    }
    pending = { offset: pending.offset + pending.length, length: 0 };
  };
  for await (const batch of extentsOf(source, 0, source.size, { signal })) {
    for (const extent of batch) {
      // Neighbouring data extents are read together, whatever their origin.
      if (extent.kind === 'data') pending.length += extent.length;
      else {
        await flush();
        writer.skip(extent.length);
        pending = { offset: extent.offset + extent.length, length: 0 };
      }
      if (pending.length >= PIECE * 16) await flush();
    }
  }
  await flush();
  return unreadable;
}

/** Reads a piece; where the medium refuses, halves down to the sector and leaves zeros. */
async function readTolerantly(source: ByteSource, offset: number, piece: Bytes, signal: AbortSignal): Promise<number> {
  try {
    const reading = readInto(source, offset, piece, { signal });
    if (reading instanceof Promise) await reading;
    return 0;
  } catch (error) {
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
}
