import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from '@deadbox/core';
import { planRepair, type RepairPlan, type RepairRequest } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { deadbox } from '../support/cli.js';
import { NtfsVolumeWriter, type VolumeOptions } from '../support/ntfs-writer/ntfs-volume.js';
import { FileSink } from '../support/ntfs-writer/sink.js';
import { changeVolume, withMounted } from '../support/repair/mounted.js';
import { pendingLog } from '../support/repair/pending-log.js';
import { differingBytes, fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { SMALL_DISK, writeSmallDisk } from '../support/repair/small-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

/*
 * Disks of which nothing may be changed because somebody else would still write to them, or because the bytes are not
 * where they are read.
 */

const folder = temporaryFolder();
const golden = testImage('gpt-faulty');
const faulty = golden.files.find((file) => file.class === 'faulty-window')?.path ?? '';
const NEUTRALISE: RepairRequest = { operation: 'neutralise-file', volume: golden.windowsVolume, path: faulty };

function facts(path: string): object {
  const { size, mtimeMs } = statSync(path);
  return { size, mtimeMs, sha256: fileSha256(path) };
}

/** Plans; the disk must stay as it is. */
async function planOn(path: string, ...requests: readonly RepairRequest[]): Promise<RepairPlan> {
  const before = facts(path);
  const plan = await withDiskFile(path, (disk) => planRepair(disk, requests));
  expect(facts(path)).toEqual(before);
  return plan;
}

const refusals = async (path: string, ...requests: readonly RepairRequest[]): Promise<string[]> =>
  (await planOn(path, ...requests)).refusals.map(({ id }) => id);

describe('a journal with a change that is still to be replayed', () => {
  const request: RepairRequest = {
    operation: 'neutralise-file',
    volume: 1,
    path: '/drivers/C-00000291-00000000-00000032.sys',
  };
  const CLUSTER = 4096;
  const SIZE = 16 << 20;

  const build = (name: string, more: Partial<VolumeOptions>): string => {
    const path = join(folder, name);
    const sink = new FileSink(path, SIZE);
    const writer = new NtfsVolumeWriter(sink, { size: SIZE, shortNames: false, ...more });
    const parent = writer.tree.folder('drivers');
    for (let i = 0; i < 30; i += 1) writer.tree.addFile(parent, `B-${i}.sys`, { size: 9000 });
    writer.tree.addFile(parent, 'C-00000291-00000000-00000032.sys', { size: 9000 });
    writer.finish();
    sink.close();
    return path;
  };

  test('refuses the file record and the index block that it touches, and no others', async () => {
    const { operations } = await planOn(build('clean.raw', {}), request);
    const [record, index] = operations[0].edits;
    expect([record.what, index.what]).toEqual(['file-name', 'index-entry']);
    const recordAt = record.offset - (record.offset % 1024);
    const blockAt = index.offset - (index.offset % CLUSTER);
    const touching = [pendingLog(recordAt, 1024, 0x07), pendingLog(blockAt, CLUSTER, 0x0e)];
    for (const [i, log] of touching.entries())
      expect(await refusals(build(`touching-${i}.raw`, { log, flags: 1 }), request)).toEqual(['log-pending']);
    const others = [pendingLog(recordAt + 8192, 1024, 0x07), pendingLog(blockAt + 16 * CLUSTER, CLUSTER, 0x0e)];
    for (const [i, log] of others.entries()) {
      const plan = await planOn(build(`other-${i}.raw`, { log, flags: 1 }), request);
      expect(plan.refusals).toEqual([]);
      expect(plan.operations[0].edits).toEqual(operations[0].edits);
    }
    // The log may give the clusters of a file to another one.
    const blank: RepairRequest = { ...request, operation: 'blank-content' };
    expect(await refusals(join(folder, 'touching-0.raw'), blank)).toEqual(['log-pending']);
    for (const other of ['touching-1.raw', 'other-0.raw'])
      expect([other, await refusals(join(folder, other), blank)]).toEqual([other, []]);
  });
});

describe('beside an image', () => {
  test.each([
    ['a saved state of the machine', 'server.vmss', /saved state of the machine/],
    ['a memory file of a snapshot', 'server-Snapshot1.vmem', /saved state of the machine/],
  ])('%s keeps it from being changed', (_, beside, said) => {
    const inside = join(folder, beside);
    mkdirSync(inside);
    const image = join(inside, 'server.vmdk');
    copyFileSync(testImagePath('gpt-faulty'), image);
    writeFileSync(join(inside, beside), 'state');
    const before = facts(image);
    const undo = join(inside, 'undo.json');
    const { code, stdout } = deadbox(['fix', image, '--write', '--undo', undo]);
    expect(code).toBe(3);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(said);
    expect(existsSync(undo)).toBe(false);
    expect(facts(image)).toEqual(before);
  });
});

describeWithTools(['qemu-img'], 'a container', () => {
  test('VHDX whose log is not empty is refused when the plan is made', async () => {
    const path = join(folder, 'log.vhdx');
    run('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', testImagePath('gpt-faulty'), path]);
    expect(await refusals(path, NEUTRALISE)).toEqual([]);
    const bytes = readFileSync(path);
    for (const at of [0x1_0000, 0x2_0000]) {
      const header = bytes.subarray(at, at + 4096);
      header.fill(0x5a, 48, 64);
      header.writeUInt32LE(0, 4);
      header.writeUInt32LE(crc32c(Uint8Array.from(header)), 4);
    }
    writeFileSync(path, bytes);
    expect(await refusals(path, NEUTRALISE)).toEqual(['not-stored']);
  });

  test('whose sector was never allocated cannot take a change in place, and an overlay can', async () => {
    const raw = join(folder, 'hole.raw');
    const path = join(folder, 'hole.qcow2');
    writeSmallDisk(raw, 'mbr');
    const bytes = readFileSync(raw);
    const [offset] = SMALL_DISK.offsets;
    bytes.fill(0, offset + SMALL_DISK.length - 65_536, offset + SMALL_DISK.length);
    writeFileSync(raw, bytes);
    run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, path]);
    const request: RepairRequest = { operation: 'restore-boot-sector', volume: 1 };
    expect(await refusals(raw, request)).toEqual([]);
    expect(await refusals(path, request)).toEqual(['not-stored']);
    const plan = await withDiskFile(path, (disk) => planRepair(disk, [request], { overlay: true }));
    expect(plan.refusals).toEqual([]);
  });

  test('Parallels that says that a program has it open, and QCOW2 that says that it is damaged', async () => {
    const parallels = join(folder, 'open.hds');
    const qcow2 = join(folder, 'corrupt.qcow2');
    for (const [format, path, at, value] of [
      ['parallels', parallels, 44, 'Ynot'],
      ['qcow2', qcow2, 79, '\x02'],
    ] as const) {
      run('qemu-img', ['convert', '-f', 'raw', '-O', format, testImagePath('gpt-faulty'), path]);
      expect(await refusals(path, NEUTRALISE)).toEqual([]);
      const bytes = readFileSync(path);
      bytes.write(value, at, 'latin1');
      writeFileSync(path, bytes);
      expect(await refusals(path, NEUTRALISE)).toEqual(['not-stored']);
    }
  });
});

