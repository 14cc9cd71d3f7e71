import {
  type ByteSource,
  type Bytes,
  Cursor,
  type IssueLog,
  type MaybePromise,
  partitionPoint,
  type ReadOptions,
} from '@deadbox/core';
import { inflate } from '#inflate';
import { adler32 } from '../compression/adler32.js';
import { imageError } from '../errors.js';
import { EWF_TABLE_CACHE_BYTES } from '../limits.js';
import type { BlockMap, BlockRun, PackedUnit } from '../mapped/block-map.js';
import { RunBuilder } from '../mapped/run-builder.js';
import type { EwfVolume } from './header.js';
import type { EwfIndex } from './index.js';
import { type EwfChunk, EwfEntries, type EwfTable } from './table.js';

/** Behind a stored chunk stands its Adler-32. */
const CHECKSUM_BYTES = 4;
/** Chunks with a wrong checksum that are remembered as told. */
const MAX_TOLD_CHUNKS = 65_536;

/** A chunk that is not compressed. */
interface StoredChunk {
  /** Number of the chunk. */
  readonly key: number;
  readonly source: ByteSource;
  readonly chunk: EwfChunk;
}

/** The chunks of an EWF image: zlib streams, or stored bytes with a checksum of four bytes behind them. */
export class EwfMap implements BlockMap {
  readonly size: number;
  readonly #index: EwfIndex;
  readonly #chunkBytes: number;
  readonly #issues: IssueLog;
  /** Chunks whose checksum was found wrong: each is told once. */
  readonly #wrong = new Set<number>();
  readonly #entries = new Map<EwfTable, EwfEntries>();
  #kept = 0;

  constructor(index: EwfIndex, volume: EwfVolume, issues: IssueLog) {
    this.size = volume.size;
    this.#index = index;
    this.#issues = issues;
    this.#chunkBytes = volume.chunkBytes;
  }

