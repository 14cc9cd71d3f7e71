import { readFileSync } from 'node:fs';
import { MemorySource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { readPartitionTable, recogniseFileSystem } from '@deadbox/partitions';
import { recogniseInHead } from '@deadbox/partitions/internals';
import { expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../support/corpus.js';
import { describeWithTools, run } from '../support/tools.js';

const bySlot = (a: readonly (number | string)[], b: readonly (number | string)[]): number =>
  Number(a[0]) - Number(b[0]);

/** Start and length in sectors of the data rows of `mmls`, in its order. */
function dataRows(mmls: readonly string[]): [number, number][] {
  return mmls.flatMap((line) => {
    const match = /^\d+:\s+\d{3}(?::\d{3})?\s+(\d+)\s+\d+\s+(\d+)\s/.exec(line);
    return match === null ? [] : [[Number(match[1]), Number(match[2])] as [number, number]];
  });
}

describeWithCorpus('partition tables of the corpus', () => {
  const entries = corpusManifest().filter((entry) => entry.kind === 'partition-tables');

  for (const entry of entries) {
    test(`finds in ${entry.id} what mmls found`, async () => {
      const disk = new MemorySource(new Uint8Array(readFileSync(corpusFile(entry))));
      const table = await readPartitionTable(disk);
      const { sector_size: sectorSize, mmls, scheme } = entry.expected;
      expect(table.sectorSize).toBe(sectorSize);
      // mmls refuses a table without partitions and one whose partitions all start behind the end of the cut image;
      // sfdisk reads both.
      expect(table.kind).toBe(scheme.startsWith('GUID') ? 'gpt' : 'mbr');
      if (mmls !== undefined) {
        expect(table.partitions.map((p) => [p.offset / sectorSize, p.length / sectorSize])).toEqual(dataRows(mmls));
        expect(table.partitions.map((p) => p.number)).toEqual(table.partitions.map((_, i) => i + 1));
      }
    });
  }

  test('gives an empty MBR disk its signature and no partition', async () => {
    const entry = entries.find((candidate) => candidate.id === 'dfir-mbr-512-p0');
    const table = await readPartitionTable(new MemorySource(new Uint8Array(readFileSync(corpusFile(entry!)))));
    expect(table).toMatchObject({ kind: 'mbr', diskId: 'DD23224B', partitions: [], issues: [] });
  });

  test('says how much of a partition a cut image still has', async () => {
    const entry = entries.find((candidate) => candidate.id === 'dfir-mbr-512-p1');
    const table = await readPartitionTable(new MemorySource(new Uint8Array(readFileSync(corpusFile(entry!)))));
    expect(table.partitions).toMatchObject([{ offset: 512, length: 2047 * 512, present: 512 }]);
    expect(table.issues.map((issue) => issue.code)).toEqual(['partition.outside-disk']);
  });

  const images = corpusManifest().filter((entry) =>
    ['ntfs', 'bitlocker', 'filesystems', 'other-encryption'].includes(entry.kind),
  );
  for (const entry of images.filter((candidate) => /\.(raw|img)(\.gz)?$/.test(candidate.file))) {
    const oracle = entry.expected.partition_table as
      | { scheme: string; entries: { slot: string; start: number; length: number }[] }
      | undefined;
    test(
      oracle === undefined
        ? `takes the volume ${entry.id} for no partition table`
        : `finds the partitions of ${entry.id}`,
      async () => {
        const source = await openFile(corpusFile(entry));
        try {
          const table = await readPartitionTable(source);
          expect(table.kind).toBe(oracle === undefined ? 'none' : oracle.scheme.startsWith('GUID') ? 'gpt' : 'mbr');
          const expected = oracle?.entries.filter((row) => /^\d{3}(:\d{3})?$/.test(row.slot)) ?? [];
          expect(table.partitions.map((p) => [p.offset, p.length])).toEqual(
            expected.map((row) => [row.start * 512, row.length * 512]),
          );
          expect(table.issues).toEqual([]);
        } finally {
          await source.close?.();
        }
      },
    );
  }
});

describeWithTools(['sfdisk'], 'MBR disks of the corpus against sfdisk', () => {
  describeWithCorpus('all tables', () => {
    for (const entry of corpusManifest().filter((candidate) => candidate.id.startsWith('dfir-mbr-512'))) {
      test(`lists in ${entry.id} what sfdisk lists`, async () => {
        const path = corpusFile(entry);
        const oracle = JSON.parse(run('sfdisk', ['--json', path])).partitiontable;
        const table = await readPartitionTable(new MemorySource(new Uint8Array(readFileSync(path))));
        expect(table.diskId).toBe(oracle.id.slice(2).toUpperCase());
        const expected = (oracle.partitions ?? []).filter((p: { type: string }) => p.type !== '5');
        expect(table.partitions.map((p) => [p.slot, p.offset / 512, p.length / 512, p.type]).sort(bySlot)).toEqual(
          expected
            .map((p: { node: string; start: number; size: number; type: string }) => [
              Number(p.node.slice(path.length)),
              p.start,
              p.size,
              `0x${p.type.toUpperCase().padStart(2, '0')}`,
            ])
            .sort(bySlot),
        );
      });
    }
  });
});

describeWithCorpus('file systems of the corpus', () => {
  const names: Record<string, string> = { vfat: 'fat', VMFS: 'vmfs' };
  for (const entry of corpusManifest().filter((candidate) => candidate.kind === 'filesystems')) {
    test(`names ${entry.id} as blkid does`, async () => {
      const source = await openFile(corpusFile(entry));
      try {
        const { TYPE, VERSION } = entry.expected.blkid;
        const expected = TYPE === 'vfat' ? VERSION.toLowerCase() : (names[TYPE] ?? TYPE);
        const found = await recogniseFileSystem(await source.read(0, 65536), source);
        expect(found?.name).toBe(expected);
      } finally {
        await source.close?.();
      }
    });
  }

  for (const entry of corpusManifest().filter(
    (candidate) => ['bitlocker', 'other-encryption'].includes(candidate.kind) && /\.img/.test(candidate.file),
  )) {
    test(`leaves ${entry.id} to the encryption detectors`, async () => {
      const source = await openFile(corpusFile(entry));
      try {
        expect(recogniseInHead(await source.read(0, Math.min(65536, source.size)))).toBeUndefined();
      } finally {
        await source.close?.();
      }
    });
  }
});
