import { type ByteSource, type Bytes, CountingSource, type Extent } from '@deadbox/core';
import { checkVolume, type MftTable, NtfsVolume } from '@deadbox/ntfs';
import { describe, expect, test } from 'vitest';
import { EditedVolume, nonResident } from '../../support/ntfs/edited-volume.js';
import { attributeAt, openBytes, viewOf, windowsVolume } from '../../support/ntfs/volume-bytes.js';

const TIB = 2 ** 40;
const CLUSTER = 4096;

/** A large disk of which only the first bytes were ever written, as a small image file can promise it. */
function unwritten(bytes: Bytes, size: number): ByteSource {
  return {
    size,
    read(offset, length) {
      const part = new Uint8Array(length);
      if (offset < bytes.length) part.set(bytes.subarray(offset, Math.min(offset + length, bytes.length)));
      return part;
    },
    async *extents(from, to) {
      const batch: Extent[] = [];
      if (from < bytes.length) batch.push({ offset: from, length: Math.min(to, bytes.length) - from, kind: 'data' });
      const zero = Math.max(from, bytes.length);
      if (to > zero) batch.push({ offset: zero, length: to - zero, kind: 'zero' });
      yield batch;
    },
  };
}

/** The volume with an `$MFT` of 2^32 records: the clusters that it has, then `runs`. */
async function claiming(runs: number[], clusters: number): Promise<Bytes> {
  const bytes = windowsVolume();
  const view = viewOf(bytes);
  const { geometry } = await openBytes(bytes);
  for (const copy of [geometry.mftLcn, geometry.mftMirrorLcn]) {
    const data = attributeAt(bytes, copy * CLUSTER, 0x80);
    const at = data + view.getUint16(data + 0x20, true);
    expect([...bytes.subarray(at, at + 4)], 'one run of three bytes').toEqual([0x11, bytes[at + 1], 4, 0]);
    bytes.set(runs, at + 3);
    view.setBigUint64(data + 0x18, BigInt(bytes[at + 1] + clusters - 1), true);
    for (const field of [0x28, 0x30, 0x38]) view.setBigUint64(data + field, 2n ** 42n, true);
  }
  // The file system reaches as far as its clusters are claimed.
  view.setBigUint64(0x28, BigInt((5 * TIB) / 512), true);
  return bytes;
}

async function scan(bytes: Bytes): Promise<{ table: MftTable; counting: CountingSource; volume: NtfsVolume }> {
  const counting = new CountingSource(unwritten(bytes, 5 * TIB));
  const volume = await NtfsVolume.open(counting);
  expect(volume.records.recordCount).toBe(2 ** 32);
  return { table: await volume.mft(), counting, volume };
}

const HOLE_OF_2_28 = [0x04, 0, 0, 0, 0x10];

describe('an $MFT that claims 2^32 records', () => {
  test.each([
    ['in one hole', HOLE_OF_2_28, 2 ** 28],
    ['in clusters that the image never wrote', [0x22, 0xff, 0xff, 0, 0x40], 0xffff],
    ['without runs for them', [0], 0],
  ])('%s costs what is stored of it', async (_, runs, clusters) => {
    const whole = await (await openBytes(windowsVolume())).mft();
    const { table, counting, volume } = await scan(await claiming(runs, clusters));
    expect([...table.rows()].length).toBe([...whole.rows()].length);
    expect(table.recordCount).toBeLessThan(1000);
    expect(counting.bytes).toBeLessThan(1 << 20);
    const check = await checkVolume(volume);
    expect(check.records.records).toBeLessThan(1000);
    expect(counting.bytes).toBeLessThan(32 << 20);
  });
});

test('records far behind all that are stored are told, and not followed', async () => {
  const made = new EditedVolume((tree, root) => tree.addFile(root, 'file'));
  const runs = [
    { lcn: made.at(0) / CLUSTER, length: 8 },
    { lcn: -1, length: 20_000 },
    { lcn: 2000, length: 1 },
  ];
  made.replace(0, nonResident(0x80, runs, { size: 20_009 * CLUSTER }, CLUSTER));
  // The file system reaches as far as its clusters are claimed.
  made.view.setBigUint64(0x28, BigInt((1 << 30) / 512), true);
  const volume = await NtfsVolume.open(unwritten(made.bytes, 1 << 30));
  const table = await volume.mft();
  expect([...table.rows()].map((row) => table.path(row))).toContain('/file');
  // The first run has 32 records, the file's is number 24.
  expect(table.recordCount).toBe(25);
  expect(volume.issues.issues).toMatchObject([{ code: 'ntfs.mft-extent', at: { record: 0 } }]);
});
