import { MemorySource } from '@deadbox/core';
import { openDisk, scanDisk } from 'deadbox';
import { expect, test } from 'vitest';
import { attackVolume, emptyFiles } from '../../support/attack/attack-volume.js';

const MIB = 1 << 20;
const FOLDER = '/Windows/System32/drivers/CrowdStrike';

test('hundreds of holes under the name that is looked for are hashed up to a gibibyte, and prove nothing reassuring', async () => {
  const names = Array.from(
    { length: 100 },
    (_, i) => `${FOLDER}/C-00000291-00000000-${String(i).padStart(8, '0')}.sys`,
  );
  const volume = attackVolume(10 * MIB, Object.fromEntries(names.map((name) => [name, new Uint8Array(1200)])));
  emptyFiles(volume, (200 * MIB) / 4096);
  await using disk = await openDisk(new MemorySource(volume));
  const report = await scanDisk(disk, { mode: 'quick' });
  const files = report.installations.flatMap((installation) => installation.files);
  expect(files.length).toBeGreaterThanOrEqual(100);
  const hashed = files.filter(({ sha256 }) => sha256 !== null).reduce((sum, { size }) => sum + size, 0);
  expect(hashed).toBeLessThanOrEqual(2 ** 30);
  expect(report.severity).not.toBe('none');
  expect(hashed).toBeGreaterThan(0);
});
