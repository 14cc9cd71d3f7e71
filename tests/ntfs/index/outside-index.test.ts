import type { Bytes } from '@deadbox/core';
import type { NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { expect, test } from 'vitest';
import { seal, unseal } from '../../support/file-record-writer.js';
import { openBytes, viewOf, windowsVolume } from '../../support/ntfs/volume-bytes.js';

const FOLDER = '/Windows/System32/drivers/CrowdStrike';
const NAME = 'C-00000291-00000000-00000032.sys';

/**
 * The volume with the index entry of the file taken out, as carefully as NTFS would do it: nothing in the index tells
 * of it.
 */
async function withoutEntry(): Promise<Bytes> {
  const bytes = windowsVolume();
  const place = (await (await openBytes(bytes)).lookup(`${FOLDER}/${NAME}`))?.entry?.place;
  const block = unseal(bytes.subarray(place?.nodeOffset ?? 0, (place?.nodeOffset ?? 0) + 4096));
  const view = viewOf(block as Bytes);
  const entry = place?.entryOffset ?? 0;
  const length = view.getUint16(entry + 8, true);
  const used = view.getUint32(0x1c, true);
  block.copyWithin(entry, entry + length, 0x18 + used);
  view.setUint32(0x1c, used - length, true);
  seal(block);
  return bytes;
}

async function folderOf(volume: NtfsVolume): Promise<NtfsFile> {
  return (await volume.lookup(FOLDER)) as NtfsFile;
}

test('a file that its folder has no entry for is found by what its own record says', async () => {
  const volume = await openBytes(await withoutEntry());
  const folder = await folderOf(volume);
  expect(await volume.findInDirectory(folder, 'C-00000291-0')).toMatchObject({ complete: true, entries: [] });
  const outside = await volume.outsideIndex(folder, 'C-00000291-0');
  expect(outside).toMatchObject({
    checked: 'all',
    badRecords: 0,
    complete: false,
    entries: [{ name: NAME, foundBy: 'mft' }],
    contradictions: [{ kind: 'outside-index', record: folder.record, data: { name: NAME } }],
  });
  expect((await outside.entries[0].open()).path).toBe(`${FOLDER}/${NAME}`);
  expect((await volume.outsideIndex(folder, '')).entries.map(({ name }) => name)).toEqual([NAME]);
});

test('nothing lies outside the indexes of an intact volume', async () => {
  const volume = await openBytes(windowsVolume());
  for (const path of ['/', '/Windows', FOLDER]) {
    const folder = path === '/' ? await volume.root() : ((await volume.lookup(path)) as NtfsFile);
    expect(await volume.outsideIndex(folder, '')).toMatchObject({ checked: 'all', complete: true, entries: [] });
  }
});

test('a table that is larger than was allowed is read in part, and that is told', async () => {
  const volume = await openBytes(await withoutEntry());
  const folder = await folderOf(volume);
  const small = await volume.outsideIndex(folder, '', { maxBytes: 64 << 10 });
  expect(small).toMatchObject({ checked: 'part', entries: [], complete: true });
  expect(await volume.outsideIndex(folder, '', { maxBytes: 1 << 30 })).toMatchObject({ checked: 'all' });
});
