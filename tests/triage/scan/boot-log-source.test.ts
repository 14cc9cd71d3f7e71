import { join } from 'node:path';
import { openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { artifactBytes, describeWithArtifacts } from '../../support/artifacts.js';
import { gptDevice, windowsBootStore, writeBootStore } from '../../support/bcd-writer.js';
import { buildCrashedDisk, DISK_ID, partitionId } from '../../support/disk-writer/crashed-disk.js';
import { temporaryFolder } from '../../support/tools.js';

describeWithArtifacts("a boot manager's log beside the boot store", 'bootstat-efi', (artifacts) => {
  const folder = temporaryFolder();

  test('is named among what was read, with its state; a quick scan reads none', async () => {
    const [artifact] = artifacts;
    const store = windowsBootStore({
      firmware: 'uefi',
      system: gptDevice(partitionId(1), DISK_ID),
      windows: gptDevice(partitionId(3), DISK_ID),
    });
    const path = join(folder, 'disk.raw');
    buildCrashedDisk(path, {
      files: 20,
      crowdStrikeEntries: 2,
      efiFiles: {
        '/EFI/Microsoft/Boot/BCD': writeBootStore(store),
        '/EFI/Microsoft/Boot/BOOTSTAT.DAT': artifactBytes(artifact),
      },
    });
    const source = await openFile(path);
    const disk = await openDisk(source, { name: path });
    const sourcesOf = async (mode: 'full' | 'quick') =>
      (await scanDisk(disk, { mode })).installations[0].sources.filter(({ kind }) => kind === 'boot-log');
    expect(await sourcesOf('full')).toEqual([
      expect.objectContaining({ path: expect.stringMatching(/BOOTSTAT\.DAT$/), state: 'whole' }),
    ]);
    expect(await sourcesOf('quick')).toEqual([]);
    await disk.close();
    await source.close?.();
  });
});