  locate(from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const runs = new RunBuilder();
    for (let at = from; at < to; ) {
      const chunk = Math.floor(at / this.#chunkBytes);
      const table = this.#tableOf(chunk);
      const entries = table === undefined ? undefined : this.#entries.get(table);
      if (table === undefined || entries === undefined) {
        if (!runs.empty) break;
        return this.#prepare(chunk, table, options).then(() => this.locate(from, to, options));
      }
      at = this.#addChunks(runs, table, entries, at, to);
    }
    return runs.finish();
  }

  unpack(packed: Bytes, unit: PackedUnit, target: Bytes): void {
    if (unit.verbatim === true) {
      this.#copyStored(packed, unit, target);
      return;
    }
    const start = unit.key * this.#chunkBytes;
    try {
      const length = inflate(packed, target, 'zlib');
      // The last chunk ends with the medium.
      if (length < Math.min(unit.size, this.size - start)) throw new Error(`it holds ${length} bytes`);
      target.fill(0, length);
    } catch (cause) {
      const layer = unit.source.name ?? 'segment file';
      const what = `${layer} has a damaged compressed chunk at ${unit.offset}: ${(cause as Error).message}`;
      throw imageError('IMAGE_DAMAGED', what, { layer, offset: unit.offset }, { chunk: unit.key }, cause);
    }
  }

  /** A stored chunk is checked as a whole, unless what lies behind it leaves no room for its checksum. */
  #addStored(runs: RunBuilder, { key, source, chunk }: StoredChunk, skip: number, length: number): void {
    const size = Math.min(this.#chunkBytes, chunk.end - chunk.offset - CHECKSUM_BYTES);
    if (size < Math.min(this.#chunkBytes, this.size - key * this.#chunkBytes))
      runs.data(source, chunk.offset + skip, length);
    else {
      const unit = { key, source, offset: chunk.offset, length: size + CHECKSUM_BYTES, size, verbatim: true };
      runs.packed(unit, skip, length);
    }
  }

  /** Copies a stored chunk; one that does not fit its Adler-32 is told, since either may be wrong. */
  #copyStored(packed: Bytes, unit: PackedUnit, target: Bytes): void {
    const layer = unit.source.name ?? 'segment file';
    if (packed.length < unit.size) {
      const what = `${layer} is truncated: a chunk lies at ${unit.offset}, but the file ends at ${unit.source.size}`;
      throw imageError('IMAGE_TRUNCATED', what, { layer, offset: unit.offset }, { chunk: unit.key });
    }
    const data = packed.subarray(0, unit.size);
    target.set(data);
    const isWrong =
      packed.length < unit.length || adler32(data) !== new Cursor(packed, layer, unit.offset).u32(unit.size);
    if (!isWrong || this.#wrong.has(unit.key)) return;
    if (this.#wrong.size < MAX_TOLD_CHUNKS) this.#wrong.add(unit.key);
    this.#issues.add({
      code: 'image.chunk-checksum',
      severity: 'warning',
      at: { layer, offset: unit.offset },
      data: { chunk: unit.key, diskOffset: unit.key * this.#chunkBytes, length: unit.size },
    });
  }

  #addChunks(runs: RunBuilder, table: EwfTable, entries: EwfEntries, from: number, to: number): number {
    const { source } = this.#index.segments[table.segment];
    const chunkBytes = this.#chunkBytes;
    // Incompressible data grows by the frame of the stream only.
    const longest = chunkBytes + (chunkBytes >> 6) + 1024;
    let at = from;
    for (let index = Math.floor(from / chunkBytes) - table.firstChunk; at < to && index < table.count; index += 1) {
      const skip = at % chunkBytes;
      const length = Math.min(chunkBytes - skip, to - at);
      const chunk = entries.chunk(index);
      if (chunk.compressed) {
        const packed = Math.min(chunk.end - chunk.offset, longest);
        if (packed <= 0) throw this.#badChunk(table, index, chunk.offset);
        runs.packed(
          { key: table.firstChunk + index, source, offset: chunk.offset, length: packed, size: chunkBytes },
          skip,
          length,
        );
      } else this.#addStored(runs, { key: table.firstChunk + index, source, chunk }, skip, length);
      at += length;
    }
    return at;
  }

  /** The table of `chunk`, if it was found already. */
  #tableOf(chunk: number): EwfTable | undefined {
    const { tables } = this.#index;
    if (chunk >= this.#index.chunks) return undefined;
    const table = tables[partitionPoint(tables.length, (at) => tables[at].firstChunk <= chunk) - 1];
    // A segment may be missing between two tables.
    return table !== undefined && chunk < table.firstChunk + table.count ? table : undefined;
  }

  async #prepare(chunk: number, known: EwfTable | undefined, options?: ReadOptions): Promise<void> {
    if (known === undefined) await this.#index.findChunk(chunk, options);
    const table = known ?? this.#tableOf(chunk);
    if (table === undefined) {
      throw this.#missingChunk(chunk);
    }
    const { source } = this.#index.segments[table.segment];
    const entries = new EwfEntries(await source.read(table.entries, table.count * 4, options), table);
    if (this.#entries.has(table)) return;
    this.#entries.set(table, entries);
    this.#kept += entries.bytes;
    for (const [oldest, old] of this.#entries) {
      if (this.#kept <= EWF_TABLE_CACHE_BYTES || oldest === table) break;
      this.#entries.delete(oldest);
      this.#kept -= old.bytes;
    }
  }

  #missingChunk(chunk: number): Error {
    const { chunks, segments } = this.#index;
    const layer = segments[segments.length - 1].name;
    const what =
      chunk < chunks
        ? `Chunk ${chunk} of the disk lies in a segment file that is missing`
        : `${layer} ends the image after ${chunks} chunks; chunk ${chunk} of the disk is missing`;
    return imageError('IMAGE_TRUNCATED', what, { layer, offset: 0 }, { chunk, chunks });
  }

  #badChunk(table: EwfTable, index: number, offset: number): Error {
    const layer = this.#index.segments[table.segment].name;
    const at = { layer, offset: table.entries + index * 4 };
    return imageError(
      'IMAGE_DAMAGED',
      `${layer}: entry ${index} of a chunk table names ${offset}, behind the chunks`,
      at,
    );
  }
}
