import { spawnSync } from 'node:child_process';
import { linkSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadbox, deadboxJson } from '../support/cli.js';
import { sampled } from '../support/long.js';
import { run, temporaryFolder } from '../support/tools.js';
import { describeWithVmDisks, type VmDisk, vmContainers, vmDisk, vmDiskNames } from '../support/vm-disks.js';

const EXIT: Record<string, number> = {
  faulty: 1,
  'faulty-damaged': 1,
  reverted: 0,
  superseded: 0,
  'not-updated': 0,
  'not-applicable': 0,
  'no-windows': 3,
  'blocked-encrypted': 3,
};

describeWithVmDisks('crashed-VM disks', () => {
  const folder = temporaryFolder();
  test.each(vmDiskNames)('%s gets the verdict of its oracle, as text and as JSON', (name) => {
    const disk: VmDisk = vmDisk(name);
    // By itself: of a disk that is well the files around it are asked, too.
    const alone = join(mkdtempSync(join(folder, 'alone-')), `${name}.raw`);
    linkSync(disk.raw, alone);
    const text = deadbox(['scan', '--quick', alone]);
    expect(text.code).toBe(EXIT[disk.oracle.verdict]);
    expect(text.stdout).toContain(`${disk.oracle.verdict}:`);
    const [image] = deadboxJson(['scan', '--quick', '--json', alone]).images;
    expect(image.verdict).toBe(disk.oracle.verdict);
    expect(image.disk.sectorSize).toBe(disk.oracle.sector_size ?? 512);
    const faulty = image.installations
      .flatMap(({ files }: any) => files)
      .filter((file: any) => file.class === 'faulty-window');
    if (disk.oracle.verdict === 'faulty' || disk.oracle.verdict === 'superseded') {
      expect(faulty.map((file: any) => file.path)).toEqual(disk.oracle.faulty_paths);
      const listed = disk.listing.find((row) => row.path === faulty[0].path);
      expect(faulty[0]).toMatchObject({
        record: listed?.record,
        size: listed?.size,
        sha256: listed?.sha256,
        modified: listed?.modified,
      });
    }
    expect(image.cost.reads).toBeLessThanOrEqual(40);
    expect(image.cost.bytes).toBeLessThanOrEqual(1 << 20);
  });

  test.each(['k-bitlocker-xts128', 'k2-bitlocker-cbc128', 'k4-bitlocker-startup-key'] as const)(
    '%s opens with its recovery password',
    (name) => {
      const { raw, oracle } = vmDisk(name);
      const { code, stdout, stderr } = deadbox(['scan', '--quick', '--json', '--recovery-key', 'env:KEY', raw], {
        env: { KEY: oracle.recovery_password },
      });
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
      expect(JSON.parse(stdout).images[0]).toMatchObject({ verdict: oracle.verdict_unlocked, severity: 'act' });
      expect(stdout).not.toContain(oracle.recovery_password);
      // Never "BitLocker is not the reason" for a volume that was just unlocked.
      expect(
        deadbox(['scan', '--recovery-key', 'env:KEY', raw], { env: { KEY: oracle.recovery_password } }).stdout,
      ).not.toContain('BitLocker is not the reason');
    },
  );

  test('a locked volume names the key that opens it', () => {
    const { raw } = vmDisk('k-bitlocker-xts128');
    expect(deadbox(['scan', raw]).stdout).toContain('64311DEA-4587-4029-924A-BA299647998E');
    expect(deadbox(['ls', '--volume', '3', raw])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('64311DEA-4587-4029-924A-BA299647998E'),
    });
  });

  test('inside BitLocker inside VHDX: the verdict with the key, the key to look up without it', () => {
    const { raw, oracle } = vmDisk('k-bitlocker-xts128');
    const vhdx = join(folder, 'server.vhdx');
    run('qemu-img', ['convert', '-O', 'vhdx', raw, vhdx]);
    const open = deadbox(['scan', '--recovery-key', 'env:KEY', vhdx], { env: { KEY: oracle.recovery_password } });
    expect(open.code).toBe(1);
    expect(open.stdout).toContain('faulty:');
    const locked = deadbox(['scan', vhdx]);
    expect(locked.code).toBe(3);
    expect(locked.stdout).toContain('64311DEA-4587-4029-924A-BA299647998E');
  });

  test('a hibernated volume is said to be so', () => {
    const [image] = deadboxJson(['scan', '--json', vmDisk('i-hiber').raw]).images;
    expect(image.obstacles.map(({ id }: any) => id)).toContain('hibernated');
    expect(image.volumes.at(-1).ntfs).toMatchObject({ dirty: true, hibernation: 'hibernated' });
  });

  let loop: string | undefined;
  beforeAll(() => {
    loop = run('losetup', ['-f', '--show', '-r', vmDisk('a-gpt-faulty').raw]).trim();
  });
  afterAll(() => {
    if (loop !== undefined) spawnSync('losetup', ['-d', loop]);
  });

  test('a block device gets the same report as the image behind it', () => {
    const strip = ({ image, cost, path, ...rest }: any): unknown =>
      JSON.parse(JSON.stringify(rest).replaceAll(path, 'PATH'));
    const [device] = deadboxJson(['scan', '--quick', '--json', loop as string]).images;
    const [file] = deadboxJson(['scan', '--quick', '--json', vmDisk('a-gpt-faulty').raw]).images;
    expect(strip(device)).toEqual(strip(file));
    expect(device.image.virtualSize).toBe(file.image.virtualSize);
  });
});

describeWithVmDisks('the crashed-VM disk in every container', () => {
  test('gives the same report as the raw one', () => {
    const { folder, oracle } = vmContainers();
    const [raw] = deadboxJson(['scan', '--json', vmDisk('a-gpt-faulty').raw]).images;
    for (const { file, virtual_size: virtualSize } of sampled<any>(oracle.files, 4)) {
      const [image] = deadboxJson(['scan', '--json', join(folder, file)]).images;
      expect(image.error, file).toBeUndefined();
      expect(image.image.virtualSize, file).toBe(virtualSize);
      expect(withoutPlace(image, virtualSize !== oracle.source_size), file).toEqual(withoutPlace(raw, false));
    }
  });
});

/**
 * The report without path, image and cost; places in the image file differ by container. A rounded size may add the GPT
 * backup's note.
 */
function withoutPlace({ path: _path, image: _image, cost: _cost, ...rest }: any, rounded: boolean): unknown {
  const copy = JSON.parse(JSON.stringify(rest));
  if (rounded) copy.disk.issues = copy.disk.issues.filter((issue: any) => issue.code !== 'gpt.backup-not-at-end');
  return JSON.parse(JSON.stringify(copy, (key, value) => (key === 'file' ? undefined : value)));
}
