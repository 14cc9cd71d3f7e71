import {
  type ByteSource,
  type Bytes,
  CachedSource,
  CountingSource,
  isDeadboxError,
  MemorySource,
  type ReadOptions,
  resolveOrigin,
} from '@deadbox/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const BLOCK = 512;
const content: Bytes = Uint8Array.from({ length: 100 * BLOCK + 77 }, (_, i) => (i * 13) ^ (i >> 7));

function counted(options: { capacity?: number } = {}): { cache: CachedSource; below: CountingSource } {
  const below = new CountingSource(new MemorySource(content));
  return { cache: new CachedSource(below, { blockSize: BLOCK, ...options }), below };
}

/** A source whose reads are resolved by hand. */
function manual(): {
  source: ByteSource;
  pending: { offset: number; length: number; resolve(): void; reject(error: Error): void; options?: ReadOptions }[];
} {
  const pending: {
    offset: number;
    length: number;
    resolve(): void;
    reject(error: Error): void;
    options?: ReadOptions;
  }[] = [];
  const source: ByteSource = {
    size: content.length,
    read: (offset, length, options) =>
      new Promise((resolve, reject) => {
        pending.push({
          offset,
          length,
          resolve: () => resolve(content.slice(offset, offset + length)),
          reject,
          ...(options === undefined ? {} : { options }),
        });
      }),
  };
  return { source, pending };
}

describe('CachedSource', () => {
  test('gives the same bytes as the source below, in any order of reads, sync or async, however small', async () => {
    for (const asynchronous of [false, true]) {
      const below: ByteSource = asynchronous
        ? { size: content.length, read: (offset, length) => Promise.resolve(content.slice(offset, offset + length)) }
        : new MemorySource(content);
      const cache = new CachedSource(below, { blockSize: BLOCK, capacity: 6 * BLOCK });
      await fc.assert(
        fc.asyncProperty(
          fc.nat(content.length),
          fc.oneof(fc.nat(700), fc.nat(content.length)),
          async (offset, wanted) => {
            const length = Math.min(wanted, content.length - offset);
            expect(Buffer.compare(await cache.read(offset, length), content.subarray(offset, offset + length))).toBe(0);
            const target = new Uint8Array(length);
            await cache.readInto(offset, target);
            expect(Buffer.compare(target, content.subarray(offset, offset + length))).toBe(0);
          },
        ),
        { numRuns: 300 },
      );
    }
  });

  test('reads whole blocks, the last one short, and answers hits without a read or a promise', () => {
    const { cache, below } = counted();
    void cache.read(700, 10);
    expect([below.reads, below.bytes]).toEqual([1, BLOCK]);
    expect(cache.read(BLOCK, BLOCK)).toBeInstanceOf(Uint8Array);
    expect([below.reads, below.bytes]).toEqual([1, BLOCK]);
    void cache.read(content.length - 1, 1);
    expect([below.reads, below.bytes]).toEqual([2, BLOCK + 77]);
  });

  test('reads missing neighbours in one go, around those that are there', () => {
    const { cache, below } = counted();
    void cache.read(10 * BLOCK, 1);
    void cache.read(8 * BLOCK + 5, 4 * BLOCK);
    expect([below.reads, below.bytes]).toEqual([3, 5 * BLOCK]);
    void cache.read(8 * BLOCK, 5 * BLOCK);
    expect(below.reads).toBe(3);
  });

  test('has blocks of 16 KiB unless told otherwise', () => {
    const below = new CountingSource(new MemorySource(new Uint8Array(1 << 20)));
    const cache = new CachedSource(below);
    void cache.read(20_000, 1);
    expect([below.reads, below.bytes]).toEqual([1, 16384]);
  });

  test('forgets the least recently used block first', () => {
    const { cache, below } = counted({ capacity: 4 * BLOCK });
    for (const block of [0, 1, 2, 3]) void cache.read(block * BLOCK, 1);
    void cache.read(0, 1);
    void cache.read(4 * BLOCK, 1);
    expect(below.reads).toBe(5);
    void cache.read(0, 1);
    expect(below.reads).toBe(5);
    void cache.read(1 * BLOCK, 1);
    expect(below.reads).toBe(6);
  });

  test('lets bulk reads pass, so that they push nothing out', async () => {
    const { cache, below } = counted({ capacity: 4 * BLOCK });
    void cache.read(0, 1);
    expect((await cache.read(0, 50 * BLOCK)).length).toBe(50 * BLOCK);
    const target = new Uint8Array(40 * BLOCK);
    await cache.readInto(100, target);
    expect(Buffer.compare(target, content.subarray(100, 100 + target.length))).toBe(0);
    const before = below.reads;
    void cache.read(0, 1);
    expect(below.reads).toBe(before);
  });

  test('shares one read between callers that want the same block', async () => {
    const { source, pending } = manual();
    const cache = new CachedSource(source, { blockSize: BLOCK });
    const reads = [cache.read(0, 10), cache.read(20, 10), cache.read(BLOCK - 5, 10)];
    expect(pending.map((read) => [read.offset, read.length])).toEqual([
      [0, BLOCK],
      [BLOCK, BLOCK],
    ]);
    for (const read of pending) read.resolve();
    const bytes = await Promise.all(reads.map((read) => Promise.resolve(read)));
    expect(bytes.map((value) => Buffer.from(value).toString('hex'))).toEqual(
      [
        [0, 10],
        [20, 30],
        [BLOCK - 5, BLOCK + 5],
      ].map(([from, to]) => Buffer.from(content.subarray(from, to)).toString('hex')),
    );
  });

  test('does not let one caller fail because another one gave up', async () => {
    const { source, pending } = manual();
    const cache = new CachedSource(source, { blockSize: BLOCK });
    const first = cache.read(0, 10);
    const second = cache.read(5, 10);
    const failed = expect(first).rejects.toThrow('the first caller gave up');
    const settled = Promise.resolve(second);
    pending[0].reject(new Error('the first caller gave up'));
    await failed;
    await new Promise((resolve) => setTimeout(resolve, 0));
    pending[1].resolve();
    expect(Buffer.compare(await settled, content.subarray(5, 15))).toBe(0);
  });

  test('does not remember a failed read', async () => {
    let fail = true;
    const cache = new CachedSource(
      {
        size: BLOCK,
        read: (offset, length) =>
          fail ? Promise.reject(new Error('once')) : Promise.resolve(content.slice(offset, offset + length)),
      },
      { blockSize: BLOCK },
    );
    await expect(cache.read(0, 4)).rejects.toThrow('once');
    fail = false;
    expect((await cache.read(0, 4)).length).toBe(4);
  });

  test('refuses reads outside, and ends with the source below', async () => {
    const { cache } = counted();
    for (const [offset, length] of [
      [content.length, 1],
      [-1, 1],
      [0, content.length + 1],
      [Number.NaN, 1],
    ] as const) {
      expect(() => cache.read(offset, length)).toThrow(/outside/);
    }
    void cache.read(0, 1);
    await cache.close();
    let error: unknown;
    try {
      await cache.read(0, 1);
    } catch (caught) {
      error = caught;
    }
    expect(isDeadboxError(error, 'SOURCE_CLOSED')).toBe(true);
  });

  test('is no obstacle on the way to the file', async () => {
    const file = new MemorySource(content, { name: 'disk.raw' });
    expect(await resolveOrigin(new CachedSource(file), 1234, 10)).toEqual({ source: file, offset: 1234, length: 10 });
  });
});
