import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ByteEdit, planRepair, type RepairPlan } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { FileSink } from '../support/ntfs-writer/sink.js';
import { expectRenamed, JUDGES, type RenamedFile } from '../support/repair/judges.js';
import { changeVolume } from '../support/repair/mounted.js';
import { differingBytes, withDiskFile } from '../support/repair/repaired-disk.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

/*
 * Names whose changed character is not stored where it is read: it stands at the end of a stride of 512 bytes, so that
 * it lies in the update sequence array; or its attribute was moved to another file record. ntfs-3g mounts each repaired
 * volume for writing.
 */

const folder = temporaryFolder();
const SIZE = 16 << 20;
/** Bytes behind each of which two are kept in the update sequence array. */
const STRIDE = 512;
const CONTENT = Uint8Array.from({ length: 9000 }, (_, i) => i & 0xff);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
const FOLDER = '/drivers';
let count = 0;

/** A volume whose folder holds a file of this name and `others` more. */
function volumeWith(name: string, others: number): string {
  const path = join(folder, `${(count += 1)}.raw`);
  const sink = new FileSink(path, SIZE);
  const writer = new NtfsVolumeWriter(sink, { size: SIZE, shortNames: false });
  const parent = writer.tree.folder('drivers');
  for (let i = 0; i < others; i += 1)
    writer.tree.addFile(parent, `B-${String(i).padStart(4, '0')}.dat`, { size: 9000 });
  writer.tree.addFile(parent, name, { content: CONTENT });
  writer.finish();
  sink.close();
  return path;
}

const planOn = (path: string, name: string): Promise<RepairPlan> =>
  withDiskFile(path, (disk) =>
    planRepair(disk, [{ operation: 'neutralise-file', volume: 1, path: `${FOLDER}/${name}` }]),
  );

/** Repairs, lets the judges look, and undoes. */
async function repairAndUndo(path: string, name: string): Promise<RepairPlan> {
  const before = `${path}.before`;
  const undo = `${path}.undo.json`;
  copyFileSync(path, before);
  const plan = await planOn(path, name);
  expect(plan.refusals).toEqual([]);
  await withDiskFile(path, (disk) => applyRepair(disk, plan, undo));
  expect(differingBytes(before, path)).toEqual(
    plan.operations[0].edits.map(({ offset }) => offset).toSorted((a, b) => a - b),
  );
  const names = plan.operations[0].data.names as unknown as RenamedFile['names'];
  expectRenamed(path, { offset: 0, length: SIZE }, { folder: FOLDER, names, sha256: SHA256 });
  undoRepair(readJournal(undo));
  expect(differingBytes(before, path)).toEqual([]);
  return plan;
}

/** Where the update sequence array stands in a file record of 1024 bytes and in an index block of 4096. */
const IN_ARRAY = {
  record: (edit: ByteEdit): boolean =>
    edit.what === 'file-name' && edit.offset % 1024 >= 0x30 && edit.offset % 1024 < 0x36,
  block: (edit: ByteEdit): boolean =>
    edit.what === 'index-entry' && edit.offset % 4096 >= 0x28 && edit.offset % 4096 < 0x3a,
};

describe.skipIf(!canMount)('the changed character of a name', () => {
  describeWithTools(JUDGES, 'lies in the update sequence array', () => {
    test.each([
      ['of the file record', 'record'],
      ['of the index block', 'block'],
    ] as const)('%s: it is changed there', async (_, which) => {
      const name = (length: number): string => `C-00000291-${'0'.repeat(length - 15)}.sys`;
      const what = { record: 'file-name', block: 'index-entry' }[which];
      for (const others of [12, 20, 28]) {
        // A name that is longer by one character ends two bytes farther to the right: the length by which it ends a
        // stride follows from any other.
        const probe = volumeWith(name(40), others);
        const { edits } = (await planOn(probe, name(40))).operations[0];
        const at = (edits.find((edit) => edit.what === what)?.offset ?? 0) % STRIDE;
        const length = 40 + (((STRIDE - 2 - at + STRIDE) % STRIDE) >> 1);
        if (length > 200) continue;
        const plan = await repairAndUndo(volumeWith(name(length), others), name(length));
        expect(plan.operations[0].edits.some(IN_ARRAY[which])).toBe(true);
        return;
      }
      expect('a name of fitting length').toBe('found');
    });
  });

  describeWithTools([...JUDGES, 'setfattr'], 'stands in another file record', () => {
    test('that the attribute list names, as ntfs-3g moved it: it is changed there', async () => {
      const name = 'C-00000291-00000000-00000032.sys';
      const path = volumeWith(name, 20);
      const base = (await planOn(path, name)).operations[0].edits[0].offset;
      changeVolume(path, 0, SIZE, (mount) => {
        for (let i = 0; i < 8; i += 1)
          run('setfattr', ['-n', `user.stream${i}`, '-v', `${i}`.repeat(200), join(mount, FOLDER, name)]);
      });
      const { edits } = (await repairAndUndo(path, name)).operations[0];
      const [moved] = edits.filter(({ what }) => what === 'file-name');
      expect(Math.floor(moved.offset / 1024)).not.toBe(Math.floor(base / 1024));
      // The base record has no $FILE_NAME (type 30h) any more: its attributes are gone through with no code of the
      // library.
      const record = readFileSync(path).subarray(base - (base % 1024), base - (base % 1024) + 1024);
      const types: number[] = [];
      for (
        let at = record.readUInt16LE(0x14);
        record.readUInt32LE(at) !== 0xffff_ffff;
        at += record.readUInt32LE(at + 4)
      )
        types.push(record.readUInt32LE(at));
      expect(types).toContain(0x20);
      expect(types).not.toContain(0x30);
      writeFileSync(path, '');
    });
  });
});
