import {
  type ByteSource,
  type Bytes,
  Cursor,
  checkRange,
  type FileNode,
  type FileTree,
  hasAscii,
  type Json,
  keepNewest,
  keepOnce,
  partitionPoint,
  type ReadOptions,
} from '@deadbox/core';
import { ntfsError, type Place } from '../errors.js';
import {
  checkStreamHead,
  DATA_HEAD_BYTES,
  type DedupChunk,
  expandDedupChunk,
  parseStreamMap,
  STREAM_HEAD_BYTES,
} from './dedup-chunk.js';
import { type DedupPart, type DedupPoint, parseDedupPoint } from './dedup-point.js';

/** The stream maps of a file together, bytes: a million chunks. */
const MAX_MAP_BYTES = 1 << 26;
const REDIRECTION_OFFSET = 0x3000;
const REDIRECTION_HEAD = 0x20;
/** Most entries of a redirection table that are looked at. */
const MAX_REDIRECTIONS = 1 << 20;
const CHUNKS_KEPT = 16;

/**
 * The content of a file that Data Deduplication keeps in its chunk store on the same volume.
 *
 * Written from the descriptions that the ntfs-3g dedup plug-ins give; no public volume of Windows was at hand to prove
 * it on. Every structure carries a checksum (CRC-32, CRC-64) or repeats a digest, and all of them are checked, so that
 * a wrong reading is refused and never returned as content.
 *
 * @param tree - the volume
 * @param data - the data of the file's reparse point (tag 80000013)
 * @param size - bytes of the file's unnamed stream
 * @throws DeadboxError `NTFS_DEDUP_INVALID`, `NTFS_STREAM_ELSEWHERE` when the chunk store lacks a container,
 * `NTFS_STREAM_UNSUPPORTED`
 */
export async function openDedupFile(
  tree: FileTree,
  data: Bytes,
  size: number,
  name: string,
  options?: ReadOptions,
): Promise<ByteSource> {
  const point = parseDedupPoint(data);
  const end = point.parts[point.parts.length - 1].end;
  if (end < size)
    throw invalid(`The chunks of ${name} end at byte ${end}, but the file has ${size} bytes`, undefined, { end, size });
  const store = new ChunkStore(tree, point);
  const chunks: DedupChunk[] = [];
  const mapBytes = point.parts.reduce((sum, part) => sum + part.mapSize, 0);
  if (mapBytes > MAX_MAP_BYTES)
    throw invalid(`The stream maps of ${name} have ${mapBytes} bytes, at most ${MAX_MAP_BYTES} are taken`, undefined, {
      mapBytes,
    });
  for (const part of point.parts) for (const chunk of await store.chunksOf(part, options)) chunks.push(chunk);
  return new DedupSource(store, chunks, size, name);
}

/** The folder `{…}.ddp` of a chunk store: opens containers, each once. */
class ChunkStore {
  readonly #tree: FileTree;
  readonly #folder: string;
  readonly #open = new Map<string, Promise<ByteSource>>();
  readonly #streamPaths = new Map<number, string>();
  /** By path of the container: offsets by sequence. */
  readonly #redirections = new Map<string, Promise<ReadonlyMap<number, number>>>();

  constructor(tree: FileTree, point: DedupPoint) {
    this.#tree = tree;
    this.#folder = `/System Volume Information/Dedup/ChunkStore/{${point.storeId}}.ddp`;
  }

  /** The chunks of one part, from its stream map. */
  async chunksOf(part: DedupPart, options?: ReadOptions): Promise<DedupChunk[]> {
    const { path, source } = await this.#streamContainer(part.streamId, options);
    let problem = await this.#streamProblem(source, part.offset, part, options);
    let { offset } = part;
    if (problem !== undefined) {
      // The map has moved since the reparse point was written: the redirection table knows where.
      const moved = (await keepOnce(this.#redirections, path, () => readRedirections(source, options))).get(
        part.sequence,
      );
      if (moved !== undefined && moved !== part.offset) {
        offset = moved;
        problem = await this.#streamProblem(source, moved, part, options);
      }
    }
    if (problem !== undefined) {
      const at = { layer: path, offset };
      throw invalid(`Stream map at byte ${offset} of ${path} has ${problem}`, at, { stream: part.sequence });
    }
    return parseStreamMap(await source.read(offset + STREAM_HEAD_BYTES, part.mapSize, options), part);
  }

  /** Head and data of a chunk. */
  async chunk(chunk: DedupChunk, options?: ReadOptions): Promise<Bytes> {
    const path = `${this.#folder}/Data/${hex(chunk.containerId)}.${hex(chunk.generation)}.ccc`;
    const source = await this.#container(path, options);
    const length = DATA_HEAD_BYTES + chunk.storedSize;
    if (chunk.offset + length > source.size) {
      const what = `Chunk at byte ${chunk.offset} lies outside ${path} of ${source.size} bytes`;
      throw invalid(what, { layer: path, offset: chunk.offset });
    }
    return expandDedupChunk(await source.read(chunk.offset, length, options), chunk, path);
  }

  async #streamProblem(
    source: ByteSource,
    offset: number,
    part: DedupPart,
    options?: ReadOptions,
  ): Promise<string | undefined> {
    if (offset + STREAM_HEAD_BYTES + part.mapSize > source.size)
      return `an end outside its container of ${source.size} bytes`;
    return checkStreamHead(await source.read(offset, STREAM_HEAD_BYTES, options), part);
  }

