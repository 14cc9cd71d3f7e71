import { expect, test } from 'vitest';
import { healthyDisk } from '../../../support/healthy/healthy-disk.js';
import { reportOf } from '../../../support/triage/found-causes.js';

test('a boot manager too large to be read as a whole is not known to be whole', async () => {
  const path = '/EFI/Microsoft/Boot/bootmgfw.efi';
  const disk = await healthyDisk({
    firmware: 'uefi',
    change({ systemFiles }) {
      const larger = new Uint8Array((16 << 20) + 512);
      larger.set(systemFiles[path] ?? []);
      systemFiles[path] = larger;
    },
  });
  const report = await reportOf(disk);
  expect(report.starts).toBe('doubtful');
  const doubts = report.issues.filter(({ code }) => code === 'cause.undecided').map(({ data }) => data);
  expect(doubts).toContainEqual(expect.objectContaining({ causes: ['boot-manager-damaged'], path }));
});
