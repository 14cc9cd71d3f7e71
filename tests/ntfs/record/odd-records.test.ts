import { type Bytes, Cursor, crc32, MemorySource } from '@deadbox/core';
import { describeDataRuns, HOLE, NtfsVolume, parseBootSector } from '@deadbox/ntfs';
import { applyFixups, FIXUP_OK, NtfsStream, parseAttribute, parseDataRuns } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { EditedVolume } from '../../support/ntfs/edited-volume.js';
import { FailingReads } from '../../support/ntfs/failing-reads.js';

describe('a boot sector that is none of NTFS', () => {
  const sector = (at: number, text: string): Bytes => {
    const bytes = new Uint8Array(512);
    bytes.set([0xeb, 0x52, 0x90]);
    bytes.set(Buffer.from(text, 'latin1'), at);
    return bytes;
  };

  test.each([
    [3, 'EXFAT   ', 'an exFAT volume'],
    [0x36, 'FAT16   ', 'a FAT volume'],
    [0x52, 'FAT32   ', 'a FAT volume'],
    [3, '-FVE-FS-', 'a BitLocker volume'],
    [3, 'NTFX    ', '"NTFX    "'],
  ])('is told by what byte %i has: %s', (at, text, found) => {
    expect(() => parseBootSector(sector(at, text))).toThrow(
      expect.objectContaining({ code: 'NTFS_NOT_NTFS', data: { found } }),
    );
  });

  test('of fewer than 512 bytes is refused', () => {
    expect(() => parseBootSector(new Uint8Array(511))).toThrow(
      expect.objectContaining({ code: 'NTFS_BOOT_SECTOR_INVALID' }),
    );
  });
});

describe('the search for a boot sector', () => {
  test('notes one without 55 AA at its end, which NTFS does not need', async () => {
    const { bytes, view } = new EditedVolume();
    view.setUint16(0x1fe, 0, true);
    const volume = await NtfsVolume.open(new MemorySource(bytes));
    expect(volume.bootSectorFrom).toBe('primary');
    expect(volume.issues.issues).toMatchObject([
      { code: 'ntfs.boot-sector-signature', severity: 'note', at: { offset: 0x1fe } },
    ]);
  });

  test('does not take a backup that describes a larger volume than ends where it stands', async () => {
    const { bytes } = new EditedVolume();
    const sector = bytes.slice(0, 512);
    bytes.fill(0, 0, 512);
    bytes.fill(0, bytes.length - 512);
    bytes.set(sector, bytes.length - 4096 - 512);
    await expect(NtfsVolume.open(new MemorySource(bytes))).rejects.toMatchObject({ code: 'NTFS_NOT_NTFS' });
  });

  test('ends with the connection, and not with a sector that cannot be read', async () => {
    const { bytes } = new EditedVolume();
    bytes.fill(0, 0, 512);
    const whole = new FailingReads(bytes);
    expect((await NtfsVolume.open(whole)).bootSectorFrom).toBe('backup');
    bytes.fill(0, bytes.length - 512);
    const source = new FailingReads(bytes);
    await expect(NtfsVolume.open(source)).rejects.toMatchObject({ code: 'NTFS_NOT_NTFS' });
    for (let failing = source.reads - 1; failing >= 0; failing -= 1) {
      source.begin(failing, 'connection');
      await expect(NtfsVolume.open(source)).rejects.toMatchObject({ code: 'READ_FAILED' });
      source.begin(failing, 'sector');
      await expect(NtfsVolume.open(source)).rejects.toMatchObject({
        code: failing === 0 ? 'READ_FAILED' : 'NTFS_NOT_NTFS',
      });
    }
  });

  test('has no tail to look through in a volume of one sector', async () => {
    await expect(NtfsVolume.open(new MemorySource(new Uint8Array(512)))).rejects.toMatchObject({
      code: 'NTFS_NOT_NTFS',
    });
    await expect(NtfsVolume.open(new MemorySource(new Uint8Array(100)))).rejects.toMatchObject({
      code: 'NTFS_NOT_NTFS',
    });
  });
});

