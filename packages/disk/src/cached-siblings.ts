import {
  type ByteSource,
  CachedSource,
  type CacheOptions,
  CheckedSource,
  defined,
  MIB,
  type ReadOptions,
  type Siblings,
} from '@deadbox/core';
import type { NamedSource } from '@deadbox/image';

/** A chain or a split image may have hundreds of files; each keeps at most this much, and only of what was read. */
const CAPACITY: number = 8 * MIB;

function cached(source: ByteSource, cache: CacheOptions): ByteSource {
  return new CachedSource(new CheckedSource(source), { capacity: CAPACITY, ...cache });
}

/** The same files, checked and with a block cache over each: parents and extents are read as often as the image itself. */
export function cachedSiblings(siblings: Siblings, cache: CacheOptions = {}): Siblings {
  return {
    async open(name: string, options?: ReadOptions): Promise<ByteSource | undefined> {
      const source = await siblings.open(name, options);
      return source === undefined ? undefined : cached(source, cache);
    },
    ...defined({ list: siblings.list?.bind(siblings) }),
  };
}

/** The same parents, checked and with a block cache over each, and over the files beside them. */
export function cachedParents(parents: readonly NamedSource[], cache: CacheOptions = {}): NamedSource[] {
  return parents.map((parent) => ({
    ...parent,
    source: cached(parent.source, cache),
    ...defined({ siblings: parent.siblings && cachedSiblings(parent.siblings, cache) }),
  }));
}
