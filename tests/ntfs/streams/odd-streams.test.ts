import { type ByteSource, type Extent, MemorySource } from '@deadbox/core';
import { HOLE } from '@deadbox/ntfs';
import { Lznt1Source, type Lznt1StreamLayout } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { encodeLznt1 } from '../../support/ntfs/lznt1-encoder.js';
import { join, noise, prose } from '../../support/ntfs/sample-data.js';

const CLUSTER = 512;
/** A unit of 8 clusters. */
const UNIT = 8 * CLUSTER;

function sourceOf(
  volume: ByteSource,
  runs: Lznt1StreamLayout['runs'],
  size: number,
  initializedSize = size,
): Lznt1Source {
  return new Lznt1Source({
    volume,
    clusterSize: CLUSTER,
    unitClusters: 8,
    runs,
    size,
    initializedSize,
    name: 'stream',
  });
}

async function extents(source: Lznt1Source, from = 0, to = source.size): Promise<Extent[][]> {
  const found: Extent[][] = [];
  for await (const batch of source.extents(from, to))
    found.push(
      batch.map(({ offset, length, kind, origin }) => ({
        offset,
        length,
        kind,
        ...(origin === undefined ? {} : { origin }),
      })),
    );
  return found;
}

const brief = (batches: Extent[][]): unknown[] =>
  batches.flat().map(({ offset, length, kind, origin }) => [offset, length, kind, origin?.offset]);

