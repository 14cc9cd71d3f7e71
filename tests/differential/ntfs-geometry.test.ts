import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ByteSource, hashSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { type NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { expect, test } from 'vitest';
import { growTree, type MountedEntry, readMounted } from '../support/ntfs/ntfs-tree.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

const MATRIX = [512, 4096].flatMap((sector) =>
  [512, 1024, 2048, 4096, 8192, 16_384, 65_536, 131_072, 1_048_576, 2_097_152]
    .filter((cluster) => cluster >= sector)
    .map((cluster) => ({ sector, cluster })),
);

/** Everything that deadbox finds through the directory indexes. */
async function readOurs(
  volume: NtfsVolume,
): Promise<{ entries: Map<string, MountedEntry>; streams: Map<string, string> }> {
  const entries = new Map<string, MountedEntry>();
  const streams = new Map<string, string>();
  const walk = async (directory: NtfsFile): Promise<void> => {
    const listing = directory.entries();
    for await (const batch of listing) {
      for (const entry of batch) {
        if (entry.record < 24) continue;
        const file = await entry.open();
        const { type, record, size } = file;
        expect(['file', 'directory']).toContain(type);
        entries.set(file.path, {
          record,
          type: type as 'file',
          size,
          modified: file.modified ?? 0n,
          sha256: type === 'file' ? await hashSource(await file.stream()) : '-',
        });
        for (const { name } of file.streams())
          streams.set(`${file.path}:${name}`, await hashSource(await file.stream(name)));
        if (type === 'directory') await walk(file);
      }
    }
    expect(listing).toMatchObject({ complete: true, foundBy: 'index' });
  };
  await walk(await volume.root());
  return { entries, streams };
}

describeWithTools(
  ['mkntfs', 'ntfs-3g', 'fls', 'umount'],
  'NTFS against ntfs-3g and The Sleuth Kit, over the geometry matrix',
  () => {
    const folder = temporaryFolder();

    test.skipIf(!canMount).each(MATRIX)(
      'sectors of $sector and clusters of $cluster bytes: every name, record, size, time, stream and hash',
      async ({ sector, cluster }) => {
        const image = join(folder, `${sector}-${cluster}.img`);
        const mount = `${image}.mnt`;
        const handle = openSync(image, 'w');
        ftruncateSync(handle, Math.max(48 << 20, cluster * 512));
        closeSync(handle);
        run('mkntfs', ['-F', '-f', '-q', '-s', String(sector), '-c', String(cluster), '-L', 'Größe', image]);
        mkdirSync(mount);
        run('ntfs-3g', ['-o', 'streams_interface=windows', image, mount]);
        let mounted: Map<string, MountedEntry>;
        const hashes = new Map<string, string>();
        try {
          growTree(mount, sector + cluster, cluster, cluster === 4096 ? 900 : 120);
          mounted = readMounted(mount);
        } finally {
          run('umount', [mount]);
        }
        const source: ByteSource = await openFile(image);
        const volume = await NtfsVolume.open(source);
        expect(volume.geometry).toMatchObject({
          bytesPerSector: sector,
          clusterSize: cluster,
          recordSize: Math.max(1024, sector),
        });
        const ours = await readOurs(volume);
        expect([...ours.entries.keys()].sort()).toEqual([...mounted.keys()].sort());
        for (const [path, entry] of mounted) expect(ours.entries.get(path), path).toEqual(entry);
        expect(ours.streams.size).toBeGreaterThan(0);
        // The streams again, through the mounted volume.
        run('ntfs-3g', ['-o', 'ro,streams_interface=windows', image, mount]);
        try {
          for (const path of ours.streams.keys())
            hashes.set(
              path,
              createHash('sha256')
                .update(readFileSync(mount + path))
                .digest('hex'),
            );
        } finally {
          run('umount', [mount]);
        }
        expect(ours.streams).toEqual(hashes);
        const table = await volume.mft();
        const rows = new Map(
          [...table.rows()]
            .filter((row) => table.path(row) !== '/')
            .map((row) => [table.path(row), table.name(row).record]),
        );
        expect(rows).toEqual(new Map([...mounted].map(([path, { record }]) => [path, record])));
        expect(await volume.information()).toMatchObject({ label: 'Größe', version: '3.1', dirty: false });
        for (const name of ['/MANY/c-00000000-00000000.SYS', '/ÜBERLANG', '\\Sparse.BIN']) {
          const wanted = [...mounted.keys()].find(
            (path) => path.toUpperCase() === name.replaceAll('\\', '/').toUpperCase(),
          );
          expect((await volume.lookup(name))?.path, name).toBe(wanted);
        }
        expect(volume.issues.issues).toEqual([]);
        await source.close?.();
        if (cluster <= 65_536)
          expect(sleuthKitNames(image)).toEqual([...mounted].map(([path, { record }]) => `${record} ${path}`).sort());
        spawnSync('rm', ['-f', image]);
      },
    );
  },
);

/** `record path` of every allocated name below the root, as fls lists them; streams and NTFS's own files left out. */
function sleuthKitNames(image: string): string[] {
  const names = new Set<string>();
  for (const line of run('fls', ['-r', '-p', '-u', image]).split('\n')) {
    const match = /^\S+ (\d+)-(\d+)-\d+:\t(.*)$/.exec(line);
    if (match === null || Number(match[1]) < 24 || match[3].includes(':')) continue;
    names.add(`${match[1]} /${match[3]}`);
  }
  return [...names].sort();
}
