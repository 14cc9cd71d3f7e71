import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPartitionTable } from '@deadbox/partitions';
import { planRepair, type RepairRequest } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { textWriter } from '@deadbox/report';
import { repairPage } from '@deadbox/report/internals';
import { expect, test } from 'vitest';
import { readGptCopies } from '../../packages/repair/src/operations/disk/gpt-table.js';
import { StoredPlaces } from '../../packages/repair/src/storage/stored-places.js';
import { writeGpt } from '../support/disk-writer/gpt.js';
import { MemorySink } from '../support/ntfs-writer/sink.js';
import { fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { temporaryFolder } from '../support/tools.js';

/*
 * Each change is planned on the disk as it is. Two that are right alone may be wrong together: both give the same
 * checksum, each without the change of the other.
 */

const MIB = 1 << 20;
const SIZE = 4 * MIB;
const ID = (last: string): string => `5EED0000-0000-4000-8000-0000000000${last}`;
const path = join(temporaryFolder(), 'disk.img');

function writeDisk(): void {
  const sink = new MemorySink(SIZE);
  const partition = { type: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7', length: MIB, attributes: 1n << 63n };
  writeGpt(sink, SIZE, 512, ID('A1'), [
    { ...partition, id: ID('B1'), name: 'one', offset: MIB },
    { ...partition, id: ID('B2'), name: 'two', offset: 2 * MIB },
  ]);
  writeFileSync(path, sink.bytes);
}

const identity: RepairRequest = { operation: 'restore-disk-identity', identity: ID('FF'), witnesses: 2 };
const shown: RepairRequest = { operation: 'set-partition-entry', partition: 1, clear: [63] };
const named: RepairRequest = { operation: 'set-partition-entry', partition: 2, id: ID('EE') };

test('changes of one checksum come one at a time, and each leaves both copies of a GPT sound', async () => {
  writeDisk();
  const original = fileSha256(path);
  const undos: string[] = [];
  let left: readonly RepairRequest[] = [identity, shown, named];
  while (left.length > 0) {
    const undo = `${path}.${undos.length}.json`;
    const now = left;
    left = await withDiskFile(path, async (disk) => {
      const plan = await planRepair(disk, now);
      expect(plan.operations).toHaveLength(1);
      expect(plan.refusals.map(({ id }) => id)).toEqual(now.slice(1).map(() => 'same-bytes'));
      await applyRepair(disk, plan, undo);
      return now.slice(1);
    });
    undos.push(undo);
    await withDiskFile(path, async (disk) => {
      const { primary, backup } = await readGptCopies(disk, {});
      expect([primary.sound, backup.sound]).toEqual([true, true]);
    });
  }
  await withDiskFile(path, async (disk) => {
    const { diskId, partitions } = await readPartitionTable(disk.image);
    expect([diskId, partitions[1]?.id]).toEqual([ID('FF'), ID('EE')]);
  });
  for (const undo of undos.toReversed()) undoRepair(readJournal(undo));
  expect(fileSha256(path)).toBe(original);
});

test('a plan that was put together of such changes is not written', async () => {
  writeDisk();
  const original = fileSha256(path);
  await withDiskFile(path, async (disk) => {
    const plans = [await planRepair(disk, [identity]), await planRepair(disk, [shown])];
    const plan = { operations: plans.flatMap(({ operations }) => operations), refusals: [] };
    const undo = `${path}.together.json`;
    await expect(applyRepair(disk, plan, undo)).rejects.toMatchObject({ code: 'REPAIR_NOT_STORED' });
  });
  expect(fileSha256(path)).toBe(original);
});

test('a place of a file that two sectors share belongs to the first', () => {
  const places = new StoredPlaces();
  const at = (offset: number, sector: string) => [{ file: 'disk', offset, length: 512, sector }];
  places.add(at(1024, '1:0'));
  for (const offset of [600, 1024, 1535]) expect([offset, places.conflicts(at(offset, '2:0'))]).toEqual([offset, true]);
  for (const offset of [512, 1536]) expect([offset, places.conflicts(at(offset, '2:0'))]).toEqual([offset, false]);
  expect(places.conflicts(at(1024, '1:0'))).toBe(false);
});

test('a plan counts the bytes that differ, not those that are written over with what they are', () => {
  const edit = { volume: 1, offset: 4096, before: 'ff00ff00', after: '00000000', what: 'file-content' } as const;
  const data = { path: '/a.sys', bytes: 4 };
  const operations = [{ id: 'blank-content', volume: 1, edits: [edit], data }] as const;
  const page = textWriter()(repairPage({ image: 'disk.img', plan: { operations, refusals: [] } }));
  expect(page).toContain('2 bytes change.');
});