describe('a compressed stream', () => {
  test('ends its content where it was initialised, in one unit and in those behind it', async () => {
    const content = noise(2 * UNIT);
    const volume = new MemorySource(join(new Uint8Array(CLUSTER), content));
    const source = sourceOf(volume, [{ vcn: 0, lcn: 1, length: 16 }], 4 * UNIT, UNIT + 100);
    const bytes = await source.read(0, 4 * UNIT);
    expect(Buffer.compare(bytes.subarray(0, UNIT + 100), content.subarray(0, UNIT + 100))).toBe(0);
    expect(bytes.subarray(UNIT + 100).every((value) => value === 0)).toBe(true);
    expect(brief(await extents(source))).toEqual([
      [0, UNIT + 100, 'data', CLUSTER],
      [UNIT + 100, 4 * UNIT - UNIT - 100, 'zero', undefined],
    ]);
  });

  test('of plain units that lie apart shows each where it lies, from the middle of one on', async () => {
    const volume = new MemorySource(new Uint8Array(64 * CLUSTER));
    const runs = [
      { vcn: 0, lcn: 4, length: 3 },
      { vcn: 3, lcn: 20, length: 5 },
      { vcn: 8, lcn: 40, length: 2 },
    ];
    const source = sourceOf(volume, runs, 10 * CLUSTER);
    expect(brief(await extents(source, 4 * CLUSTER, 10 * CLUSTER))).toEqual([
      [4 * CLUSTER, 4 * CLUSTER, 'data', 21 * CLUSTER],
      [8 * CLUSTER, 2 * CLUSTER, 'data', 40 * CLUSTER],
    ]);
    expect(await extents(source, 5, 5)).toEqual([]);
  });

  test('joins holes that follow one another, and shows packed units without a place', async () => {
    const packed = encodeLznt1(prose(UNIT));
    const clusters = Math.ceil(packed.length / CLUSTER);
    const volume = new MemorySource(join(new Uint8Array(CLUSTER), packed, new Uint8Array(20 * CLUSTER)));
    const runs = [
      { vcn: 0, lcn: HOLE, length: 8 },
      { vcn: 8, lcn: HOLE, length: 8 },
      { vcn: 16, lcn: 1, length: clusters },
      { vcn: 16 + clusters, lcn: HOLE, length: 8 - clusters },
    ];
    expect(brief(await extents(sourceOf(volume, runs, 3 * UNIT)))).toEqual([
      [0, 2 * UNIT, 'zero', undefined],
      [2 * UNIT, UNIT, 'data', undefined],
    ]);
  });

  test('of thousands of parts gives them in batches, each once', async () => {
    const units = 1500;
    const volume = new MemorySource(new Uint8Array(CLUSTER));
    const runs = Array.from({ length: units }, (_, i) => ({
      vcn: i * 8,
      lcn: i % 2 === 0 ? 1 + (units - i) * 8 : HOLE,
      length: 8,
    }));
    const batches = await extents(sourceOf(volume, runs, units * UNIT));
    expect(batches.length).toBeGreaterThan(1);
    expect(batches.flat()).toHaveLength(units);
  });

  test('whose runs leave a unit out shows data of no known place, and refuses to read it', async () => {
    const volume = new MemorySource(new Uint8Array(64 * CLUSTER));
    const source = sourceOf(volume, [{ vcn: 8, lcn: 4, length: 8 }], 2 * UNIT);
    expect(brief(await extents(source))).toEqual([
      [0, UNIT, 'data', undefined],
      [UNIT, UNIT, 'data', 4 * CLUSTER],
    ]);
    expect(brief(await extents(sourceOf(volume, [], 2 * UNIT)))).toEqual([[0, 2 * UNIT, 'data', undefined]]);
    await expect((async () => source.read(0, 10))()).rejects.toMatchObject({ code: 'NTFS_RUNS_INVALID' });
  });

  test('damaged in its second piece says where on the volume', async () => {
    const packed = encodeLznt1(join(noise(1500), prose(UNIT - 1500)));
    const clusters = Math.ceil(packed.length / CLUSTER);
    expect(clusters).toBeGreaterThan(2);
    const bytes = new Uint8Array(64 * CLUSTER);
    bytes.set(packed.subarray(0, CLUSTER), 10 * CLUSTER);
    bytes.set(packed.subarray(CLUSTER), 30 * CLUSTER);
    const runs = [
      { vcn: 0, lcn: 10, length: 1 },
      { vcn: 1, lcn: 30, length: clusters - 1 },
      { vcn: clusters, lcn: HOLE, length: 8 - clusters },
    ];
    const good = sourceOf(new MemorySource(bytes), runs, UNIT);
    expect(await good.read(0, UNIT)).toHaveLength(UNIT);
    // A head that claims a chunk larger than what is stored: within the second piece, or at its start.
    const broken = bytes.slice();
    broken.fill(0xff, 30 * CLUSTER);
    const failure = await (async () => sourceOf(new MemorySource(broken), runs, UNIT).read(0, UNIT))().catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'NTFS_COMPRESSION_INVALID' });
    expect((failure as { at: { offset: number } }).at.offset).toBeGreaterThanOrEqual(10 * CLUSTER);
  });

  test('read ten times at once gives the same bytes each time', async () => {
    const packed = encodeLznt1(prose(UNIT));
    const clusters = Math.ceil(packed.length / CLUSTER);
    const inner = new MemorySource(join(new Uint8Array(CLUSTER), packed, new Uint8Array(20 * CLUSTER)));
    const volume: ByteSource = { size: inner.size, read: async (at, length) => inner.read(at, length) };
    const runs = [
      { vcn: 0, lcn: 1, length: clusters },
      { vcn: clusters, lcn: HOLE, length: 8 - clusters },
    ];
    const source = sourceOf(volume, runs, UNIT);
    for (const bytes of await Promise.all(Array.from({ length: 10 }, async () => source.read(0, UNIT))))
      expect(Buffer.compare(bytes, prose(UNIT))).toBe(0);
  });

  test('read in more than one fetch gives the same bytes', async () => {
    const content = noise(600 * UNIT);
    const volume = new MemorySource(join(new Uint8Array(CLUSTER), content));
    const source = sourceOf(volume, [{ vcn: 0, lcn: 1, length: 600 * 8 }], content.length);
    expect(Buffer.compare(await source.read(0, content.length), content)).toBe(0);
  });
});
