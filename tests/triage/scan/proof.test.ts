import { readFileSync } from 'node:fs';
import { type ByteSource, DeadboxError, isTransportError } from '@deadbox/core';
import { type ImageReport, openDisk, type ScanOptions, scanDisk } from 'deadbox';
import { describe, expect, test } from 'vitest';
import { testImage, testImagePath } from '../../support/test-image.js';
import { temporaryFolder } from '../../support/tools.js';
import { channel, crashedDisk, scan } from '../../support/triage/decision-disk.js';
import { removeFromIndex } from '../../support/triage/index-entry.js';

// That there is nothing to act on is said only where every layer on the way was read and agreed.
const CROWDSTRIKE = '/Windows/System32/drivers/CrowdStrike';
const MIB = 1 << 20;

const bytesOf = (name: string): Buffer => readFileSync(testImagePath(name));

async function scanOf(source: ByteSource, options: ScanOptions = {}): Promise<ImageReport> {
  const disk = await openDisk(source);
  try {
    return await scanDisk(disk, options);
  } finally {
    await disk.close();
  }
}

const sourceOf = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)),
});

/** Place of a file's record on the disk. */
async function recordOf(bytes: Uint8Array, path: string, volume: number): Promise<{ at: number; size: number }> {
  const disk = await openDisk(sourceOf(bytes));
  const found = disk.volumes[volume - 1];
  const tree = await found.ntfs();
  const file = await tree?.lookup(path);
  const at = found.offset + (file?.location.offset ?? Number.NaN);
  await disk.close();
  return { at, size: tree?.geometry.recordSize ?? 0 };
}

const MODES = ['quick', 'full', 'deep'] as const;

describe.each(MODES)('a folder that damage hides, %s', (mode) => {
  const { windowsVolume } = testImage('gpt-faulty');

  test.each(['/Windows/System32', '/Windows/System32/drivers', CROWDSTRIKE])(
    'the record of %s is lost: the faulty file is found through the file table',
    async (path) => {
      const bytes = bytesOf('gpt-faulty');
      const { at, size } = await recordOf(bytes, path, windowsVolume);
      bytes.fill(0, at, at + size);
      const report = await scanOf(sourceOf(bytes), { mode });
      expect(report.installations).toHaveLength(1);
      expect(report.severity).not.toBe('none');
      expect(report.verdict).not.toBe('no-windows');
      if (path === '/Windows/System32') expect(report.verdict).toBe('faulty');
    },
  );

  test('the record of a folder on the way to a fixed file is lost: nothing reassuring is proven', async () => {
    const bytes = bytesOf('gpt-reverted');
    expect(await scanOf(sourceOf(bytes), { mode })).toMatchObject({ verdict: 'reverted', severity: 'none' });
    const { at, size } = await recordOf(bytes, CROWDSTRIKE, windowsVolume);
    bytes.fill(0, at, at + size);
    const report = await scanOf(sourceOf(bytes), { mode });
    expect(report).toMatchObject({ severity: 'review', provisional: expect.arrayContaining(['listing-incomplete']) });
  });
});

