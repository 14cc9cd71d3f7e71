import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, CachedSource, CountingSource, extentsOf, MemorySource, resolveOrigin } from '@deadbox/core';
import { FatVolume } from '@deadbox/fat';
import { beforeAll, describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../support/corpus.js';
import {
  makeImage,
  sample,
  sampleTree,
  type TreeRow,
  timesBySleuthKit,
  toSecond,
  treeByMtools,
  treeBySevenZip,
  treeByUs,
  walk,
} from '../support/fat/fat-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

const TOOLS = ['mkfs.vfat', 'mcopy', 'mdel', 'mattrib', 'fls', 'fsck.vfat'];

const SHAPES: [string, string, number, string[]][] = [
  ['fat12', 'fat12', 8, ['-F', '12']],
  ['fat12 with clusters of 512 bytes', 'fat12', 2, ['-F', '12', '-s', '1']],
  ['fat16', 'fat16', 32, ['-F', '16']],
  ['fat16 with one table', 'fat16', 32, ['-F', '16', '-f', '1']],
  ['fat32', 'fat32', 64, ['-F', '32']],
  ['fat32 with clusters of 512 bytes', 'fat32', 40, ['-F', '32', '-s', '1']],
  ['fat32 with sectors of 4096 bytes', 'fat32', 300, ['-F', '32', '-S', '4096']],
  ['fat16 with sectors of 4096 bytes', 'fat16', 64, ['-F', '16', '-S', '4096']],
  ['fat16 with clusters of 8 KiB', 'fat16', 64, ['-F', '16', '-s', '16']],
];

describeWithTools(TOOLS, 'FAT volumes made by mkfs.vfat and mtools', () => {
  const folder = temporaryFolder();
  const tree = sampleTree();

  describe.each(SHAPES)('%s', (name, type, mib, options) => {
    const path = join(folder, `${name}.img`);
    let bytes: Bytes;

    beforeAll(() => {
      makeImage(path, mib, options, tree);
      run('fsck.vfat', ['-n', path]);
      bytes = new Uint8Array(readFileSync(path));
    });

    test('hold the files that mtools copies out, byte for byte', async () => {
      const volume = await FatVolume.open(new MemorySource(bytes));
      const ours = await treeByUs(volume);
      expect(ours).toEqual(treeByMtools(path));
      expect(ours.length).toBeGreaterThan(tree.size);
      expect(volume.issues.issues).toEqual([]);
      expect([volume.fileSystem, volume.serial, await volume.label()]).toEqual([type, '1234-ABCD', 'DEADBOX']);
    });

    test('have the times that the Sleuth Kit reads', async () => {
      const volume = await FatVolume.open(new MemorySource(bytes));
      const oracle = timesBySleuthKit(path);
      let compared = 0;
      for await (const file of walk(volume.root)) {
        const expected = oracle.get(file.path);
        if (expected === undefined) continue;
        compared += 1;
        expect([file.path, toSecond(file.modified), toSecond(file.created)]).toEqual([
          file.path,
          expected.modified,
          expected.created,
        ]);
      }
      expect(compared).toBeGreaterThan(150);
      const bcd = await volume.lookup('/EFI/Microsoft/Boot/BCD');
      expect(toSecond(bcd?.modified)).toBe('2024-07-19T04:09:34');
    });

    test('give a file that lies in pieces, any part of it', async () => {
      const volume = await FatVolume.open(new MemorySource(bytes, { name: 'esp.img' }));
      const file = await volume.lookup('/in pieces.bin');
      const stream = await file!.stream();
      const expected = sample(99, 90_000);
      const runs = [];
      for await (const batch of extentsOf(stream)) runs.push(...batch);
      expect(runs.reduce((sum, extent) => sum + extent.length, 0)).toBe(90_000);
      for (const extent of runs) {
        const { source, offset } = extent.origin!;
        expect(
          Buffer.compare(
            await source.read(offset, extent.length),
            expected.subarray(extent.offset, extent.offset + extent.length),
          ),
        ).toBe(0);
      }
      for (const [from, length] of [
        [0, 1],
        [8999, 3],
        [511, 40_000],
        [89_999, 1],
        [90_000, 0],
        [0, 90_000],
      ] as const) {
        expect(Buffer.compare(await stream.read(from, length), expected.subarray(from, from + length))).toBe(0);
      }
      expect((await resolveOrigin(stream, 50_000, 1))?.source.name).toBe('esp.img');
    });
  });

  describe('the boot store', () => {
    const path = join(folder, 'esp.img');
    let bytes: Bytes;
    beforeAll(() => {
      makeImage(path, 100, ['-F', '32'], tree);
      bytes = new Uint8Array(readFileSync(path));
    });

    test('is found by long and short names in any case, and by either slash', async () => {
      const volume = await FatVolume.open(new MemorySource(bytes));
      for (const name of [
        '/EFI/Microsoft/Boot/BCD',
        '\\efi\\MICROSOFT\\boot\\bcd',
        'S:\\EFI\\Microsoft\\Boot\\BCD',
        'EFI/MICROS~1/BOOT/BCD',
      ]) {
        expect((await volume.lookup(name))?.path).toBe('/EFI/Microsoft/Boot/BCD');
      }
      for (const name of ['/EFI/Microsoft/Boot/BCD/x', '/EFI/nothing', '/filler0', '/EFI/Microsoft/Boot/BC'])
        expect(await volume.lookup(name)).toBeUndefined();
      expect((await volume.lookup('/GRÖSSE 報告 отчёт.txt'))?.path).toBeUndefined();
      expect((await volume.lookup('/gRÖßE 報告 ОТЧЁТ.TXT'))?.path).toBe('/Größe 報告 отчёт.txt');
      expect((await volume.lookup('/'))?.path).toBe('/');
    });

    test('costs few reads through a cold 16 KiB cache', async () => {
      const counting = new CountingSource(new MemorySource(bytes));
      const volume = await FatVolume.open(new CachedSource(counting, { blockSize: 16384 }));
      const file = await volume.lookup('/EFI/Microsoft/Boot/BCD');
      await (await file!.stream()).read(0, file!.size);
      // Boot sector, table, and one block or two for each of root, EFI, Microsoft, Boot and the file itself.
      expect(counting.reads).toBeLessThanOrEqual(8);
      expect(counting.bytes).toBeLessThanOrEqual(256 * 1024);
    });

    test('shows attributes and lists by prefix', async () => {
      const volume = await FatVolume.open(new MemorySource(bytes));
      expect((await volume.lookup('/empty.txt'))?.attributes).toBe(0x27);
      const names = [];
      for await (const batch of (await volume.lookup('/many'))!.entries({ prefix: 'ENTRY NUMBER 14' }))
        names.push(...batch.map((entry) => entry.name));
      expect(names.sort()).toEqual(
        [14, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149].map((i) => `entry number ${i} of the directory.dat`),
      );
    });

    test('refuses streams that FAT does not have', async () => {
      const volume = await FatVolume.open(new MemorySource(bytes));
      await expect((await volume.lookup('/EFI'))!.stream()).rejects.toMatchObject({ code: 'FAT_NO_SUCH_STREAM' });
      await expect((await volume.lookup('/empty.txt'))!.stream('Zone.Identifier')).rejects.toMatchObject({
        code: 'FAT_NO_SUCH_STREAM',
      });
      const entries = [];
      for await (const batch of (await volume.lookup('/empty.txt'))!.entries()) entries.push(...batch);
      expect(entries).toEqual([]);
      expect((await (await volume.lookup('/empty.txt'))!.stream()).size).toBe(0);
    });
  });
});

describeWithTools(['7z'], 'FAT volumes of the corpus', () => {
  describeWithCorpus('against 7-Zip', () => {
    for (const entry of corpusManifest().filter((candidate) => ['fat16', 'fat32-small'].includes(candidate.id))) {
      test(`hold in ${entry.id} what 7-Zip copies out`, async () => {
        const path = corpusFile(entry);
        const volume = await FatVolume.open(new MemorySource(new Uint8Array(readFileSync(path))));
        // 7-Zip does not know the case bits of short names.
        const upper = (rows: TreeRow[]): TreeRow[] => rows.map((row) => ({ ...row, path: row.path.toUpperCase() }));
        expect(upper(await treeByUs(volume))).toEqual(upper(treeBySevenZip(path)));
        expect([volume.fileSystem, volume.serial]).toEqual([
          entry.expected.blkid.VERSION.toLowerCase(),
          entry.expected.blkid.UUID,
        ]);
      });
    }

    test('do not include exFAT, and say so', async () => {
      const entry = corpusManifest().find((candidate) => candidate.id === 'win-exfat');
      const source = new MemorySource(new Uint8Array(readFileSync(corpusFile(entry!))));
      await expect(FatVolume.open(source)).rejects.toMatchObject({
        code: 'FAT_NOT_FAT',
        message: expect.stringContaining('exFAT'),
      });
    });
  });
});
