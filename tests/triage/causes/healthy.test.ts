import { openDisk } from '@deadbox/disk';
import { type ImageReport, scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { describeWithCorpus } from '../../support/corpus.js';
import { type HealthyOptions, healthyDisk } from '../../support/healthy/healthy-disk.js';
import { REAL_HIVES } from '../../support/healthy/real-hives.js';

async function scan(options: HealthyOptions): Promise<ImageReport> {
  const disk = await openDisk(await healthyDisk(options), { name: 'healthy.raw' });
  try {
    return await scanDisk(disk);
  } finally {
    await disk.close();
  }
}

/** Nothing that asks for anything, nothing undecided. */
function expectNothing(report: ImageReport): void {
  const asking = report.causes.filter(({ severity }) => severity !== 'none');
  expect(asking).toEqual([]);
  expect(report.issues).toEqual([]);
  expect(report).toMatchObject({ starts: 'nothing-found', cause: null, severity: 'none' });
}

describe('a healthy disk', () => {
  test.each(['uefi', 'bios'] as const)(
    'of a made-up server on %s firmware has nothing against it',
    async (firmware) => {
      const report = await scan({ firmware });
      expect(report.installations).toHaveLength(1);
      expect(report.installations[0]?.boot.verdict).toBe('consistent');
      expectNothing(report);
    },
  );
});

describeWithCorpus('a healthy disk with the SYSTEM hive of a real machine', () => {
  test.each(Object.entries(REAL_HIVES))('%s has nothing against it', async (_, real) => {
    const report = await scan({ real });
    expect(report.installations[0]?.boot.verdict).toBe('consistent');
    expectNothing(report);
  });
});
