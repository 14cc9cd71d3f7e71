import { CountingSource, isDeadboxError, MemorySource } from '@deadbox/core';
import { type Disk, describeVolume, openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { beforeAll, describe, expect, test } from 'vitest';
import { ATTACKS } from '../support/attack/attacks.js';
import { CONTAINER_ATTACKS } from '../support/attack/container-attacks.js';
import { WINDOWS_ATTACKS } from '../support/attack/windows-attacks.js';
import { sampled } from '../support/long.js';

/** The attacks that are images; the others are files of options. */
const IMAGES = ATTACKS.filter(({ verbs }) =>
  verbs.some((verb) => verb.includes('FILE') && verb[0] === 'info' && verb.length === 2),
);

/**
 * What the reading of one hostile image may cost, counted and not timed: reads and bytes below every cache, in
 * proportion to the bytes that are there. A bomb that works costs the product of its structures, which is thousands of
 * times as much.
 */
async function costOf(bytes: Uint8Array<ArrayBuffer>, work: (disk: Disk) => Promise<unknown>): Promise<CountingSource> {
  const counting = new CountingSource(new MemorySource(bytes));
  try {
    const disk = await openDisk(counting);
    try {
      await work(disk);
    } finally {
      await disk.close();
    }
  } catch (error) {
    // A typed refusal is a right answer to a hostile file.
    if (!isDeadboxError(error) || error.code === 'INTERNAL') throw error;
  }
  return counting;
}

/** Of these a deep scan reads all that the others do. */
const DEEP_ONLY = new Set([...CONTAINER_ATTACKS, ...WINDOWS_ATTACKS]);

describe.each(IMAGES)('$name', (attack) => {
  const { bytes: make } = attack;
  let bytes: Uint8Array<ArrayBuffer>;
  beforeAll(() => {
    bytes = make();
  });
  const works: Record<string, (disk: Disk) => Promise<unknown>> = {
    info: async (disk) => {
      for (const volume of disk.volumes) await describeVolume(volume);
    },
    ...Object.fromEntries(
      (['quick', 'full', 'deep'] as const).map((mode) => [`scan, ${mode}`, (disk: Disk) => scanDisk(disk, { mode })]),
    ),
  };
  // A deep scan reads what the shorter ones do, and more; the long form holds each of them to its cost.
  const names = DEEP_ONLY.has(attack) ? ['scan, deep'] : sampled(Object.keys(works), 2);
  for (const name of names) {
    test(`costs ${name} no more reads and bytes than its size explains`, async () => {
      const { reads, bytes: read } = await costOf(bytes, works[name]);
      expect(reads).toBeLessThanOrEqual(2000 + bytes.length / 4096);
      expect(read).toBeLessThanOrEqual(4 * bytes.length + (16 << 20));
    });
  }
});
