import { CountingSource } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openImage } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { expectOracle, testContainers, withDisk } from '../../support/containers.js';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { checkSourceContract } from '../../support/source-contract.js';

const FORMATS = ['vmdk', 'qcow', 'qcow2', 'parallels'];

describeWithCorpus('containers of VMware, QEMU and Parallels', () => {
  for (const format of FORMATS) describe(format, () => testContainers(format));

  describe('Windows disks that are kept as compressed QCOW2', () => {
    for (const entry of corpusManifest().filter(({ kind, file }) => kind === 'ntfs' && file.endsWith('.qcow2.gz'))) {
      test(`${entry.id}: size and content equal the oracle`, () =>
        withDisk(corpusFile(entry), (disk) => expectOracle(disk, entry)));
    }
  });

  const own = corpusManifest().filter(
    ({ kind, expected }) => kind === 'containers' && FORMATS.includes(expected.format),
  );
  for (const entry of own) {
    test(`${entry.id}: opening and reading one sector in the middle takes at most 12 reads`, async () => {
      const path = corpusFile(entry);
      const source = await openFile(path);
      const counting = new CountingSource(source);
      const disk = await openImage(counting, { name: path, siblings: fileSiblings(path) });
      await disk.read(Math.floor(disk.size / 1024) * 512, 512);
      expect(counting.reads).toBeLessThanOrEqual(12);
      await disk.close();
      await source.close?.();
    });

    test(`${entry.id}: keeps the contract of sources`, () =>
      withDisk(corpusFile(entry), (disk) => checkSourceContract(disk)));
  }
});

describeWithCorpus('damaged VMDK and QCOW2 images', () => {
  const open = (id: string): Promise<unknown> => {
    const entry = corpusManifest().find((candidate) => candidate.id === id);
    if (entry === undefined) throw new Error(`no corpus entry ${id}`);
    return withDisk(corpusFile(entry), async (disk) => {
      const buffer = new Uint8Array(1 << 20);
      for (let at = 0; at < disk.size; at += buffer.length)
        await disk.readInto(at, buffer.subarray(0, Math.min(buffer.length, disk.size - at)));
      return disk.issues;
    });
  };

  test('an absurd grain directory is refused', async () => {
    await expect(open('malformed-vmdk-afl9')).rejects.toMatchObject({
      code: expect.stringMatching(/^IMAGE_(DAMAGED|LIMIT|TRUNCATED)$/),
    });
  });

  test('a descriptor whose extents are absent names the first one', async () => {
    await expect(open('malformed-vmdk-extent-without-data')).rejects.toMatchObject({ code: 'IMAGE_FILE_MISSING' });
  });

  test('a truncated QCOW2 says so when it is opened, and where a read hits the gap', async () => {
    await expect(open('truncated-qcow2')).rejects.toMatchObject({ code: 'IMAGE_TRUNCATED' });
    const entry = corpusManifest().find(({ id }) => id === 'truncated-qcow2');
    await withDisk(corpusFile(entry as NonNullable<typeof entry>), (disk) => {
      expect(disk.issues.map(({ code }) => code)).toContain('image.truncated');
      return Promise.resolve();
    });
  });
});