  /** Where the redirection table of a container says that a chunk is; the table is read once. */
  /** The stream container of the highest generation; its folder is listed once. */
  async #streamContainer(id: number, options?: ReadOptions): Promise<{ path: string; source: ByteSource }> {
    const path = this.#streamPaths.get(id) ?? (await this.#findStreamContainer(id, options));
    this.#streamPaths.set(id, path);
    return { path, source: await this.#container(path, options) };
  }

  async #findStreamContainer(id: number, options?: ReadOptions): Promise<string> {
    const folder = `${this.#folder}/Stream`;
    const directory = await this.#tree.lookup(folder, options);
    const prefix = `${hex(id)}.`;
    let best = '';
    for await (const batch of directory?.entries({ ...options, prefix }) ?? []) {
      for (const name of batch.map((entry) => entry.name.toLowerCase()))
        if (/^[0-9a-f]{8}\.[0-9a-f]{8}\.ccc$/.test(name) && name.startsWith(prefix) && name > best) best = name;
    }
    return `${folder}/${best === '' ? `${prefix}*.ccc` : best}`;
  }

  #container(path: string, options?: ReadOptions): Promise<ByteSource> {
    return keepOnce(this.#open, path, () => this.#openContainer(path, options));
  }

  async #openContainer(path: string, options?: ReadOptions): Promise<ByteSource> {
    const file: FileNode | undefined = path.includes('*') ? undefined : await this.#tree.lookup(path, options);
    if (file === undefined) {
      throw ntfsError(
        'NTFS_STREAM_ELSEWHERE',
        `The chunk store has no container ${path}: the content of the deduplicated file is not on this volume`,
        undefined,
        { path },
      );
    }
    const source = await file.stream('', options);
    const magic = await source.read(0, Math.min(4, source.size), options);
    if (!hasAscii(magic, 0, 'Cthr'))
      throw invalid(`Chunk container ${path} has no signature Cthr`, { layer: path, offset: 0 });
    return source;
  }
}

/**
 * The redirection table of a container, `Rrtl` at 0x3000: u32 count at 0x08, then pairs of u32 sequence and u32 offset.
 */
async function readRedirections(source: ByteSource, options?: ReadOptions): Promise<ReadonlyMap<number, number>> {
  const offsets = new Map<number, number>();
  if (source.size < REDIRECTION_OFFSET + REDIRECTION_HEAD) return offsets;
  const head = await source.read(REDIRECTION_OFFSET, REDIRECTION_HEAD, options);
  if (!hasAscii(head, 0, 'Rrtl')) return offsets;
  const room = Math.floor((source.size - REDIRECTION_OFFSET - REDIRECTION_HEAD) / 8);
  const count = Math.min(new Cursor(head, 'redirection table').u32(8), room);
  // A chunk that is redirected behind them would be looked for where it is no more.
  if (count > MAX_REDIRECTIONS)
    throw invalid(`A chunk container redirects ${count} chunks, at most ${MAX_REDIRECTIONS} are taken`, undefined, {
      count,
    });
  const table = new Cursor(await source.read(REDIRECTION_OFFSET + REDIRECTION_HEAD, count * 8, options));
  for (let i = 0; i < count; i += 1) {
    const sequence = table.u32(i * 8);
    // The first entry counts; unused ones are zero.
    if (!offsets.has(sequence)) offsets.set(sequence, table.u32(i * 8 + 4));
  }
  return offsets;
}

/** A file put together from chunks of different lengths. */
class DedupSource implements ByteSource {
  readonly size: number;
  readonly name: string;
  readonly #store: ChunkStore;
  readonly #chunks: readonly DedupChunk[];
  readonly #kept = new Map<number, Bytes>();

  constructor(store: ChunkStore, chunks: readonly DedupChunk[], size: number, name: string) {
    this.#store = store;
    this.#chunks = chunks;
    this.size = size;
    this.name = name;
  }

  async read(offset: number, length: number, options?: ReadOptions): Promise<Bytes> {
    checkRange(this.name, this.size, offset, length);
    const target = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      options?.signal?.throwIfAborted();
      const index = partitionPoint(this.#chunks.length, (at) => this.#chunks[at].end <= offset + done);
      const { begin } = this.#chunks[index];
      const bytes = await this.#expanded(index, options);
      const part = bytes.subarray(offset + done - begin, offset + length - begin);
      target.set(part, done);
      done += part.length;
    }
    return target;
  }

  async #expanded(index: number, options?: ReadOptions): Promise<Bytes> {
    const kept = this.#kept.get(index);
    if (kept !== undefined) return kept;
    const bytes = await this.#store.chunk(this.#chunks[index], options);
    return keepNewest(this.#kept, index, bytes, CHUNKS_KEPT);
  }
}

function hex(id: number): string {
  return id.toString(16).padStart(8, '0');
}

function invalid(what: string, at?: Place, data?: Record<string, Json>): Error {
  return ntfsError('NTFS_DEDUP_INVALID', what, at, data);
}
