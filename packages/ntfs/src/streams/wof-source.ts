import {
  advance,
  andThen,
  type ByteSource,
  type Bytes,
  type MaybePromise,
  type ReadOptions,
  readInto,
} from '@deadbox/core';
import { type WofAlgorithm, wofChunkSize } from '../attributes/wof.js';
import { ntfsError } from '../errors.js';
import { ChunkedSource } from './chunked-source.js';
import { expandParts, PART_INDICES, type PackedFormat } from './expand-parts.js';

/**
 * Entries of the chunk table read at a time: one bulk read needs few, and a forged size cannot make the whole table be
 * loaded.
 */
const TABLE_ENTRIES = 4096;

/**
 * A piece of the chunk table: `bounds[i]` is where chunk `first + i` begins, relative to the table's end; one more
 * entry ends the last.
 */
interface TablePart {
  readonly first: number;
  readonly bounds: Float64Array;
}

/**
 * The expanded content of a WOF file, from its stream `WofCompressedData`: a table of n-1 chunk offsets (u32, or u64
 * when the file is larger than 4 GiB - 1), then the chunks. A chunk whose stored length equals its expanded length is
 * plain. Any position is reached by expanding its own chunk only. A non-solid WIM resource has the same layout.
 */
export class WofSource extends ChunkedSource {
  readonly #stored: ByteSource;
  readonly #format: PackedFormat;
  readonly #chunks: number;
  readonly #entryBytes: 4 | 8;
  readonly #tableBytes: number;
  #part: TablePart | undefined;

  /**
   * @param stored - the stream `WofCompressedData`
   * @param size - bytes of the file: the data size of its unnamed stream
   * @throws DeadboxError `NTFS_COMPRESSION_INVALID` when the stored stream is shorter than its chunk table
   */
  constructor(stored: ByteSource, algorithm: WofAlgorithm, size: number, name = 'WOF file') {
    super(name, size, wofChunkSize(algorithm));
    this.#stored = stored;
    this.#format = algorithm === 'lzx32k' ? 'lzx' : 'xpress';
    this.#chunks = Math.ceil(size / this.chunkSize);
    this.#entryBytes = size > 0xffff_ffff ? 8 : 4;
    this.#tableBytes = Math.max(0, this.#chunks - 1) * this.#entryBytes;
    if (this.#tableBytes > stored.size) {
      const what = `a chunk table of ${this.#tableBytes} bytes does not fit the stored stream of ${stored.size} bytes`;
      throw this.#invalid(0, what);
    }
  }

  protected override expand(first: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    return advance(Math.ceil(target.length / this.chunkSize), (done) =>
      this.#expandSome(first + done, target.subarray(done * this.chunkSize), options),
    );
  }

  /** Expands the chunks from `first` on that the loaded part of the table covers; returns their number. */
  #expandSome(first: number, target: Bytes, options?: ReadOptions): MaybePromise<number> {
    const part = this.#part;
    const known = part !== undefined && first >= part.first && first < part.first + part.bounds.length - 1;
    return andThen(known ? part : this.#loadPart(first, options), (loaded) =>
      this.#expandWith(loaded, first, target, options),
    );
  }

  #expandWith(part: TablePart, first: number, target: Bytes, options?: ReadOptions): MaybePromise<number> {
    const index = first - part.first;
    const count = Math.min(Math.ceil(target.length / this.chunkSize), part.bounds.length - 1 - index);
    const from = part.bounds[index];
    const length = part.bounds[index + count] - from;
    const scratch = this.takeScratch(length);
    const packed = scratch.subarray(0, length);
    return andThen(readInto(this.#stored, this.#tableBytes + from, packed, options), () => {
      const parts = this.#layOut(part, index, count, scratch, target);
      const damage = expandParts(this.#format, scratch, target, parts);
      if (damage !== undefined) {
        const chunk = first + parts[damage.part * PART_INDICES + 2] / this.chunkSize;
        const coding = this.#format === 'lzx' ? 'LZX' : 'XPRESS Huffman';
        throw this.#invalid(this.#tableBytes + from + damage.at, `chunk ${chunk} is not valid ${coding} data`, chunk);
      }
      this.keepScratch(scratch);
      return count;
    });
  }

  /** Copies what is stored plainly; gives the places of the packed chunks, for {@link expandParts}. */
  #layOut(part: TablePart, index: number, count: number, scratch: Bytes, target: Bytes): Int32Array {
    const base = part.bounds[index];
    const parts = new Int32Array(count * PART_INDICES);
    let used = 0;
    for (let i = 0, out = 0; i < count; i += 1) {
      const from = part.bounds[index + i] - base;
      const to = part.bounds[index + i + 1] - base;
      const end = Math.min(out + this.chunkSize, target.length);
      if (to - from === end - out) target.set(scratch.subarray(from, to), out);
      else {
        parts.set([from, to, out, end], used);
        used += PART_INDICES;
      }
      out = end;
    }
    return parts.subarray(0, used);
  }

  /** Reads and checks the table around chunk `chunk`. */
  #loadPart(chunk: number, options?: ReadOptions): MaybePromise<TablePart> {
    const first = chunk - (chunk % TABLE_ENTRIES);
    const last = Math.min(first + TABLE_ENTRIES, this.#chunks);
    // Entry i-1 is the start of chunk i: chunk 0 has none, and the end of the last chunk is the end of the stream.
    const fromEntry = Math.max(0, first - 1);
    const toEntry = Math.min(last, this.#chunks - 1);
    const bytes = this.#stored.read(fromEntry * this.#entryBytes, (toEntry - fromEntry) * this.#entryBytes, options);
    return andThen(bytes, (value) => this.#parsePart(value, first, last, fromEntry));
  }

  #parsePart(bytes: Bytes, first: number, last: number, fromEntry: number): TablePart {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const stored = this.#stored.size - this.#tableBytes;
    const bounds = new Float64Array(last - first + 1);
    for (let i = 0; i <= last - first; i += 1) {
      const chunk = first + i;
      if (chunk === 0) continue;
      const at = (chunk - 1 - fromEntry) * this.#entryBytes;
      const bound =
        chunk === this.#chunks
          ? stored
          : this.#entryBytes === 4
            ? view.getUint32(at, true)
            : view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
      const previous = i === 0 ? 0 : bounds[i - 1];
      const most = Math.min(this.chunkSize, this.size - (chunk - 1) * this.chunkSize);
      if (bound < previous || bound > stored || (i > 0 && bound - previous > most)) {
        const what = `would lie at ${previous} to ${bound} of ${stored} bytes and expand to ${most}`;
        throw this.#invalid((chunk - 1) * this.#entryBytes, `chunk ${chunk - 1} ${what}`, chunk - 1);
      }
      bounds[i] = bound;
    }
    this.#part = { first, bounds };
    return this.#part;
  }

  #invalid(offset: number, what: string, chunk?: number): Error {
    return ntfsError(
      'NTFS_COMPRESSION_INVALID',
      `Compressed content of ${this.name}: ${what} (byte ${offset} of its stream WofCompressedData)`,
      { layer: 'WofCompressedData', offset },
      chunk === undefined ? {} : { chunk },
    );
  }
}
