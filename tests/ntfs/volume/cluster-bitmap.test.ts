import { MemorySource, WindowSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { NtfsVolume } from '@deadbox/ntfs';
import { describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { openBytes, windowsVolume } from '../../support/ntfs/volume-bytes.js';
import { hasTool, run } from '../../support/tools.js';

describe('ClusterBitmap', () => {
  test('gives every cluster of a file as allocated, and refuses clusters outside', async () => {
    const volume = await openBytes(windowsVolume());
    const clusters = await volume.clusters();
    const file = await volume.lookup('/pagefile.sys');
    for (const part of (await file?.dataRuns()) ?? []) {
      for (let lcn = part.lcn; lcn < part.lcn + part.length; lcn += 1)
        expect(await clusters.isAllocated(lcn), String(lcn)).toBe(true);
    }
    await expect(clusters.isAllocated(clusters.clusters)).rejects.toMatchObject({ code: 'NTFS_CLUSTER_OUT_OF_RANGE' });
    await expect(clusters.isAllocated(-1)).rejects.toMatchObject({ code: 'NTFS_CLUSTER_OUT_OF_RANGE' });
  });

  test('gives extents without gaps, any part of them alike', async () => {
    const volume = await NtfsVolume.open(new MemorySource(windowsVolume()));
    const clusters = await volume.clusters();
    const all: boolean[] = [];
    for await (const batch of clusters.extents())
      for (const { lcn, length, allocated } of batch) {
        expect(lcn).toBe(all.length);
        for (let i = 0; i < length; i += 1) all.push(allocated);
      }
    expect(all).toHaveLength(volume.geometry.totalClusters);
    for (const from of [0, 1, 7, 8, 9, 100]) {
      const part: boolean[] = [];
      for await (const batch of clusters.extents(from, 1001))
        for (const { length, allocated } of batch) for (let i = 0; i < length; i += 1) part.push(allocated);
      expect(part).toEqual(all.slice(from, 1001));
    }
    expect(await clusters.count()).toEqual({
      allocated: all.filter(Boolean).length,
      free: all.filter((one) => !one).length,
    });
  });
});

describeWithCorpus('ClusterBitmap on volumes of the corpus', () => {
  const entries = corpusManifest().filter(
    (entry) => entry.file.startsWith('ntfs/') && entry.file.endsWith('.raw.gz') && entry.expected.fsstat !== undefined,
  );
  test.skipIf(!hasTool('blkls')).each(entries.map((entry) => [entry.id, entry] as const))(
    '%s: every cluster as blkls has it',
    async (_, entry) => {
      const path = corpusFile(entry);
      const from = (entry.expected.volume_offset ?? 0) as number;
      const lines = run('blkls', ['-l', '-e', '-o', String(from / 512), path])
        .split('\n')
        .slice(3);
      const source = await openFile(path);
      const clusters = await (await NtfsVolume.open(new WindowSource(source, from, source.size - from))).clusters();
      let checked = 0;
      for (const line of lines) {
        const [lcn, state] = line.split('|');
        if (state !== 'a' && state !== 'f') continue;
        // The Sleuth Kit counts a last part of a cluster too.
        if (Number(lcn) >= clusters.clusters) continue;
        if ((await clusters.isAllocated(Number(lcn))) !== (state === 'a'))
          throw new Error(`cluster ${lcn} is ${state} for blkls`);
        checked += 1;
      }
      expect(checked).toBe(clusters.clusters);
      await source.close?.();
    },
  );
});
