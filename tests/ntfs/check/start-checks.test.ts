import type { Bytes } from '@deadbox/core';
import { checkMftHead, countFreeSpace, findMisplacedListNames, hibernationTime } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { withListName } from '../../support/ntfs/list-name.js';
import { attributeAt, openBytes, viewOf, windowsVolume } from '../../support/ntfs/volume-bytes.js';
import { NtfsVolumeWriter } from '../../support/ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../../support/ntfs-writer/sink.js';

const good: Bytes = windowsVolume();

async function head(edit: (bytes: Bytes, mft: number, mirror: number) => void): ReturnType<typeof checkMftHead> {
  const { geometry } = await openBytes(good);
  const bytes = good.slice();
  edit(bytes, geometry.mftLcn * geometry.clusterSize, geometry.mftMirrorLcn * geometry.clusterSize);
  return checkMftHead(await openBytes(bytes));
}

describe('the first records of $MFT', () => {
  test('are good in both places on a volume of mkntfs', async () => {
    expect((await head(() => undefined)).map(({ original, copy }) => [original, copy])).toEqual([
      ['good', 'good'],
      ['good', 'good'],
      ['good', 'good'],
      ['good', 'good'],
    ]);
  });

  test.each([0, 1, 2, 3])('a torn record %i is bad while its copy is good', async (record) => {
    const found = await head((bytes, mft) => (bytes[mft + record * 1024 + 510] ^= 0xff));
    expect(found[record]).toMatchObject({ record, original: 'bad', copy: 'good' });
    expect(found.filter(({ original }) => original === 'bad')).toHaveLength(1);
  });

  test('a copy without signature is bad while the record is good', async () => {
    const found = await head((bytes, _, mirror) => bytes.fill(0, mirror + 3072, mirror + 3076));
    expect(found[3]).toMatchObject({ original: 'good', copy: 'bad' });
  });

  test('a record that is another one does not count', async () => {
    const found = await head((bytes, mft) => bytes.copyWithin(mft + 3072, mft + 1024, mft + 2048));
    expect(found[3]).toMatchObject({ original: 'bad', copy: 'good' });
  });

  test('a copy that only differs in its times is good', async () => {
    const found = await head((bytes, mft) => {
      const standard = attributeAt(bytes, mft + 3072, 0x10);
      bytes[standard + 0x18] ^= 1;
    });
    expect(found[3]).toMatchObject({ original: 'good', copy: 'good' });
  });
});

/** A volume whose $MFT lies in so many pieces that record 0 needs an attribute list. */
function listedVolume(): Bytes {
  const sink = new MemorySink(64 << 20);
  const writer = new NtfsVolumeWriter(sink, { size: sink.bytes.length, mftFragments: 400 });
  for (let i = 0; i < 3000; i += 1) writer.tree.addFile(writer.tree.root, `file ${i}`, { size: 10 });
  writer.finish();
  return sink.bytes;
}

describe('names in attribute lists', () => {
  const listed = listedVolume();

  test('a name that stands two bytes before where its entry says is found, with its byte', async () => {
    const volume = await openBytes(withListName(listed, 0x1c, 0x1a));
    const [found, ...more] = await findMisplacedListNames(volume);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ record: 0, type: 0x80, name: '$SDS' });
    expect(await volume.source.read(found.volumeOffset ?? 0, 1)).toEqual(Uint8Array.of(0x1c));
  });

  test('a name that stands where its entry says is none', async () => {
    expect(await findMisplacedListNames(await openBytes(withListName(listed, 0x1a, 0x1a)))).toEqual([]);
    expect(await findMisplacedListNames(await openBytes(withListName(listed, 0x1c, 0x1c)))).toEqual([]);
    expect(await findMisplacedListNames(await openBytes(listed))).toEqual([]);
  });
});

test('free space is counted as $Bitmap has it, and no further than is asked for', async () => {
  const volume = await openBytes(good);
  const { free } = await (await volume.clusters()).count();
  const bytes = free * volume.geometry.clusterSize;
  expect(await countFreeSpace(volume, bytes + 1)).toMatchObject({ free: bytes, exact: true });
  const some = await countFreeSpace(volume, 4096);
  expect(some.exact).toBe(false);
  expect(some.free).toBeGreaterThanOrEqual(4096);
});

test('the time of a hibernation image stands behind its page size', () => {
  const image = (pageSizeAt: number, timeAt: number): Bytes => {
    const bytes = new Uint8Array(4096);
    bytes.set([0x48, 0x49, 0x42, 0x52]);
    const view = viewOf(bytes);
    view.setUint32(pageSizeAt, 4096, true);
    view.setBigUint64(timeAt, 133_658_285_758_000_000n, true);
    return bytes;
  };
  expect(hibernationTime(image(0x18, 0x20))).toBe(133_658_285_758_000_000n);
  expect(hibernationTime(image(0x14, 0x18))).toBe(133_658_285_758_000_000n);
  expect(hibernationTime(new Uint8Array(4096))).toBeUndefined();
  expect(hibernationTime(new Uint8Array(16))).toBeUndefined();
});
