import { type ByteSource, type Bytes, extentsOf, type MaybePromise } from '@deadbox/core';
import type { Progress } from './progress.node.js';
import type { SparseWriter } from './sparse-writer.node.js';

/**
 * Bytes of a piece that is stored as it is. All lanes together fit the processor's cache: pieces of 2 MiB cost twice
 * the system time.
 */
const STORED_PIECE = 512 << 10;
/** Bytes of a piece that is unpacked or decrypted: its packed bytes are read past every cache. */
const MADE_PIECE = 2 << 20;
/** Pieces under way: one is read, unpacked or decrypted while others are written. */
const LANES = 4;

/** How {@link copySource} reads a piece; gives how many of its bytes could not be read. */
export type ReadPiece = (offset: number, piece: Bytes) => MaybePromise<number>;

/** A buffer, and the last job that uses it. */
interface Lane {
  buffer: Bytes;
  busy: Promise<void>;
}

/**
 * Copies the data extents of `source`, several pieces at a time, and leaves its holes out; gives the number of bytes
 * that could not be read.
 * @param apart - read what has a place in the image apart from what has none: what is whole is then written up to the
 * byte at which a broken file ends
 */
export async function copySource(
  source: ByteSource,
  writer: SparseWriter,
  read: ReadPiece,
  progress: Progress,
  signal: AbortSignal,
  apart = false,
): Promise<number> {
  const lanes: Lane[] = [];
  let unreadable = 0;
  let before: Promise<void> = Promise.resolve();
  const copy = async (piece: Bytes, offset: number, turn: Promise<void>): Promise<void> => {
    const reading = read(offset, piece);
    const lost = reading instanceof Promise ? await reading : reading;
    unreadable += lost;
    if (writer.ordered) await turn;
    await writer.write(piece, offset);
    progress.update(offset + piece.length, source.size);
  };
  try {
    let next = 0;
    for await (const { offset, length } of pieces(source, signal, apart)) {
      const lane = (lanes[next] ??= { buffer: new Uint8Array(0), busy: Promise.resolve() });
      next = (next + 1) % LANES;
      await lane.busy;
      if (lane.buffer.length < length) lane.buffer = new Uint8Array(length);
      lane.busy = copy(lane.buffer.subarray(0, length), offset, before);
      // Its failure is heard when the lane's turn comes, or below.
      lane.busy.catch(() => undefined);
      before = lane.busy;
    }
    await Promise.all(lanes.map(({ busy }) => busy));
    await writer.finish();
  } finally {
    // A read or write under way must not meet a closed file.
    await Promise.allSettled(lanes.map(({ busy }) => busy));
  }
  return unreadable;
}

/**
 * Pieces of data extents, cut at multiples of their size; neighbouring extents are read together, whatever their
 * origin.
 */
async function* pieces(
  source: ByteSource,
  signal: AbortSignal,
  apart: boolean,
): AsyncGenerator<{ offset: number; length: number }> {
  let offset = 0;
  let end = 0;
  let stored: boolean | undefined;
  for await (const batch of extentsOf(source, 0, source.size, { signal })) {
    for (const extent of batch) {
      if (extent.kind === 'zero') {
        if (end > offset) yield { offset, length: end - offset };
        offset = extent.offset + extent.length;
        end = offset;
        continue;
      }
      const hasPlace = extent.origin !== undefined;
      if (apart && stored !== hasPlace && end > offset) {
        yield { offset, length: end - offset };
        offset = end;
      }
      stored = hasPlace;
      end = extent.offset + extent.length;
      const size = hasPlace ? STORED_PIECE : MADE_PIECE;
      for (let cut = size - (offset % size); end - offset >= cut; cut = size) {
        yield { offset, length: cut };
        offset += cut;
      }
    }
  }
  if (end > offset) yield { offset, length: end - offset };
}
