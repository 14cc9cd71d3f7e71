import { openDisk } from '@deadbox/disk';
import { planRepair } from '@deadbox/repair';
import { type ImageReport, proposeRepairs, SHIPPED_RULES, scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { HEALTHY_DISK_ID, type HealthyOptions, healthyDisk } from '../support/healthy/healthy-disk.js';
import type { SparseMemory } from '../support/healthy/sparse-memory.js';

/*
 * A healthy disk with one thing wrong, in memory: the scan finds it and asks for the repair, the planned bytes are written, and a second scan of
 * the same disk finds nothing any more.
 */

async function scan(disk: SparseMemory): Promise<ImageReport> {
  const opened = await openDisk(disk, { name: 'server.raw' });
  try {
    return await scanDisk(opened);
  } finally {
    await opened.close();
  }
}

/** Writes what a plan says; gives how many bytes that were. */
async function repair(disk: SparseMemory, report: ImageReport): Promise<number> {
  const opened = await openDisk(disk, { name: 'server.raw' });
  const plan = await planRepair(opened, proposeRepairs(report, SHIPPED_RULES), { overlay: true });
  expect(plan.refusals).toEqual([]);
  let bytes = 0;
  for (const { volume, offset, before, after } of plan.operations.flatMap(({ edits }) => edits)) {
    const at = offset + (opened.volumes.find(({ number }) => number === volume)?.offset ?? 0);
    const old = Buffer.from(before, 'hex');
    expect(Buffer.from(disk.read(at, old.length)).equals(old)).toBe(true);
    disk.write(at, Uint8Array.from(Buffer.from(after, 'hex')));
    bytes += old.length;
  }
  await opened.close();
  return bytes;
}

const OTHER_ID = '5EED0000-0000-4000-8000-0000000000FF';

const CASES: readonly (readonly [string, string, HealthyOptions, mostBytes: number])[] = [
  ['the GUID of a GPT disk was changed', 'bcd-identity', { change: (draft) => void (draft.diskId = OTHER_ID) }, 40],
  [
    'the signature of an MBR disk was changed',
    'bcd-identity',
    { firmware: 'bios', patch: (disk) => disk.write(0x1b8, Uint8Array.of(1, 2, 3, 4)) },
    4,
  ],
];

describe('a disk that does not start because', () => {
  test.each(CASES)('%s starts again: %s', async (_, cause, options, mostBytes) => {
    const disk = await healthyDisk(options);
    const broken = await scan(disk);
    expect(broken.cause).toBe(cause);
    expect(broken.starts).toBe('no');
    const bytes = await repair(disk, broken);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(mostBytes);
    const repaired = await scan(disk);
    expect(repaired.cause).toBeNull();
    expect(repaired.starts).toBe('nothing-found');
    for (const { active, boot } of repaired.installations) if (active) expect(boot.verdict).toBe('consistent');
    if (options.firmware !== 'bios') expect(repaired.disk.diskId).toBe(HEALTHY_DISK_ID);
  });
});
