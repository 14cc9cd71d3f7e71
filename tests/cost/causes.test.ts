import { CountingSource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { BOOT_DRIVERS, busyServer } from '../support/healthy/busy-server.js';

test('why Windows does not start is asked of 300 drivers in at most 900 reads and 32 MiB', async () => {
  const disk = await busyServer();
  const counting = new CountingSource(disk);
  await using opened = await openDisk(counting, { name: 'server.img' });
  const report = await scanDisk(opened, { mode: 'full', counting });
  // None of them is in a catalog; as many as the bound on whole files allows are read whole to tell that.
  const unsigned = report.causes.filter(({ id }) => id === 'unsigned-driver');
  // The first fifty are listed, the others counted.
  expect(unsigned.reduce((count, { more }) => count + 1 + (more ?? 0), 0)).toBeGreaterThan(64);
  expect(report.installations[0]?.host.bootDrivers?.length).toBeGreaterThanOrEqual(BOOT_DRIVERS);
  expect(counting.reads).toBeLessThanOrEqual(900);
  expect(counting.bytes).toBeLessThanOrEqual(32 << 20);
});