describe('a run list', () => {
  test('with more runs than any stream has is cut', () => {
    const bytes = new Uint8Array(4 << 20);
    for (let at = 0; at + 2 < bytes.length; at += 2) bytes.set([0x01, 1], at);
    const { runs, problem } = parseDataRuns(bytes, { firstVcn: 0, totalClusters: 10 });
    expect(problem).toEqual({ offset: runs.length * 2, reason: 'too-many' });
    expect(runs.every(({ lcn }) => lcn === HOLE)).toBe(true);
  });

  test('whose last pair goes on behind it ends before that pair', () => {
    const bytes = Uint8Array.of(0x11, 2, 5, 0x22, 1, 0, 1);
    expect(parseDataRuns(bytes, { firstVcn: 0, totalClusters: 100 })).toMatchObject({
      runs: [{ vcn: 0, lcn: 5, length: 2 }],
      problem: { offset: 3, reason: 'past-end' },
    });
    expect(describeDataRuns(bytes).map(({ offset, length }) => [offset, length])).toEqual([[0, 3]]);
  });
});

describe('the update sequence of a record on persistent memory', () => {
  /** The array holds its checksum, `CRC4`, and zeros in the place of words; the ends of the strides stay as they are. */
  const record = (): Bytes => {
    const bytes = Uint8Array.from({ length: 1024 }, (_, i) => (i * 7) & 0xff);
    const view = new DataView(bytes.buffer);
    view.setUint16(4, 0x30, true);
    view.setUint16(6, 4, true);
    bytes.fill(0, 0x30, 0x38);
    const crc = crc32(bytes);
    bytes.set(Buffer.from('CRC4'), 0x34);
    view.setUint32(0x30, crc, true);
    return bytes;
  };

  test('is a checksum, and what it covers stays as it is', () => {
    const bytes = record();
    const before = bytes.slice();
    expect(applyFixups(bytes, 0, 1024)).toBe(FIXUP_OK);
    expect(bytes).toEqual(before);
  });

  test('that does not fit, has another mark or too few words is that of a torn record', () => {
    for (const [at, value] of [
      [900, 0x5a],
      [0x34, 0x44],
      [0x35, 0x44],
      [0x36, 0x44],
      [0x37, 0x44],
      [6, 3],
    ] as const) {
      const bytes = record();
      bytes[at] = value;
      expect([at, applyFixups(bytes, 0, 1024)]).toEqual([at, 0]);
    }
  });
});

test('a value that would begin in the header of its attribute is refused', () => {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x80, true);
  view.setUint32(4, 32, true);
  view.setUint32(0x10, 8, true);
  view.setUint16(0x14, 8, true);
  expect(parseAttribute(new Cursor(bytes, 'record'), 0, 64)).toMatchObject({ problem: 'value', at: 0x14, found: 8 });
});

test('a non-resident attribute shorter than its header is refused', () => {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x80, true);
  view.setUint32(4, 56, true);
  bytes[8] = 1;
  expect(parseAttribute(new Cursor(bytes, 'record'), 0, 64)).toMatchObject({
    problem: 'length',
    at: 4,
    found: 56,
    skip: 56,
  });
});

describe('a stream', () => {
  const layout = { clusterSize: 512, size: 2048, initializedSize: 2048, name: 'stream', place: { offset: 0 } };

  test('tells a part that its runs have lost, between runs and at its end', async () => {
    const source = new MemorySource(new Uint8Array(4096));
    const runs = [{ vcn: 2, lcn: 4, length: 1 }];
    const stream = new NtfsStream({ ...layout, source, runs });
    const found: unknown[] = [];
    for await (const batch of stream.extents(0, 4096))
      for (const { offset, length, kind, origin } of batch) found.push([offset, length, kind, origin?.offset]);
    expect(found).toEqual([
      [0, 1024, 'data', undefined],
      [1024, 512, 'data', 2048],
      [1536, 512, 'data', undefined],
    ]);
    expect(() => stream.read(0, 512)).toThrow(expect.objectContaining({ code: 'NTFS_RUNS_INVALID' }));
  });

  test('of thousands of runs gives its places in batches, and none for an empty range', async () => {
    const count = 2000;
    const source = new MemorySource(new Uint8Array(512));
    const runs = Array.from({ length: count }, (_, i) => ({ vcn: i, lcn: (i * 2) % count, length: 1 }));
    const stream = new NtfsStream({ ...layout, source, runs, size: count * 512, initializedSize: count * 512 });
    const batches: number[] = [];
    for await (const batch of stream.extents(0, stream.size)) batches.push(batch.length);
    expect(batches.length).toBeGreaterThan(1);
    expect(batches.reduce((sum, length) => sum + length)).toBe(count);
    for await (const batch of stream.extents(5, 5)) throw new Error(`${batch.length} parts of nothing`);
    const half: number[] = [];
    for await (const batch of stream.extents(0, 1024 * 512)) half.push(batch.length);
    expect(half).toEqual([1024]);
  });
});
