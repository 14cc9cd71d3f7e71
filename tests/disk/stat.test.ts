import { openFile } from '@deadbox/core/node';
import { describeStat, openDisk } from '@deadbox/disk';
import { expect, test } from 'vitest';
import { testImage, testImageNames, testImagePath } from '../support/test-image.js';

const names = testImageNames.filter((name) => testImage(name).files.length > 0);

test.each(names)('every channel file of %s has the record, times and bytes that other tools find', async (name) => {
  const answer = testImage(name);
  await using disk = await openDisk(await openFile(testImagePath(name)));
  const volume = disk.volumes[answer.windowsVolume - 1];
  const tree = await volume.fileTree();
  for (const file of answer.files) {
    const node = await tree.lookup(file.path);
    const stat = node && (await describeStat(volume, node));
    expect(stat).toMatchObject({
      schema: 'deadbox.stat/1',
      type: 'file',
      size: file.size,
      ...file.standardInformation,
    });
    expect(stat?.ntfs).toMatchObject({ record: file.record, sequence: file.sequence, inUse: true });
    expect(stat?.ntfs?.names[0]).toMatchObject(file.fileName);
    const data = stat?.ntfs?.streams.find(({ type }) => type === '$DATA');
    expect(data).toMatchObject({ size: file.size, initializedSize: file.initializedSize });
    // A run's place on the disk is where the file's bytes are.
    const run = data?.runs.find(({ offset }) => offset !== null);
    if (run === undefined || node === undefined) continue;
    const stored = await disk.image.read(run.offset ?? 0, Math.min(512, file.initializedSize));
    expect(Buffer.compare(stored, await (await node.stream()).read(0, stored.length))).toBe(0);
    const [evidence] = stat?.ntfs?.evidence ?? [];
    expect(Buffer.from((await disk.image.read(evidence?.offset ?? 0, 4)).buffer, 0, 4).length).toBe(4);
    expect(evidence?.bytes.startsWith(Buffer.from('FILE').toString('hex'))).toBe(true);
  }
});
