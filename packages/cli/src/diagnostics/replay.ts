import {
  type ByteSource,
  type Bytes,
  checkRange,
  DeadboxError,
  MIB,
  type Siblings,
  type Surroundings,
  unlessDamaged,
} from '@deadbox/core';
import type { OutputErrorCode } from '@deadbox/report/internals';
import { SMALL } from './limits.js';
import { Ranges } from './ranges.js';

/** Some bytes of a file. */
export interface Chunk {
  readonly offset: number;
  readonly bytes: Bytes;
}

/** A file as far as it was recorded. What was not is told, never made up. */
export class ReplayedFile implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  /** Sorted, once {@link settle} was called. */
  readonly #chunks: Chunk[] = [];
  readonly #unreadable = new Ranges();
  #small: Bytes = new Uint8Array(0);

  constructor(name: string, size: number, sectorSize: 512 | 4096 | undefined) {
    this.name = name;
    this.size = size;
    if (sectorSize !== undefined) this.sectorSize = sectorSize;
  }

  add({ offset, bytes }: Chunk): void {
    this.#chunks.push({ offset, bytes: bytes.length < SMALL ? this.#inCommon(bytes) : bytes });
  }

  #inCommon(bytes: Bytes): Bytes {
    if (this.#small.length < bytes.length) this.#small = new Uint8Array(MIB);
    const kept = this.#small.subarray(0, bytes.length);
    kept.set(bytes);
    this.#small = this.#small.subarray(bytes.length);
    return kept;
  }

  addUnreadable(offset: number, length: number): void {
    this.#unreadable.add(offset, offset + length);
  }

  /** Puts what was added in order. @returns whether no two chunks overlap */
  settle(): boolean {
    this.#chunks.sort((a, b) => a.offset - b.offset);
    return this.#chunks.every(({ offset }, index) => index === 0 || endOf(this.#chunks[index - 1]) <= offset);
  }

  read(offset: number, length: number): Bytes {
    checkRange(this.name, this.size, offset, length);
    const target = new Uint8Array(length);
    let done = 0;
    for (let index = this.#chunkAt(offset); done < length; index += 1) {
      const chunk = this.#chunks[index];
      const at = offset + done;
      if (chunk === undefined || chunk.offset > at || endOf(chunk) <= at) throw this.#missing(at, length - done);
      const part = chunk.bytes.subarray(at - chunk.offset, at - chunk.offset + length - done);
      target.set(part, done);
      done += part.length;
    }
    return target;
  }

  /** The last chunk that begins at `offset` or before. */
  #chunkAt(offset: number): number {
    let [low, high] = [0, this.#chunks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#chunks[middle].offset <= offset) low = middle + 1;
      else high = middle;
    }
    return Math.max(low - 1, 0);
  }

  #missing(offset: number, length: number): DeadboxError {
    const at = { layer: this.name, offset };
    if (this.#unreadable.within(offset, offset + length).length > 0)
      return new DeadboxError('READ_FAILED', `${this.name}: the medium refused a read at ${offset}`, { at });
    const message = `${this.name}: the ${length} bytes at ${offset} are not in the recording`;
    return new DeadboxError<OutputErrorCode>('NOT_RECORDED', message, { at });
  }
}

const endOf = ({ offset, bytes }: Chunk): number => offset + bytes.length;

/** The files of a recording, the image's own first. */
export class Replay {
  /** The image, as it was named. */
  readonly image: string;
  readonly version: string;
  readonly made: string;
  readonly contents: boolean;
  readonly #files: readonly ReplayedFile[];
  readonly #listing: readonly string[];

  constructor(
    head: { readonly image: string; readonly version: string; readonly made: string; readonly contents: boolean },
    files: readonly ReplayedFile[],
    listing: readonly string[],
  ) {
    this.image = head.image;
    this.version = head.version;
    this.made = head.made;
    this.contents = head.contents;
    this.#files = files;
    this.#listing = listing;
  }

  /**
   * The file that was read as `name`.
   * @throws DeadboxError `SOURCE_NOT_FOUND`
   */
  file(name: string): ReplayedFile {
    const file = name === this.image ? this.#files[0] : this.#files.find((one) => one.name === name);
    if (file !== undefined) return file;
    const message = `${name} is not in the recording`;
    throw new DeadboxError('SOURCE_NOT_FOUND', message, { data: { path: name } });
  }

  get siblings(): Siblings {
    const wanted = (name: string): string => name.toLowerCase();
    return {
      open: (name) => Promise.resolve(this.#files.find((file) => wanted(baseName(file.name)) === wanted(name))),
      list: () => Promise.resolve([...this.#listing]),
      around: () => Promise.resolve(this.#around()),
    };
  }

  /** The files around the image as far as they turned out to have something to do with images. */
  #around(): Surroundings {
    const folder = this.image.slice(0, this.image.length - baseName(this.image).length);
    const files = new Map<string, ReplayedFile>();
    for (const file of this.#files) {
      const path = file.name.startsWith(folder) ? file.name.slice(folder.length) : baseName(file.name);
      files.set(path.replaceAll('\\', '/'), file);
    }
    const paths = [...new Set([...files.keys(), ...this.#listing])];
    return {
      place: folder,
      self: [baseName(this.image)],
      list: () => Promise.resolve({ paths, leftOut: 0 }),
      // What was only asked what it is was not recorded.
      head: async (path, length) =>
        unlessDamaged(async () => files.get(path)?.read(0, Math.min(length, files.get(path)?.size ?? 0)), undefined),
      open: (path) => Promise.resolve(files.get(path)),
    };
  }
}

/** The last part of a path of any system: the recording may come from another one. */
function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
