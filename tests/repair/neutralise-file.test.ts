import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { planRepair } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { testImage, testImagePath } from '../support/test-image.js';
import { temporaryFolder } from '../support/tools.js';

const folder = temporaryFolder();

/** Opens an image for the time of `work`. */
async function withDisk<T>(path: string, work: (disk: Awaited<ReturnType<typeof openDisk>>) => Promise<T>): Promise<T> {
  const source = await openFile(path);
  const disk = await openDisk(source, { name: path, siblings: fileSiblings(path) });
  try {
    return await work(disk);
  } finally {
    await disk.close();
    await source.close?.();
  }
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Fixes the faulty file of a disk; gives the plan and what was written. */
async function fix(image: string, path: string, undo: string) {
  const { windowsVolume, files } = testImage(image);
  const faulty = files.find((file) => file.class === 'faulty-window');
  return withDisk(path, async (disk) => {
    const plan = await planRepair(disk, [
      { operation: 'neutralise-file', volume: windowsVolume, path: faulty?.path ?? '' },
    ]);
    expect(plan.refusals).toEqual([]);
    return { plan, applied: await applyRepair(disk, plan, undo) };
  });
}

describe.each(['gpt-faulty', 'mbr-faulty', 'gpt-superseded'])('the faulty file of %s', (image) => {
  const golden = testImage(image);

  test('is renamed by one byte a name place, and nothing else changes; undo puts every byte back', async () => {
    const path = join(folder, `${image}.img`);
    copyFileSync(testImagePath(image), path);
    const before = readFileSync(path);
    const undo = join(folder, `${image}.undo.json`);
    const { plan, applied } = await fix(image, path, undo);
    const after = readFileSync(path);
    const changed: number[] = [];
    for (let i = 0; i < before.length; i += 1) if (before[i] !== after[i]) changed.push(i);
    const { offset } = golden.partitions[golden.windowsVolume - 1];
    expect(changed).toEqual(plan.operations[0].edits.map((edit) => offset + edit.offset).toSorted((a, b) => a - b));
    expect(applied.changedBytes).toBe(changed.length);
    const verdict = await withDisk(path, async (disk) => (await scanDisk(disk)).verdict);
    expect(verdict).toBe(image === 'gpt-superseded' ? 'reverted' : 'cleared');
    undoRepair(readJournal(undo));
    expect(sha256(path)).toBe(golden.sha256);
  });
});
