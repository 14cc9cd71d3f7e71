import { CachedSource, CountingSource, WindowSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { NtfsVolume } from '@deadbox/ntfs';
import { readPartitionTable } from '@deadbox/partitions';
import { expect, test } from 'vitest';
import { cachedCrashedDisk } from '../../support/disk-writer/crashed-disk.js';

const FOLDER = '/Windows/System32/drivers/CrowdStrike';
const NAME = 'C-00000291-00000000-00000032.sys';

test.each([
  ['4,000 files', { files: 4000 }],
  ['20,000 entries in the folder', { files: 4000, crowdStrikeEntries: 20_000 }],
  ['$MFT in 300 fragments', { files: 4000, mftFragments: 300 }],
])('with %s a lookup costs at most 16 reads, and the range of names few more', async (_, options) => {
  const file = await openFile(cachedCrashedDisk(options));
  const table = await readPartitionTable(file);
  const windows = table.partitions.toSorted((left, right) => right.length - left.length)[0];
  const counting = new CountingSource(new WindowSource(file, windows.offset, windows.length));
  const volume = await NtfsVolume.open(new CachedSource(counting));
  expect(await volume.lookup(`${FOLDER}/${NAME}`)).toMatchObject({ name: NAME });
  expect(counting.reads).toBeLessThanOrEqual(16);
  const folder = await volume.lookup(FOLDER);
  const before = counting.reads;
  const found = await volume.findInDirectory(folder as NonNullable<typeof folder>, 'C-00000291');
  expect(found).toMatchObject({ complete: true, foundBy: 'index' });
  expect(found.entries.map((entry) => entry.name)).toContain(NAME);
  expect(counting.reads - before).toBeLessThanOrEqual(4);
  await volume.information();
  await volume.logState();
  await volume.hibernation();
  expect(counting.reads).toBeLessThanOrEqual(24);
  expect(counting.bytes).toBeLessThan(512 << 10);
  await file.close?.();
});