/** A disk with an MBR and two Windows volumes: a smaller one, and a larger one with the fixed file. */
function twoVolumes(smaller: string): Buffer {
  const volumeOf = (name: string): Buffer => {
    const { partitions, windowsVolume } = testImage(name);
    const { offset, length } = partitions[windowsVolume - 1];
    return bytesOf(name).subarray(offset, offset + length);
  };
  const parts = [volumeOf(smaller), volumeOf('gpt-reverted')];
  const disk = Buffer.alloc(MIB + parts[0].length + parts[1].length + 2 * MIB);
  disk.writeUInt32LE(0x5eed_0002, 440);
  let at = MIB;
  for (const [i, part] of parts.entries()) {
    part.copy(disk, at);
    const entry = 446 + i * 16;
    disk[entry + 4] = 7;
    disk.writeUInt32LE(at / 512, entry + 8);
    disk.writeUInt32LE((part.length + i * MIB) / 512, entry + 12);
    at += part.length;
  }
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

describe.each(MODES)('a volume that cannot be read beside a sound Windows, %s', (mode) => {
  test('is judged when it can be', async () => {
    expect(await scanOf(sourceOf(twoVolumes('mbr-faulty')), { mode })).toMatchObject({ verdict: 'faulty' });
  });

  test('is not passed over although it is the smaller one', async () => {
    const disk = twoVolumes('mbr-faulty');
    const length = testImage('mbr-faulty').partitions[0].length;
    // Both boot sectors.
    disk.fill(0, MIB, MIB + 512);
    disk.fill(0, MIB + length - 512, MIB + length);
    expect(await scanOf(sourceOf(disk), { mode })).toMatchObject({
      verdict: 'unreadable',
      severity: 'attention',
      unjudged: [1],
    });
  });

  test('is passed over when it was never written', async () => {
    const disk = twoVolumes('mbr-faulty');
    disk.fill(0, MIB, MIB + testImage('mbr-faulty').partitions[0].length);
    expect(await scanOf(sourceOf(disk), { mode })).toMatchObject({ verdict: 'reverted', severity: 'none' });
  });

  test('is not passed over where the chain of logical drives that leads to it is broken', async () => {
    const disk = twoVolumes('mbr-faulty');
    // The first partition becomes an extended one, whose first record holds nothing.
    disk[0x1be + 4] = 5;
    disk.fill(0, MIB, MIB + 512);
    expect(await scanOf(sourceOf(disk), { mode })).toMatchObject({ verdict: 'reverted', severity: 'review' });
    // One that ends the chain without a drive is whole.
    disk.writeUInt16LE(0xaa55, MIB + 510);
    expect(await scanOf(sourceOf(disk), { mode })).toMatchObject({ verdict: 'reverted', severity: 'none' });
  });
});

describe.each(MODES)('a source that fails, %s', (mode) => {
  const failures: [string, () => Error][] = [
    [
      'a server that answers no more',
      () => new DeadboxError('READ_FAILED', 'The server answered 503', { data: { transport: 'status' } }),
    ],
    ['a source that was closed', () => new DeadboxError('SOURCE_CLOSED', 'The source is closed')],
  ];

  test.each(failures)('%s is never a fact about the disk, whichever read it is', async (_, failure) => {
    const bytes = bytesOf('gpt-reverted');
    let reads = 0;
    let failAt = Number.POSITIVE_INFINITY;
    const source: ByteSource = {
      size: bytes.length,
      read: (offset, length) => {
        reads += 1;
        if (reads >= failAt) throw failure();
        return new Uint8Array(bytes.subarray(offset, offset + length));
      },
    };
    await scanOf(source, { mode });
    const total = reads;
    expect(total).toBeGreaterThan(8);
    for (failAt = 1; failAt <= total; failAt += 1) {
      reads = 0;
      const outcome = await scanOf(source, { mode }).then(
        ({ verdict }) => verdict,
        (error: unknown) => (isTransportError(error) ? 'transport' : error),
      );
      expect([failAt, outcome]).toEqual([failAt, 'transport']);
    }
  });
});

describe('a name that the index of its folder has lost without a trace', () => {
  const folder = temporaryFolder();

  test('is found in the file table before anything reassuring is said', async () => {
    const { path } = crashedDisk(folder, {
      channelFiles: [channel(31, '2024-07-01T00:00:00.0000000Z'), channel(32, '2024-07-19T04:30:00.0000000Z')],
      crowdStrikeEntries: 2,
    });
    const before = await scan(path, { mode: 'quick' });
    expect(before.verdict).toBe('faulty');
    removeFromIndex(path, before.volumes[2].offset, 'C-00000291-00000000-00000032.sys');
    for (const mode of ['full', 'deep'] as const) {
      const report = await scan(path, { mode });
      expect(report).toMatchObject({ verdict: 'faulty', severity: 'act' });
      expect(report.installations[0].files).toContainEqual(
        expect.objectContaining({ class: 'faulty-window', foundBy: 'mft', deleted: false }),
      );
    }
    // A quick scan reads the indexes alone, and this one agrees with itself.
    expect((await scan(path, { mode: 'quick' })).verdict).toBe('not-updated');
  });
});

describe('a folder whose index states a size of petabytes', () => {
  test('costs what its runs hold, and the verdict stays', async () => {
    const bytes = bytesOf('mbr-faulty');
    const { at, size } = await recordOf(bytes, CROWDSTRIKE, 1);
    // The non-resident $INDEX_ALLOCATION: its real size stands 0x30 behind its header, the valid size 0x38.
    let attribute = at + bytes.readUInt16LE(at + 0x14);
    while (bytes.readUInt32LE(attribute) !== 0xa0) attribute += bytes.readUInt32LE(attribute + 4);
    expect(attribute).toBeLessThan(at + size);
    for (const field of [0x30, 0x38]) bytes.writeUInt8(4, attribute + field + 6);
    let reads = 0;
    const counted = sourceOf(bytes);
    const report = await scanOf({
      size: counted.size,
      read: (offset, length) => {
        reads += 1;
        return counted.read(offset, length);
      },
    });
    expect(report.verdict).toBe('faulty');
    expect(reads).toBeLessThan(400);
  });
});

describe('what was read', () => {
  test('is named with its state', async () => {
    const report = await scanOf(sourceOf(bytesOf('gpt-faulty')));
    const [{ sources }] = report.installations;
    expect(sources).toContainEqual({
      path: '/Windows/System32/config/SYSTEM',
      kind: 'hive',
      state: 'whole',
      newest: null,
    });
    expect((await scanOf(sourceOf(bytesOf('gpt-faulty')), { mode: 'quick' })).installations[0].sources).toEqual([]);
  });

  test('a hive that cannot be read is named as damaged', async () => {
    const bytes = bytesOf('gpt-reverted');
    const { at, size } = await recordOf(
      bytes,
      '/Windows/System32/config/SOFTWARE',
      testImage('gpt-reverted').windowsVolume,
    );
    bytes.fill(0, at, at + size);
    const [{ sources, hives }] = (await scanOf(sourceOf(bytes))).installations;
    expect(hives.map(({ verdict }) => verdict)).toContain('damaged');
    expect(sources.find(({ path }) => path.endsWith('SOFTWARE'))).toMatchObject({ state: 'damaged' });
  });
});
