import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WindowSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { FatVolume } from '@deadbox/fat';
import { classifyRole, readPartitionTable } from '@deadbox/partitions';
import { beforeAll, expect, test } from 'vitest';
import { buildCrashedDisk, type CrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

describeWithTools(['sgdisk', 'fsck.vfat', 'ntfsresize', 'ntfs-3g', 'losetup'], 'a generated crashed disk', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'disk.raw');
  let disk: CrashedDisk;

  beforeAll(() => {
    disk = buildCrashedDisk(path, {
      files: 4000,
      crowdStrikeEntries: 2000,
      mftFragments: 300,
      efiFiles: { '/EFI/Microsoft/Boot/BCD': new Uint8Array(24_576).fill(7) },
      windowsFiles: {
        '/Windows/System32/config/SYSTEM': { content: new Uint8Array(300_000).fill(3) },
        '/hiberfil.sys': { size: 8 << 20, attributes: 0x26 },
      },
    });
  });

  test('has a partition table without a fault', async () => {
    expect(run('sgdisk', ['-v', path])).toContain('No problems found');
    const source = await openFile(path);
    const table = await readPartitionTable(source);
    expect(table).toMatchObject({ kind: 'gpt', diskId: disk.diskId, issues: [] });
    expect(table.partitions.map((partition) => classifyRole(partition))).toEqual([
      'efi-system',
      'microsoft-reserved',
      'data',
      'recovery',
    ]);
    expect(table.partitions.map((p) => [p.offset, p.length])).toEqual(disk.partitions.map((p) => [p.offset, p.length]));
    const efi = await FatVolume.open(new WindowSource(source, disk.partitions[0].offset, disk.partitions[0].length));
    expect([(await efi.lookup('/EFI/Microsoft/Boot/BCD'))?.size, await efi.label(), efi.issues.issues]).toEqual([
      24_576,
      'SYSTEM',
      [],
    ]);
    await source.close?.();
  });

  test.skipIf(!canMount)('has volumes that other tools find sound', () => {
    const attach = (index: number): string => {
      const { offset, length } = disk.partitions[index];
      return run('losetup', ['--show', '-f', '-r', '-o', String(offset), '--sizelimit', String(length), path]).trim();
    };
    for (const index of [0, 2, 3]) {
      const device = attach(index);
      try {
        if (index === 0) expect(run('fsck.vfat', ['-n', device])).not.toContain('differences');
        else expect(run('ntfsresize', ['--info', '--force', device])).toContain('You might resize at');
      } finally {
        run('losetup', ['-d', device]);
      }
    }
  });

  test.skipIf(!canMount)('holds the faulty channel file among its neighbours', () => {
    const { offset, length } = disk.partitions[2];
    const device = run('losetup', [
      '--show',
      '-f',
      '-r',
      '-o',
      String(offset),
      '--sizelimit',
      String(length),
      path,
    ]).trim();
    const mount = mkdtempSync(join(folder, 'mount-'));
    try {
      run('ntfs-3g', ['-o', 'ro', device, mount]);
      try {
        const names = readdirSync(join(mount, 'Windows/System32/drivers/CrowdStrike'));
        expect(names).toHaveLength(2001);
        expect(names.filter((name) => name.startsWith('C-00000291'))).toEqual(['C-00000291-00000000-00000032.sys']);
        const file = join(mount, 'Windows/System32/drivers/CrowdStrike/C-00000291-00000000-00000032.sys');
        expect([statSync(file).size, new Date(Math.floor(statSync(file).mtimeMs)).toISOString()]).toEqual([
          40_979,
          '2024-07-19T04:09:35.123Z',
        ]);
        const handle = openSync(file, 'r');
        const head = new Uint8Array(4);
        readSync(handle, head, 0, 4, 0);
        closeSync(handle);
        expect([...head]).toEqual([0xaa, 0xaa, 0xaa, 0xaa]);
        const all = Number(run('sh', ['-c', `find ${mount} -type f | wc -l`]).trim());
        // 4,000 files, and the names in WinSxS that are second names of System32's.
        expect(all).toBeGreaterThanOrEqual(4000);
      } finally {
        run('umount', [mount]);
        rmdirSync(mount);
      }
    } finally {
      run('losetup', ['-d', device]);
    }
  });
});
