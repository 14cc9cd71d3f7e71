import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSource, MemorySource } from '@deadbox/core';
import { NtfsVolume } from '@deadbox/ntfs';
import { expect, test } from 'vitest';
import { fragmentMft, patchableBytes } from '../support/fragment-mft.js';
import { growTree, readMounted } from '../support/ntfs/ntfs-tree.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

describeWithTools(
  ['mkntfs', 'ntfs-3g', 'fls', 'ntfsls', 'umount'],
  'an $MFT in many fragments, with an attribute list of its own',
  () => {
    const folder = temporaryFolder();

    test.skipIf(!canMount).each([
      { cluster: 4096, pieces: 8, shuffleList: false },
      { cluster: 4096, pieces: 240, shuffleList: false },
      { cluster: 1024, pieces: 500, shuffleList: false },
      { cluster: 512, pieces: 900, shuffleList: false },
      { cluster: 512, pieces: 900, shuffleList: true },
    ])(
      'clusters of $cluster bytes, $pieces pieces (list reversed: $shuffleList)',
      async ({ cluster, pieces, shuffleList }) => {
        const image = join(folder, `${cluster}-${pieces}-${shuffleList}.img`);
        const mount = `${image}.mnt`;
        const handle = openSync(image, 'w');
        ftruncateSync(handle, 24 << 20);
        closeSync(handle);
        run('mkntfs', ['-F', '-f', '-q', '-c', String(cluster), image]);
        mkdirSync(mount);
        run('ntfs-3g', ['-o', 'streams_interface=windows', image, mount]);
        try {
          growTree(mount, pieces, cluster, 500);
        } finally {
          run('umount', [mount]);
        }
        run('ntfs-3g', ['-o', 'ro', image, mount]);
        const mounted = readMounted(mount);
        run('umount', [mount]);

        const bytes = new Uint8Array(readFileSync(image));
        const before = await NtfsVolume.open(new MemorySource(bytes.slice()));
        const extents = fragmentMft(patchableBytes(bytes), pieces, { shuffleList });
        expect(extents).toBeGreaterThan(
          Math.min(pieces, before.records.recordCount / Math.max(1, cluster / 1024)) * 0.9,
        );
        writeFileSync(image, bytes);

        // The Sleuth Kit reads the scattered table and finds every file: the volume is as it should be.
        if (!shuffleList) {
          const names = new Set(
            [...run('fls', ['-r', '-p', '-u', image]).matchAll(/^\S+ (\d+)-\d+-\d+:\t([^:\n]*)$/gm)].map(
              (match) => `${match[1]} /${match[2]}`,
            ),
          );
          for (const [path, { record }] of mounted) expect(names.has(`${record} ${path}`), path).toBe(true);
        }

        const volume = await NtfsVolume.open(new MemorySource(bytes));
        expect((await volume.records.stream()).runs.length).toBe(extents);
        for (const [path, entry] of mounted) {
          const file = await volume.file(entry.record);
          expect(file.names.length).toBeGreaterThan(0);
          if (entry.type === 'file') expect(await hashSource(await file.stream()), path).toBe(entry.sha256);
        }
        expect((await volume.lookup('/many'))?.record).toBe(mounted.get('/many')?.record);
        const table = await volume.mft();
        expect(table.badRecords).toBe(0);
        expect(
          [...table.rows()]
            .map((row) => table.path(row))
            .filter((path) => path !== '/')
            .sort(),
        ).toEqual([...mounted.keys()].sort());
        expect(volume.issues.issues).toEqual([]);
      },
    );
  },
);
