import {
  type ByteSource,
  type Bytes,
  checkRange,
  type Extent,
  fillPieces,
  type IssueLog,
  keepOnce,
  type MaybePromise,
  type ReadOptions,
  readInto,
  readThrough,
} from '@deadbox/core';
import { addIssue, ntfsError } from '../errors.js';
import {
  readShadowCatalog,
  readShadowVolumeHeader,
  type ShadowCopy,
  type ShadowStorePlaces,
  type ShadowVolumeHeader,
} from './shadow-copy-catalog.js';
import { readShadowCopyInformation, type ShadowCopyInformation, ShadowStore } from './shadow-copy-store.js';

/** Options of {@link ShadowCopies.open}. */
export interface ShadowCopiesOptions extends ReadOptions {
  /** Gets `ntfs.shadow-copy` for what is damaged. */
  readonly issues?: IssueLog;
}

/** Part of a snapshot that lies together; without an offset it reads as zeros. */
interface Piece {
  readonly offset: number | undefined;
  readonly length: number;
}

const EXTENTS_PER_BATCH = 1024;

/**
 * The shadow copies of a volume. Changed blocks are kept as they were before the change, so a copy is read through all
 * newer ones and then the volume itself. Changes made while Windows was not running bypass this: a copy that shares
 * such a block shows the change.
 */
export class ShadowCopies {
  /** The header of the volume's shadow copies. */
  readonly header: ShadowVolumeHeader;
  /** Oldest first. */
  readonly copies: readonly ShadowCopy[];
  readonly #volume: ByteSource;
  readonly #issues: IssueLog | undefined;
  readonly #stores = new Map<number, Promise<ShadowStore>>();
  /** Blocks of the stores that were read. */
  readonly #taken = new Set<number>();

  private constructor(
    volume: ByteSource,
    header: ShadowVolumeHeader,
    copies: readonly ShadowCopy[],
    issues: IssueLog | undefined,
  ) {
    this.#volume = volume;
    this.header = header;
    this.copies = copies;
    this.#issues = issues;
  }

  /**
   * Reads the catalog.
   * @param volume - the NTFS volume; not closed by this
   * @returns `undefined` when the volume has no shadow copy header; with no copies when all are gone
   */
  static async open(volume: ByteSource, options?: ShadowCopiesOptions): Promise<ShadowCopies | undefined> {
    const header = await readShadowVolumeHeader(volume, options);
    if (header === undefined) return undefined;
    const copies =
      header.catalogOffset === 0 ? [] : await readShadowCatalog(volume, header.catalogOffset, options?.issues, options);
    return new ShadowCopies(volume, header, copies, options?.issues);
  }

