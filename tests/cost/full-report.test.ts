import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { CountingSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { buildCrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { crashedMachine } from '../support/disk-writer/crashed-machine.js';
import { temporaryFolder } from '../support/tools.js';

describe('a cold full report of a crashed server', () => {
  const folder = temporaryFolder();

  test('costs at most 400 reads and 16 MiB', async () => {
    const path = join(folder, 'disk.raw');
    buildCrashedDisk(path, crashedMachine({ files: 4000, softwareKeys: 4000 }));
    const file = await openFile(path);
    try {
      const counting = new CountingSource(file);
      const disk = await openDisk(counting, { name: path });
      const report = await scanDisk(disk, { mode: 'full', counting });
      await disk.close();
      const [installation] = report.installations;
      expect(report.verdict).toBe('faulty');
      expect(installation.boot?.verdict).toBe('consistent');
      expect(installation.confidence).toBe('confirmed');
      expect(installation.host).toMatchObject({ computerName: 'SRV-FILE-07' });
      expect(counting.reads).toBeLessThanOrEqual(400);
      expect(counting.bytes).toBeLessThanOrEqual(16 << 20);
    } finally {
      await file.close?.();
      rmSync(path);
    }
  });
});
