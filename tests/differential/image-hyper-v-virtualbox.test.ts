import { join } from 'node:path';
import { hashSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { beforeAll, expect, test } from 'vitest';
import { sha256OfDisk, withDisk } from '../support/containers.js';
import { checkSourceContract } from '../support/source-contract.js';
import { writeSparseDisk } from '../support/sparse-disk.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

/** What `qemu-img convert` can write of these formats, and what deadbox must call it. */
const SUBFORMATS = [
  { driver: 'vpc', options: 'subformat=dynamic', format: 'vhd', variant: 'dynamic' },
  { driver: 'vpc', options: 'subformat=dynamic,force_size=on', format: 'vhd', variant: 'dynamic' },
  { driver: 'vpc', options: 'subformat=fixed', format: 'vhd', variant: 'fixed' },
  { driver: 'vpc', options: 'subformat=fixed,force_size=on', format: 'vhd', variant: 'fixed' },
  { driver: 'vhdx', options: 'subformat=dynamic', format: 'vhdx', variant: 'dynamic' },
  { driver: 'vhdx', options: 'subformat=dynamic,block_size=1M', format: 'vhdx', variant: 'dynamic' },
  { driver: 'vhdx', options: 'subformat=dynamic,block_size=256M,log_size=2M', format: 'vhdx', variant: 'dynamic' },
  { driver: 'vhdx', options: 'subformat=fixed,block_size=2M', format: 'vhdx', variant: 'fixed' },
  { driver: 'vdi', options: 'static=off', format: 'vdi', variant: 'dynamic' },
  { driver: 'vdi', options: 'static=on', format: 'vdi', variant: 'fixed' },
  { driver: 'raw', options: '', format: 'raw', variant: 'flat' },
] as const;

describeWithTools(['qemu-img'], 'images that qemu-img converts from a random sparse disk', () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'disk.raw');
  beforeAll(() => writeSparseDisk(raw, 67 * 2 ** 20 + 1536, 4711));

  for (const { driver, options, format, variant } of SUBFORMATS) {
    test(`${driver} ${options}: every byte equals what qemu-img reads back`, async () => {
      const name = `disk-${driver}-${options.replaceAll(/[=,]/g, '-')}.img`;
      const image = join(folder, name);
      const back = join(folder, `${name}.raw`);
      run('qemu-img', ['convert', '-f', 'raw', '-O', driver, ...(options === '' ? [] : ['-o', options]), raw, image]);
      run('qemu-img', ['convert', '-f', driver, '-O', 'raw', image, back]);
      const reference = await openFile(back);
      await withDisk(image, async (disk) => {
        expect([disk.format, disk.variant]).toEqual([format, variant]);
        // Only the notes on a rounded or renamed file may come; nothing here is damaged.
        expect(disk.issues.filter(({ severity }) => severity !== 'note')).toEqual([]);
        await checkSourceContract(disk, { reference, longest: 5 << 20 });
        expect(await sha256OfDisk(disk)).toBe(await hashSource(reference));
      });
      await reference.close?.();
      run('rm', [image, back]);
    });
  }
});
