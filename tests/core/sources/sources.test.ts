import {
  AlignedSource,
  BlobSource,
  type ByteSource,
  type Bytes,
  ConcatSource,
  CountingSource,
  type Extent,
  extentsOf,
  isDeadboxError,
  locateEvidence,
  MemorySource,
  readEvidence,
  readInto,
  resolveOrigin,
  WindowSource,
} from '@deadbox/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const content: Bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) ^ (i >> 3));

async function codeOf(action: () => unknown): Promise<string | undefined> {
  try {
    await action();
  } catch (error) {
    return isDeadboxError(error) ? error.code : String(error);
  }
  return undefined;
}

async function allExtents(source: ByteSource, from = 0, to = source.size): Promise<Extent[]> {
  const all: Extent[] = [];
  for await (const batch of extentsOf(source, from, to)) all.push(...batch);
  return all;
}

/** A minimal source, as a user writes one: `size` and an asynchronous `read`. */
function custom(bytes: Bytes): ByteSource {
  return { size: bytes.length, read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)) };
}

const kinds: [string, () => ByteSource][] = [
  ['memory', () => new MemorySource(content)],
  ['blob', () => new BlobSource(new Blob([content]))],
  ['window', () => new WindowSource(new MemorySource(Uint8Array.from([1, 2, 3, ...content, 4, 5])), 3, 1000)],
  ['window on a custom source', () => new WindowSource(custom(Uint8Array.from([1, ...content])), 1, 1000)],
  [
    'concat',
    () =>
      new ConcatSource(
        [300, 0, 1, 699].map(
          (length, i, all) =>
            new MemorySource(content.slice(all.slice(0, i).reduce((a, b) => a + b, 0)).slice(0, length)),
        ),
      ),
  ],
  [
    'concat of custom parts',
    () =>
      new ConcatSource([
        custom(content.slice(0, 10)),
        new MemorySource(content.slice(10, 500)),
        custom(content.slice(500)),
      ]),
  ],
  ['counting', () => new CountingSource(new MemorySource(content))],
  ['aligned', () => new AlignedSource(new MemorySource(content), 8)],
];

describe.each(kinds)('%s source', (_, open) => {
  test('gives exactly the bytes asked for', async () => {
    const source = open();
    expect(source.size).toBe(1000);
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), fc.nat(1000), async (a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const bytes = await source.read(from, to - from);
        expect(Buffer.compare(bytes, content.slice(from, to))).toBe(0);
        const target = new Uint8Array(to - from);
        await readInto(source, from, target);
        expect(Buffer.compare(target, content.slice(from, to))).toBe(0);
      }),
    );
  });

  test('refuses reads outside with a typed error', async () => {
    const source = open();
    for (const [offset, length] of [
      [1000, 1],
      [-1, 1],
      [0, 1001],
      [0, -1],
      [Number.NaN, 1],
      [1.5, 1],
      [2 ** 53, 1],
    ] as const) {
      expect(await codeOf(() => source.read(offset, length))).toBe('READ_OUT_OF_RANGE');
    }
  });

  test('is empty at its end', async () => {
    expect((await open().read(1000, 0)).length).toBe(0);
    expect((await open().read(0, 0)).length).toBe(0);
  });

  test('reports extents that are sorted, gap-free and clipped', async () => {
    const source = open();
    for (const [from, to] of [
      [0, 1000],
      [299, 302],
      [500, 501],
      [7, 7],
    ] as const) {
      const extents = await allExtents(source, from, to);
      let at = from;
      for (const extent of extents) {
        expect(extent.offset).toBe(at);
        expect(extent.length).toBeGreaterThan(0);
        at += extent.length;
      }
      expect(at).toBe(to);
    }
  });
});

describe('memory source', () => {
  test('is closed for good, twice over', async () => {
    const source = new MemorySource(content, { name: 'mem' });
    source.close();
    source.close();
    await source[Symbol.asyncDispose]();
    expect(await codeOf(() => source.read(0, 1))).toBe('SOURCE_CLOSED');
  });

  test('keeps name and sector size only when given', () => {
    expect(new MemorySource(content).sectorSize).toBeUndefined();
    expect(new MemorySource(content, { name: 'a', sectorSize: 4096 })).toMatchObject({ name: 'a', sectorSize: 4096 });
  });
});

