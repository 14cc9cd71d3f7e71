import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { type ByteSource, type Extent, isDeadboxError, MemorySource } from '@deadbox/core';
import { type DataRun, HOLE } from '@deadbox/ntfs';
import { Lznt1Source } from '@deadbox/ntfs/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeLznt1 } from '../../support/ntfs/lznt1-encoder.js';
import { dataAttribute, makeVolume, whileMounted } from '../../support/ntfs/ntfs3g-volume.js';
import { join, machineCode, noise, prose } from '../../support/ntfs/sample-data.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const UNIT = 65_536;

describeWithTools(
  canMount ? ['mkntfs', 'ntfs-3g', 'ntfsinfo', 'setfattr'] : ['root with /dev/fuse'],
  'a compressed stream that ntfs-3g wrote',
  () => {
    const image = joinPath(temporaryFolder(), 'volume.img');
    const contents: Record<string, Uint8Array> = {
      letters: new Uint8Array(UNIT).fill(0x41),
      mixed: join(prose(UNIT), noise(UNIT), new Uint8Array(UNIT), prose(5000)),
      code: machineCode(700_001),
      'noise-then-short-text': join(noise(UNIT * 2), prose(17)),
      zeros: new Uint8Array(UNIT * 3 + 5),
    };
    makeVolume(image, 32 << 20, ['-c', '4096']);
    whileMounted(image, 'compression', (root) => {
      mkdirSync(`${root}/packed`);
      run('setfattr', ['-h', '-v', '0x00080000', '-n', 'system.ntfs_attrib', `${root}/packed`]);
      for (const [name, content] of Object.entries(contents)) writeFileSync(`${root}/packed/${name}`, content);
    });
    const bytes = new Uint8Array(readFileSync(image));
    const volume = new MemorySource(bytes);
    const later: ByteSource = {
      size: bytes.length,
      read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
    };
    const open = (name: string, source: ByteSource): Lznt1Source => {
      const { runs, size, initializedSize, flags, unit } = dataAttribute(image, `/packed/${name}`);
      expect(flags).toBe(1);
      return new Lznt1Source({
        volume: source,
        clusterSize: 4096,
        unitClusters: 1 << unit,
        runs,
        size,
        initializedSize,
      });
    };

    test.each(Object.entries(contents))('gives the content of %s', async (name, content) => {
      const source = open(name, volume);
      expect(source.size).toBe(content.length);
      expect(Buffer.compare(await source.read(0, content.length), content)).toBe(0);
    });

    test('gives any range, at once and later', async () => {
      for (const name of ['mixed', 'code']) {
        const content = contents[name];
        for (const below of [volume, later]) {
          const source = open(name, below);
          await fc.assert(
            fc.asyncProperty(fc.nat(content.length), fc.nat(200_000), async (offset, wanted) => {
              const length = Math.min(wanted, content.length - offset);
              expect(Buffer.compare(await source.read(offset, length), content.subarray(offset, offset + length))).toBe(
                0,
              );
            }),
            { numRuns: 40 },
          );
        }
      }
    });

    test('shows where plain units lie, and which are zero', async () => {
      const source = open('mixed', volume);
      const extents: Extent[] = [];
      for await (const batch of source.extents(0, source.size)) extents.push(...batch);
      expect(extents.map(({ offset, length, kind, origin }) => [offset, length, kind, origin !== undefined])).toEqual([
        [0, UNIT, 'data', false],
        [UNIT, UNIT, 'data', true],
        [UNIT * 2, UNIT, 'zero', false],
        [UNIT * 3, 5000, 'data', false],
      ]);
      const place = extents[1]?.origin?.offset as number;
      expect(Buffer.compare(bytes.subarray(place, place + UNIT), noise(UNIT))).toBe(0);
    });
  },
);