if (canMount)
  describeWithTools(['ntfs-3g', 'umount'], 'the content of a file', () => {
    const [offset] = SMALL_DISK.offsets;

    test('is overwritten with zeros where it lies, as ntfs-3g reads it, and put back', async () => {
      const path = join(folder, 'blank.raw');
      const before = join(folder, 'blank.before.raw');
      const content = Uint8Array.from({ length: 9000 }, (_, i) => (i % 255) + 1);
      writeSmallDisk(path, 'gpt', { '/drivers/bad.sys': { content }, '/drivers/good.sys': { content } });
      copyFileSync(path, before);
      const undo = join(folder, 'blank.undo.json');
      await withDiskFile(path, async (disk) => {
        const plan = await planRepair(disk, [{ operation: 'blank-content', volume: 1, path: '/drivers/bad.sys' }]);
        expect(plan.refusals).toEqual([]);
        await applyRepair(disk, plan, undo);
      });
      expect(differingBytes(before, path).length).toBe(content.length);
      withMounted(path, offset, SMALL_DISK.length, 'rw', (mount) => {
        expect(readFileSync(join(mount, 'drivers/bad.sys')).equals(Buffer.alloc(content.length))).toBe(true);
        expect(readFileSync(join(mount, 'drivers/good.sys')).equals(Buffer.from(content))).toBe(true);
      });
      undoRepair(readJournal(undo));
      expect(differingBytes(before, path)).toEqual([]);
    });

    test('is left alone where it is sparse, or stands in the record', async () => {
      const path = join(folder, 'sparse.raw');
      writeSmallDisk(path, 'gpt', { '/small.sys': { content: Uint8Array.of(1, 2, 3) } });
      changeVolume(path, offset, SMALL_DISK.length, (mount) => {
        run('dd', [
          'if=/dev/urandom',
          `of=${join(mount, 'sparse.sys')}`,
          'bs=4096',
          'count=1',
          'seek=40',
          'status=none',
        ]);
      });
      for (const name of ['/small.sys', '/sparse.sys'])
        expect(await refusals(path, { operation: 'blank-content', volume: 1, path: name })).toEqual([
          'content-not-stored',
        ]);
    });
  });
