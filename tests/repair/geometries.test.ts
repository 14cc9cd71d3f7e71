import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { planRepair, type RepairPlan } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { scanDisk } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { buildCrashedDisk, type CrashedDiskOptions, FAULTY_CHANNEL_FILE } from '../support/disk-writer/crashed-disk.js';
import { expectRenamed, JUDGES } from '../support/repair/judges.js';
import { differingBytes, withDiskFile } from '../support/repair/repaired-disk.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

const folder = temporaryFolder();
const WINDOWS = 3;

/**
 * The names of the channel files are moved through the record and the index blocks, so that their bytes meet every kind
 * of place.
 */
const SHAPES: readonly (readonly [string, Partial<CrashedDiskOptions>])[] = [
  ['a folder in its $INDEX_ROOT', { crowdStrikeEntries: 1, shortNames: false }],
  ['a folder of two levels', { crowdStrikeEntries: 30 }],
  ['a folder of three levels', { crowdStrikeEntries: 3000 }],
  ['clusters of 512 bytes', { clusterSize: 512 }],
  ['clusters of 64 KiB', { clusterSize: 65_536 }],
  ['clusters of 2 MiB', { clusterSize: 2 << 20, crowdStrikeEntries: 5 }],
  ['sectors of 4096 bytes', { sectorSize: 4096 }],
  ['a file table in pieces', { mftFragments: 40 }],
  ['no short names', { shortNames: false }],
];

const FOLDER = '/Windows/System32/drivers/CrowdStrike';
const sha256: string = createHash('sha256')
  .update(FAULTY_CHANNEL_FILE.content as Uint8Array)
  .digest('hex');

describeWithTools(JUDGES, 'the faulty file of a disk with', () => {
  test.each(SHAPES)('%s is renamed, and put back', async (_, shape) => {
    const original = join(folder, 'original.raw');
    const path = join(folder, 'disk.raw');
    const undo = join(folder, 'undo.json');
    const { partitions } = buildCrashedDisk(original, { files: 60, ...shape });
    run('cp', ['--sparse=always', original, path]);
    const plan = await withDiskFile(path, async (disk): Promise<RepairPlan> => {
      const report = await scanDisk(disk);
      expect(report.verdict).toBe('faulty');
      const file = report.installations[0].files.find((one) => one.class === 'faulty-window');
      const made = await planRepair(disk, [{ operation: 'neutralise-file', volume: WINDOWS, path: file?.path ?? '' }]);
      expect(made.refusals).toEqual([]);
      await applyRepair(disk, made, undo);
      return made;
    });
    const { offset, length } = partitions[2];
    const planned = plan.operations[0].edits.map((edit) => offset + edit.offset).toSorted((a, b) => a - b);
    expect(differingBytes(original, path)).toEqual(planned);
    // Record and index, for the long name and where there is one the short name.
    const places = shape.shortNames === false ? 1 : 2;
    // With clusters of 2 MiB the file's record is mirrored, and the mirror follows.
    expect([2 * places, 3 * places]).toContain(planned.length);
    await withDiskFile(path, async (disk) => expect((await scanDisk(disk)).verdict).toBe('cleared'));
    const names = plan.operations[0].data.names as { from: string; to: string }[];
    // ntfs-3g takes no clusters above 64 KiB.
    if (canMount && shape.clusterSize !== 2 << 20)
      expectRenamed(path, { offset, length }, { folder: FOLDER, names, sha256 }, shape.sectorSize);
    undoRepair(readJournal(undo));
    expect(differingBytes(original, path)).toEqual([]);
    for (const file of [original, path, undo]) rmSync(file);
  });
});