describe('blob source', () => {
  test('takes the name of a File and refuses reads after close', async () => {
    const source = new BlobSource(new File([content], 'server-07.vhd'));
    expect(source.name).toBe('server-07.vhd');
    source.close();
    expect(await codeOf(() => source.read(0, 1))).toBe('SOURCE_CLOSED');
  });

  test('turns a failing file into READ_FAILED with its place', async () => {
    const broken = {
      size: 10,
      slice: () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) }),
    } as unknown as Blob;
    await expect(new BlobSource(broken, 'b').read(3, 2)).rejects.toMatchObject({
      code: 'READ_FAILED',
      at: { layer: 'b', offset: 3 },
    });
  });

  test('ends with the signal of the caller', async () => {
    await expect(
      new BlobSource(new Blob([content])).read(0, 1, { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });
});

describe('window source', () => {
  test('must lie inside the source below', () => {
    const inner = new MemorySource(content);
    for (const [offset, length] of [
      [0, 1001],
      [1000, 1],
      [-1, 5],
      [5, -1],
    ] as const)
      expect(() => new WindowSource(inner, offset, length)).toThrow(/outside/);
    expect(new WindowSource(inner, 1000, 0).size).toBe(0);
  });

  test('hands on the sector size and leaves the source below open', async () => {
    const inner = new MemorySource(content, { sectorSize: 4096 });
    const window: ByteSource = new WindowSource(inner, 1, 5);
    expect(window.sectorSize).toBe(4096);
    await window.close?.();
    expect(inner.read(0, 1).length).toBe(1);
  });
});

describe('counting source', () => {
  test('counts what is asked for, not what is there', async () => {
    const source = new CountingSource(custom(content));
    await source.read(0, 100);
    await source.read(50, 0);
    await source.readInto(900, new Uint8Array(7));
    expect([source.reads, source.bytes]).toEqual([3, 107]);
  });
});

describe('concat source', () => {
  test('of nothing is empty', async () => {
    const source = new ConcatSource([]);
    expect(source.size).toBe(0);
    expect((await source.read(0, 0)).length).toBe(0);
    expect(await allExtents(source)).toEqual([]);
  });

  test('reads only the parts that are touched', async () => {
    const parts = [0, 1, 2].map((i) => new CountingSource(new MemorySource(content.slice(i * 100, i * 100 + 100))));
    const source = new ConcatSource(parts);
    await source.read(150, 10);
    expect(parts.map((part) => part.reads)).toEqual([0, 1, 0]);
    await source.read(199, 2);
    expect(parts.map((part) => part.reads)).toEqual([0, 2, 1]);
  });
});

describe('aligned source', () => {
  test('asks only for whole sectors', async () => {
    const asked: [number, number][] = [];
    const inner = new MemorySource(new Uint8Array(4096));
    const source = new AlignedSource(
      { size: 4096, read: (offset, length) => (asked.push([offset, length]), inner.read(offset, length)) },
      512,
    );
    await source.read(700, 1);
    await source.read(511, 2);
    await source.read(0, 4096);
    expect(asked).toEqual([
      [512, 512],
      [0, 1024],
      [0, 4096],
    ]);
  });
});

describe('origin and evidence', () => {
  const file = new MemorySource(content, { name: 'disk.vhd' });
  /** A layer that generates its second half and has a hole at its end. */
  const layer: ByteSource = {
    size: 300,
    read: (offset, length) => (offset < 100 ? file.read(offset + 200, length) : new Uint8Array(length)),
    async *extents(from, to) {
      const all: Extent[] = [
        { offset: 0, length: 100, kind: 'data', origin: { source: file, offset: 200 } },
        { offset: 100, length: 100, kind: 'data' },
        { offset: 200, length: 100, kind: 'zero' },
      ];
      yield all.flatMap((extent) => {
        const low = Math.max(from, extent.offset);
        const high = Math.min(to, extent.offset + extent.length);
        if (high <= low) return [];
        const clipped: Extent = { offset: low, length: high - low, kind: extent.kind };
        if (extent.origin !== undefined)
          clipped.origin = { source: extent.origin.source, offset: extent.origin.offset + low - extent.offset };
        return [clipped];
      });
    },
  };

  test('follows windows and layers down to the file', async () => {
    const window = new WindowSource(new WindowSource(layer, 10, 200), 5, 100);
    expect(await resolveOrigin(window, 3, 20)).toEqual({ source: file, offset: 218, length: 20 });
    expect(await resolveOrigin(window, 80, 20)).toEqual({ source: file, offset: 295, length: 5 });
  });

  test('ends where bytes are generated or a hole', async () => {
    expect(await resolveOrigin(layer, 150, 10)).toBeUndefined();
    expect(await resolveOrigin(layer, 250, 10)).toBeUndefined();
  });

  test('of the file itself is the file', async () => {
    expect(await resolveOrigin(file, 7, 3)).toEqual({ source: file, offset: 7, length: 3 });
  });

  test('does not follow a circle for ever', async () => {
    const circle: ByteSource = {
      size: 10,
      read: (_, length) => new Uint8Array(length),
      async *extents(from, to) {
        yield [{ offset: from, length: to - from, kind: 'data', origin: { source: circle, offset: from } }];
      },
    };
    expect(await resolveOrigin(circle, 0, 1)).toBeUndefined();
  });

  test('shows at most 64 bytes, and the place in the file', async () => {
    const window = new WindowSource(layer, 0, 100);
    const evidence = await readEvidence(window, 'boot sector', 4, 90);
    expect(evidence).toEqual({
      what: 'boot sector',
      offset: 4,
      length: 90,
      bytes: Buffer.from(content.slice(204, 268)).toString('hex'),
      file: { path: 'disk.vhd', offset: 204 },
    });
    const generated = await locateEvidence(layer, { what: 'x', offset: 120, length: 1, bytes: '00' });
    expect(generated).not.toHaveProperty('file');
  });
});
