import { CountingSource, WindowSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { NtfsVolume } from '@deadbox/ntfs';
import { readPartitionTable } from '@deadbox/partitions';
import { expect, test } from 'vitest';
import { testImagePath } from '../../support/test-image.js';

const FOLDER = '/Windows/System32/drivers';

async function openVolume(damage?: (bytes: Uint8Array, offset: number) => void) {
  const file = await openFile(testImagePath('gpt-faulty'));
  const table = await readPartitionTable(file);
  const isNtfs = async (at: number) => Buffer.from(await file.read(at + 3, 4)).toString('latin1') === 'NTFS';
  const starts = await Promise.all(table.partitions.map(async (part) => ((await isNtfs(part.offset)) ? [part] : [])));
  const [windows] = starts.flat();
  const window = new WindowSource(file, windows.offset, windows.length);
  const source = {
    size: window.size,
    async read(offset: number, length: number) {
      const bytes = new Uint8Array(await window.read(offset, length));
      damage?.(bytes, offset);
      return bytes;
    },
  };
  const counting = new CountingSource(source);
  return { volume: await NtfsVolume.open(counting), counting };
}

test('what was looked for once is not read again, whether it was there or not', async () => {
  const { volume, counting } = await openVolume();
  const wanted = [`${FOLDER}/ntfs.sys`, `${FOLDER}/no-such.sys`, FOLDER, FOLDER.toUpperCase()];
  const first = [];
  for (const path of wanted) first.push(await volume.search(path));
  const folder = await volume.lookup(FOLDER);
  const found = await volume.findInDirectory(folder as NonNullable<typeof folder>, 'n');
  const before = counting.reads;
  for (const [index, path] of wanted.entries()) {
    const again = await volume.search(path);
    expect(again).toMatchObject({ complete: true, foundBy: 'index' });
    expect(again.file).toBe(first[index].file);
  }
  const again = await volume.findInDirectory(folder as NonNullable<typeof folder>, 'n');
  expect(again.entries.map(({ name }) => name)).toEqual(found.entries.map(({ name }) => name));
  expect(counting.reads).toBe(before);
});

test('each search says for itself what contradicts an index', async () => {
  let isDamaged = false;
  const { volume } = await openVolume((bytes) => {
    // Entries that all claim to be longer than they may be: every block of names is damaged.
    if (isDamaged && bytes[0] === 0x49 && bytes[1] === 0x4e && bytes[2] === 0x44 && bytes[3] === 0x58)
      bytes[0x18] = 0xff;
  });
  isDamaged = true;
  const path = '/Windows/System32/drivers/ntfs.sys';
  const first = await volume.search(path);
  const count = volume.issues.total;
  const second = await volume.search(path);
  expect(first.complete).toBe(false);
  expect(second).toMatchObject({ complete: false, contradictions: first.contradictions });
  expect(volume.issues.total).toBeGreaterThan(count);
});