describe('a compressed stream', () => {
  const CLUSTER = 512;
  /** A volume on which `stored` lies in clusters from 8 on, one gap of two clusters in its middle. */
  const split = (stored: Uint8Array): { volume: MemorySource; runs: DataRun[] } => {
    const clusters = Math.ceil(stored.length / CLUSTER);
    const half = Math.ceil(clusters / 2);
    const bytes = new Uint8Array(40 * CLUSTER).fill(0xee);
    const padded = join(stored, new Uint8Array(clusters * CLUSTER - stored.length));
    bytes.set(padded.subarray(0, half * CLUSTER), 20 * CLUSTER);
    bytes.set(padded.subarray(half * CLUSTER), 8 * CLUSTER);
    const runs = [
      { vcn: 0, lcn: 20, length: half },
      { vcn: half, lcn: 8, length: clusters - half },
      { vcn: clusters, lcn: HOLE, length: 16 - clusters },
    ];
    return { volume: new MemorySource(bytes), runs };
  };

  test('joins the clusters of a unit that is in fragments', async () => {
    const data = prose(8000);
    const { volume, runs } = split(encodeLznt1(data));
    const source = new Lznt1Source({
      volume,
      clusterSize: CLUSTER,
      unitClusters: 16,
      runs,
      size: 8000,
      initializedSize: 8000,
    });
    expect(await source.read(0, 8000)).toEqual(data);
  });

  test('is zero behind its initialised size, whatever was expanded', async () => {
    const data = prose(8000);
    const { volume, runs } = split(encodeLznt1(data));
    const source = new Lznt1Source({
      volume,
      clusterSize: CLUSTER,
      unitClusters: 16,
      runs,
      size: 8000,
      initializedSize: 3000,
    });
    const read = await source.read(0, 8000);
    expect(read.subarray(0, 3000)).toEqual(data.subarray(0, 3000));
    expect(read.subarray(3000)).toEqual(new Uint8Array(5000));
  });

  test('names the place on the volume where a unit is damaged, and reads the units around it', async () => {
    const data = prose(8000);
    const stored = encodeLznt1(data);
    const second = ((stored[0] | (stored[1] << 8)) & 0xfff) + 3;
    stored[second + 1] = 0x11;
    const { volume, runs } = split(stored);
    runs.push({ vcn: 16, lcn: HOLE, length: 32 });
    const layout = { volume, clusterSize: CLUSTER, unitClusters: 16, runs, size: 20_000, initializedSize: 20_000 };
    const source = new Lznt1Source(layout);
    const half = runs[0].length * CLUSTER;
    const place = second < half ? 20 * CLUSTER + second : 8 * CLUSTER + second - half;
    const error = await Promise.resolve()
      .then(() => source.read(0, 100))
      .catch((reason: unknown) => reason);
    expect(isDeadboxError(error, 'NTFS_COMPRESSION_INVALID') && error.at).toEqual({ layer: 'volume', offset: place });
    expect(await source.read(8192, 1000)).toEqual(new Uint8Array(1000));
  });

  test('refuses content that a damaged run list leaves out, instead of giving zeros', async () => {
    const data = prose(8000);
    const { volume, runs } = split(encodeLznt1(data));
    const layout = { volume, clusterSize: CLUSTER, unitClusters: 16, runs, size: 20_000, initializedSize: 20_000 };
    const source = new Lznt1Source(layout);
    expect(await source.read(0, 8000)).toEqual(data);
    await expect(Promise.resolve().then(() => source.read(8192, 10))).rejects.toMatchObject({
      code: 'NTFS_RUNS_INVALID',
    });
  });

  test('shows a hole of any size as one extent', async () => {
    const size = 2 ** 45;
    const runs = [
      { vcn: 0, length: 2 ** 33 - 16, lcn: HOLE },
      { vcn: 2 ** 33 - 16, length: 8, lcn: 100 },
      { vcn: 2 ** 33 - 8, length: 8, lcn: HOLE },
    ];
    const layout = { volume: new MemorySource(new Uint8Array(0)), clusterSize: 4096, unitClusters: 16, runs };
    const source = new Lznt1Source({ ...layout, size, initializedSize: size });
    const extents: Extent[] = [];
    for await (const batch of source.extents(0, size)) extents.push(...batch);
    expect(extents).toEqual([
      { offset: 0, length: size - 65_536, kind: 'zero' },
      { offset: size - 65_536, length: 65_536, kind: 'data' },
    ]);
  });

  test('refuses a unit that no NTFS has', () => {
    const layout = { volume: new MemorySource(new Uint8Array(0)), runs: [], size: 1, initializedSize: 1 };
    expect(() => new Lznt1Source({ ...layout, clusterSize: 4096, unitClusters: 2 ** 20 })).toThrow(
      expect.objectContaining({ code: 'NTFS_STREAM_UNSUPPORTED' }),
    );
  });
});