  /**
   * What the store of copy `number` says about it.
   * @returns `undefined` when the store is on another volume
   * @throws DeadboxError `NTFS_SHADOW_COPY_INVALID`
   */
  async information(number: number, options?: ReadOptions): Promise<ShadowCopyInformation | undefined> {
    const { places } = this.#copy(number);
    return places === undefined ? undefined : readShadowCopyInformation(this.#volume, places, options);
  }

  /**
   * The volume as it was when copy `number` was made; `NtfsVolume.open` reads it like any other.
   * @param number - 1 is the oldest
   * @throws DeadboxError `NTFS_STREAM_ELSEWHERE` when the data of this or a newer copy is on another volume,
   * `NTFS_SHADOW_COPY_INVALID`
   */
  async source(number: number, options?: ReadOptions): Promise<ByteSource> {
    const copy = this.#copy(number);
    const stores: ShadowStore[] = [];
    for (const newer of this.copies.slice(number - 1)) {
      if (newer.places === undefined) {
        throw ntfsError(
          'NTFS_STREAM_ELSEWHERE',
          `Shadow copy ${number} cannot be read: the data of copy ${newer.number} is kept on volume ${this.header.storageVolumeId}`,
          { offset: this.header.catalogOffset },
          { number, storageVolume: this.header.storageVolumeId },
        );
      }
      stores.push(await this.#store(newer, options));
    }
    let size = copy.volumeSize;
    if (size > this.#volume.size) {
      addIssue(
        this.#issues,
        'ntfs.shadow-copy',
        { offset: this.header.catalogOffset },
        { number, volumeSize: size, found: this.#volume.size },
        'warning',
      );
      size = this.#volume.size;
    }
    return new ShadowCopySource(this.#volume, stores, size, `shadow copy ${number}`);
  }

  #copy(number: number): ShadowCopy {
    const copy = this.copies[number - 1];
    if (copy !== undefined) return copy;
    throw ntfsError(
      'NTFS_SHADOW_COPY_INVALID',
      `There is no shadow copy ${number}: the volume has ${this.copies.length}`,
      undefined,
      { number },
    );
  }

  async #readStore(places: ShadowStorePlaces, volumeSize: number, options?: ReadOptions): Promise<ShadowStore> {
    const visited = new Set<number>();
    const reading = { ...options, visited, taken: this.#taken };
    const store = await ShadowStore.read(this.#volume, places, volumeSize, reading);
    for (const block of visited) this.#taken.add(block);
    return store;
  }

  #store(copy: ShadowCopy, options?: ReadOptions): Promise<ShadowStore> {
    const places = copy.places as NonNullable<ShadowCopy['places']>;
    return keepOnce(this.#stores, copy.number, () =>
      this.#readStore(places, Math.min(copy.volumeSize, this.#volume.size), options),
    );
  }
}

/** A volume as of a shadow copy, read through its store and all newer ones. */
class ShadowCopySource implements ByteSource {
  readonly size: number;
  readonly name: string;
  readonly #volume: ByteSource;
  /** The copy's own store first, then newer ones. */
  readonly #stores: readonly ShadowStore[];

  constructor(volume: ByteSource, stores: readonly ShadowStore[], size: number, name: string) {
    this.#volume = volume;
    this.#stores = stores;
    this.size = size;
    this.name = name;
    if (volume.sectorSize !== undefined) Object.assign(this, { sectorSize: volume.sectorSize });
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange(this.name, this.size, offset, length);
    return readThrough(this, offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    checkRange(this.name, this.size, offset, target.length);
    return fillPieces(target, (filling) => {
      const piece = this.#piece(offset + filling.done, target.length - filling.done);
      const part = filling.take(piece.length);
      if (piece.offset === undefined) part.fill(0);
      else filling.wait(readInto(this.#volume, piece.offset, part, options));
    });
  }

  async *extents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    let batch: Extent[] = [];
    for (let at = from; at < to; ) {
      options?.signal?.throwIfAborted();
      const piece = this.#piece(at, to - at);
      const place = { offset: at, length: piece.length };
      if (piece.offset === undefined) batch.push({ ...place, kind: 'zero' });
      else batch.push({ ...place, kind: 'data', origin: { source: this.#volume, offset: piece.offset } });
      at += piece.length;
      if (batch.length === EXTENTS_PER_BATCH) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  /** What lies at `offset`, joined with what follows it in the same place. */
  #piece(offset: number, wanted: number): Piece {
    const first = this.#locate(offset, wanted);
    let { length } = first;
    while (length < wanted) {
      const next = this.#locate(offset + length, wanted - length);
      const follows = first.offset === undefined ? undefined : first.offset + length;
      if (next.offset !== follows) break;
      length += next.length;
    }
    return { offset: first.offset, length };
  }

  #locate(offset: number, wanted: number): Piece {
    let at = offset;
    let length = wanted;
    for (let i = 0; i < this.#stores.length; i += 1) {
      const store = this.#stores[i];
      const place = store.locate(at, i === 0);
      length = Math.min(length, place.length);
      if (place.kind === 'volume') return { offset: place.offset, length };
      at = place.offset;
      // Only the newest copy knows which blocks were unused, and only for itself.
      if (place.kind === 'absent' && i === 0 && this.#stores.length === 1 && store.isUnused(at))
        return { offset: undefined, length };
    }
    return { offset: at, length };
  }
}
