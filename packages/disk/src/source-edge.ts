import {
  type ByteSource,
  CachedSource,
  type CacheOptions,
  CheckedSource,
  type DeadboxError,
  defined,
  MIB,
  type ReadOptions,
  type Siblings,
} from '@deadbox/core';
import type { NamedSource } from '@deadbox/image';

/** A chain or a split image may have hundreds of files; each keeps at most this much, and only of what was read. */
const CAPACITY: number = 8 * MIB;

/**
 * Where the sources that the user gives come in: each is checked and gets a block cache, and what they do not deliver
 * is remembered.
 */
export class SourceEdge {
  readonly #cache: CacheOptions;
  #failure: DeadboxError | undefined;

  constructor(cache: CacheOptions = {}) {
    this.#cache = cache;
  }

  /** The image itself. */
  image(source: ByteSource): ByteSource {
    return this.#through(source, this.#cache);
  }

  /** A file of the image beside it: parents and extents are read as often as the image itself. */
  siblings(siblings: Siblings): Siblings {
    return {
      open: async (name: string, options?: ReadOptions): Promise<ByteSource | undefined> => {
        const source = await siblings.open(name, options);
        return source === undefined ? undefined : this.#part(source);
      },
      ...defined({ list: siblings.list?.bind(siblings) }),
    };
  }

  /** Files that the user names, and those beside them. */
  named(sources: readonly NamedSource[]): NamedSource[] {
    return sources.map(({ source, siblings, ...rest }) => ({
      ...rest,
      source: this.#part(source),
      ...defined({ siblings: siblings && this.siblings(siblings) }),
    }));
  }

  /** Throws the first error by which a source did not deliver. */
  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #part(source: ByteSource): ByteSource {
    return this.#through(source, { capacity: CAPACITY, ...this.#cache });
  }

  #through(source: ByteSource, cache: CacheOptions): ByteSource {
    const remember = (error: DeadboxError): void => {
      this.#failure ??= error;
    };
    return new CachedSource(new CheckedSource(source, remember), cache);
  }
}
