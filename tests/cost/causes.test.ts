import { CountingSource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { healthyDisk } from '../support/healthy/healthy-disk.js';
import { imageFile } from '../support/healthy/windows-files.js';

// A server has about 300 drivers that start with it, and 90 files without which nothing starts. Most drivers are 50 to 150 KB.
const DRIVERS = 300;

test('why Windows does not start is asked of 300 drivers in at most 900 reads and 32 MiB', async () => {
  const disk = await healthyDisk({
    change: (draft) => {
      for (let number = 0; number < DRIVERS; number += 1) {
        const name = `vendor${String(number).padStart(3, '0')}`;
        draft.system[`ControlSet001\\Services\\${name}`] = {
          Start: 0,
          Type: 1,
          ErrorControl: 1,
          Group: 'Base',
          ImagePath: { expand: `System32\\drivers\\${name}.sys` },
        };
        draft.files[`/Windows/System32/drivers/${name}.sys`] = imageFile(`${name}.sys`, draft.kind, {
          code: { size: 80 << 10, seed: number },
        });
      }
    },
  });
  const counting = new CountingSource(disk);
  await using opened = await openDisk(counting, { name: 'server.img' });
  const report = await scanDisk(opened, { mode: 'full', counting });
  // None of them is in a catalog; as many as the bound on whole files allows are read whole to tell that.
  expect(report.causes.filter(({ id }) => id === 'unsigned-driver').length).toBeGreaterThan(64);
  expect(report.installations[0]?.host.bootDrivers?.length).toBeGreaterThanOrEqual(DRIVERS);
  expect(counting.reads).toBeLessThanOrEqual(900);
  expect(counting.bytes).toBeLessThanOrEqual(32 << 20);
});
