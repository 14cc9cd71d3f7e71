import {
  type ByteSource,
  type Bytes,
  isDamage,
  type MaybePromise,
  type ReadOptions,
  type Siblings,
  type Surroundings,
  survive,
} from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { Ranges } from './ranges.js';
import type { RecordedFile } from './recorded-file.js';
import { type Structures, structuresOf } from './structures.js';

/** Notes which bytes of which files a run reads. It keeps none of them: they are read again when they are wanted. */
export class Recorder {
  readonly #files = new Map<string, RecordedFile>();
  /** Names beside the image, once they were asked for. */
  listing: readonly string[] | undefined;
  /** What of the files is structure; `undefined` where the disk could not be opened. */
  structures: Structures | undefined;

  get files(): readonly RecordedFile[] {
    return [...this.#files.values()];
  }

  /** The same source, its reads noted. */
  record(source: ByteSource): ByteSource {
    const { name = '', size, sectorSize } = source;
    const file = this.#files.get(name) ?? { name, size, sectorSize, read: new Ranges(), refused: new Ranges() };
    this.#files.set(name, file);
    return new RecordedSource(source, file);
  }

  /** The same files, each recorded once it is opened; of those that are only asked what they are nothing is kept. */
  recordSiblings({ open, list, around }: Siblings): Siblings {
    const recorded = (files: Surroundings): Surroundings => ({
      ...files,
      open: async (path, options) => {
        const source = await files.open(path, options);
        return source === undefined ? undefined : this.record(source);
      },
    });
    return {
      open: async (name, options) => {
        const source = await open(name, options);
        return source === undefined ? undefined : this.record(source);
      },
      ...(list === undefined ? {} : { list: async (options) => this.#listed(await list(options)) }),
      ...(around === undefined ? {} : { around: async () => recorded(await around()) }),
    };
  }

  #listed(names: string[]): string[] {
    this.listing = names;
    return names;
  }

  /** Tells structures from contents, while the disk is open; where it cannot be told nothing counts as structure. */
  async look(disk: Disk): Promise<void> {
    this.structures = await survive(
      () => structuresOf(disk, this.#files),
      () => undefined,
    );
  }
}

class RecordedSource implements ByteSource {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  readonly name?: string;
  readonly #inner: ByteSource;
  readonly #file: RecordedFile;

  constructor(inner: ByteSource, file: RecordedFile) {
    this.#inner = inner;
    this.#file = file;
    this.size = inner.size;
    if (inner.sectorSize !== undefined) this.sectorSize = inner.sectorSize;
    if (inner.name !== undefined) this.name = inner.name;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    return this.#noted(offset, length, () => this.#inner.read(offset, length, options));
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    const { readInto } = this.#inner;
    if (readInto === undefined) {
      const bytes = this.read(offset, target.length, options);
      return bytes instanceof Promise ? bytes.then((read) => target.set(read)) : target.set(bytes);
    }
    return this.#noted(offset, target.length, () => readInto.call(this.#inner, offset, target, options));
  }

  close(): MaybePromise<void> {
    return this.#inner.close?.();
  }

  #noted<T>(offset: number, length: number, read: () => MaybePromise<T>): MaybePromise<T> {
    const failed = (error: unknown): never => {
      if (isDamage(error) && error.code === 'READ_FAILED') this.#file.refused.add(offset, offset + length);
      throw error;
    };
    const done = (value: T): T => {
      this.#file.read.add(offset, offset + length);
      return value;
    };
    try {
      const value = read();
      return value instanceof Promise ? value.then(done, failed) : done(value);
    } catch (error) {
      return failed(error);
    }
  }
}
