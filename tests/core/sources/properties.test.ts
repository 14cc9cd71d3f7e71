import {
  AlignedSource,
  type ByteSource,
  type Bytes,
  CachedSource,
  CheckedSource,
  ConcatSource,
  CountingSource,
  MemorySource,
  readInto,
  WindowSource,
} from '@deadbox/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkExtentShape, generator } from '../../support/source-contract.js';

const SIZE = 8192;

/** How one layer lies over another; each gives `SIZE` bytes that are those of the layer below. */
type Layer = { readonly name: string; readonly over: (inner: ByteSource) => ByteSource };

const layers: readonly Layer[] = [
  { name: 'window', over: (inner) => new WindowSource(inner, 0, SIZE) },
  { name: 'window of a window of a larger source', over: (inner) => shifted(inner, 700, 300) },
  {
    name: 'halves',
    over: (inner) => new ConcatSource([new WindowSource(inner, 0, 4000), new WindowSource(inner, 4000, SIZE - 4000)]),
  },
  { name: 'small cache', over: (inner) => new CachedSource(inner, { blockSize: 64, capacity: 256 }) },
  { name: 'cache', over: (inner) => new CachedSource(inner, { blockSize: 1024 }) },
  { name: 'sectors', over: (inner) => new AlignedSource(inner, 512) },
  { name: 'counter', over: (inner) => new CountingSource(inner) },
  { name: 'edge', over: (inner) => new CheckedSource(inner) },
  { name: 'late', over: late },
  { name: 'minimal', over: ({ size, read }) => ({ size, read: (...of) => read.apply(undefined, of) }) },
];

/** `inner` in the middle of more bytes, and cut out of them by two windows, one in the other. */
function shifted(inner: ByteSource, before: number, after: number): ByteSource {
  const noise = (length: number): ByteSource => new MemorySource(new Uint8Array(length).fill(0xee));
  const all = new ConcatSource([noise(before), inner, noise(after)]);
  return new WindowSource(new WindowSource(all, before - 100, SIZE + 200), 100, SIZE);
}

/** Answers after other work, as files and servers do. */
function late(inner: ByteSource): ByteSource {
  return {
    size: inner.size,
    async read(offset, length, options) {
      await Promise.resolve();
      return inner.read(offset, length, options);
    },
  };
}

const bound = ({ size, read, readInto: into }: ByteSource, self: ByteSource): ByteSource => ({
  size,
  read: read.bind(self),
  ...(into === undefined ? {} : { readInto: into.bind(self) }),
});

const anyStack = fc.array(fc.constantFrom(...layers), { maxLength: 5 });
const anyBytes = fc.integer().map((seed) => {
  const random = generator(seed);
  return Uint8Array.from({ length: SIZE }, () => (random() < 0.3 ? 0 : random() * 256));
});
const anyPlace = fc.tuple(fc.nat(SIZE), fc.nat(SIZE)).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

function stacked(bytes: Bytes, stack: readonly Layer[]): ByteSource {
  let source: ByteSource = new MemorySource(bytes);
  for (const { name, over } of stack) source = over(name === 'minimal' ? bound(source, source) : source);
  return source;
}

const label = (stack: readonly Layer[]): string => stack.map(({ name }) => name).join(' over ');

test('whatever lies over a source, any range of it is the same bytes, however often and in what order it is asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyBytes,
      anyStack,
      fc.array(anyPlace, { minLength: 1, maxLength: 12 }),
      async (bytes, stack, places) => {
        const source = stacked(bytes, stack);
        expect(source.size).toBe(SIZE);
        const answers = await Promise.all(
          places.map(async ({ from, to }, index) => {
            if (index % 2 === 0) return source.read(from, to - from);
            const target = new Uint8Array(to - from).fill(0x55);
            await readInto(source, from, target);
            return target;
          }),
        );
        for (const [index, { from, to }] of places.entries())
          expect(Buffer.compare(answers[index], bytes.subarray(from, to)), label(stack)).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

test('however a source is cut into pieces, the pieces joined are the whole', async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, anyStack, fc.array(fc.nat(SIZE), { maxLength: 40 }), async (bytes, stack, cuts) => {
      const source = stacked(bytes, stack);
      const ends = [...new Set([...cuts, SIZE])].sort((a, b) => a - b);
      const joined = new Uint8Array(SIZE);
      let at = 0;
      for (const end of ends) {
        joined.set(await source.read(at, end - at), at);
        at = end;
      }
      expect(Buffer.compare(joined, bytes), label(stack)).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test('extents of any stack are whole and in order, and their origins hold the very bytes', async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, anyStack, anyPlace, async (bytes, stack, { from, to }) => {
      for (const { offset, length, origin } of await checkExtentShape(stacked(bytes, stack), from, to)) {
        if (origin === undefined) continue;
        const stored = await origin.source.read(origin.offset, length);
        expect(Buffer.compare(stored, bytes.subarray(offset, offset + length)), label(stack)).toBe(0);
      }
    }),
    { numRuns: 100 },
  );
});

test("no read changes the caller's bytes, and a changed copy of an answer changes nothing else, also of a Buffer", async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, anyStack, anyPlace, async (bytes, stack, { from, to }) => {
      // A Buffer shares its memory with others, so its offset is odd and its `slice` a view.
      const pool = Buffer.concat([Buffer.from([1, 2, 3]), bytes]);
      const source = stacked(pool.subarray(3), stack);
      const copy = (await source.read(from, to - from)).slice();
      copy.fill(0xa5);
      await readInto(source, from, new Uint8Array(to - from));
      expect(Buffer.compare(pool.subarray(3), bytes), label(stack)).toBe(0);
      expect(Buffer.compare(await source.read(from, to - from), bytes.subarray(from, to))).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test('a window that ends behind its source is refused, and a read behind the end is never filled up', async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, anyStack, fc.integer({ min: 1, max: SIZE }), async (bytes, stack, beyond) => {
      const source = stacked(bytes, stack);
      expect(() => new WindowSource(source, SIZE - beyond + 1, beyond)).toThrow(/outside/);
      await expect(
        Promise.resolve().then(() => source.read(SIZE - beyond + 1, beyond)),
        label(stack),
      ).rejects.toMatchObject({ code: 'READ_OUT_OF_RANGE' });
    }),
    { numRuns: 100 },
  );
});
