import { type ByteSource, CachedSource, type CacheOptions, type ReadOptions, type Siblings } from '@deadbox/core';
import type { NamedSource } from '@deadbox/image';

/** A chain or a split image may have hundreds of files; each keeps at most this much, and only of what was read. */
const CAPACITY = 8 << 20;

/** The same files with a block cache over each: parents and extents are read as often as the image itself. */
export function cachedSiblings(siblings: Siblings, cache: CacheOptions = {}): Siblings {
  return {
    async open(name: string, options?: ReadOptions): Promise<ByteSource | undefined> {
      const source = await siblings.open(name, options);
      return source === undefined ? undefined : new CachedSource(source, { capacity: CAPACITY, ...cache });
    },
    ...(siblings.list === undefined ? {} : { list: siblings.list.bind(siblings) }),
  };
}

/** The same parents with a block cache over each, and over the files beside them. */
export function cachedParents(parents: readonly NamedSource[], cache: CacheOptions = {}): NamedSource[] {
  return parents.map((parent) => ({
    ...parent,
    source: new CachedSource(parent.source, { capacity: CAPACITY, ...cache }),
    ...(parent.siblings === undefined ? {} : { siblings: cachedSiblings(parent.siblings, cache) }),
  }));
}
