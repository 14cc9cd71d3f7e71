import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { planRepair, type RepairPlan } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deadbox } from '../support/cli.js';
import { runInProcess } from '../support/cli-in-process.js';
import { fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

/*
 * A disk that somebody else has in his hands is not repaired, by three lines of defence: the report, the command, and
 * the kernel.
 */

const golden = testImage('gpt-faulty');
const faulty = golden.files.find((file) => file.class === 'faulty-window')?.path ?? '';

function facts(path: string): object {
  const { size, mtimeMs } = statSync(path);
  return { size, mtimeMs, sha256: fileSha256(path) };
}

const planOn = (path: string): Promise<RepairPlan> =>
  withDiskFile(path, (disk) =>
    planRepair(disk, [{ operation: 'neutralise-file', volume: golden.windowsVolume, path: faulty }]),
  );

describeWithTools(['losetup', 'ntfs-3g', 'umount', 'partx'], 'a disk that the host has mounted', () => {
  describe.skipIf(!canMount)('for writing', () => {
    const folder = temporaryFolder();
    const image = join(folder, 'disk.img');
    const mountPoint = join(folder, 'mounted');
    let loop = '';
    beforeAll(() => {
      copyFileSync(testImagePath('gpt-faulty'), image);
      mkdirSync(mountPoint);
      loop = run('losetup', ['-f', '--show', image]).trim();
      // partx reads the table itself: not every kernel knows GPT.
      run('partx', ['-a', loop]);
      run('ntfs-3g', ['-o', 'rw', `${loop}p${golden.windowsVolume}`, mountPoint]);
      run('sync', []);
    });
    afterAll(() => {
      spawnSync('umount', [mountPoint]);
      if (loop === '') return;
      spawnSync('partx', ['-d', loop]);
      spawnSync('losetup', ['-d', loop]);
    });

    test('is refused by name: as a device, as its partition, as the file behind it', () => {
      const before = facts(image);
      for (const path of [loop, `${loop}p${golden.windowsVolume}`, image]) {
        const undo = join(folder, 'undo.json');
        const { code, stdout } = deadbox(['fix', path, '--write', '--undo', undo]);
        expect({ path, code }).toEqual({ path, code: 3 });
        expect(stdout).toMatch(/the image is in use/);
        expect(existsSync(undo)).toBe(false);
        expect(deadbox(['scan', path]).stdout).not.toMatch(/deadbox fix/);
      }
      expect(facts(image)).toEqual(before);
    });

    test('is refused by the kernel to a program that does not ask, before the undo file is made', async () => {
      const before = facts(image);
      const undo = join(folder, 'library.undo.json');
      const plan = await planOn(loop);
      expect(plan.refusals).toEqual([]);
      await withDiskFile(loop, async (disk) => {
        await expect(applyRepair(disk, plan, undo)).rejects.toMatchObject({ code: 'REPAIR_REFUSED' });
      });
      expect(existsSync(undo)).toBe(false);
      expect(facts(image)).toEqual(before);
    });

    test('is repaired once it is unmounted, and not undone while it is mounted again', async () => {
      run('umount', [mountPoint]);
      const undo = join(folder, 'later.undo.json');
      const plan = await planOn(loop);
      await withDiskFile(loop, (disk) => applyRepair(disk, plan, undo));
      run('ntfs-3g', ['-o', 'ro', `${loop}p${golden.windowsVolume}`, mountPoint]);
      expect(() => undoRepair(readJournal(undo))).toThrow(/mounted/);
      run('umount', [mountPoint]);
      undoRepair(readJournal(undo));
    });
  });
});

describeWithTools(['qemu-io', 'qemu-img'], 'an image that another program holds for writing', () => {
  const folder = temporaryFolder();
  const running: ChildProcess[] = [];
  afterAll(() => running.forEach((child) => child.kill()));

  test.each(['raw', 'qcow2'])('is refused while QEMU has the %s open, and repaired afterwards', async (format) => {
    const image = join(folder, `disk.${format}`);
    run('qemu-img', ['convert', '-f', 'raw', '-O', format, testImagePath('gpt-faulty'), image]);
    const before = facts(image);
    const child = spawn('qemu-io', ['-f', format, image], { stdio: ['pipe', 'pipe', 'inherit'] });
    running.push(child);
    // The prompt comes when the image is open.
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const undo = join(folder, `${format}.undo.json`);
    const { code, stdout } = deadbox(['fix', image, '--write', '--undo', undo]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/the image is in use/);
    expect(facts(image)).toEqual(before);
    expect(existsSync(undo)).toBe(false);
    await new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.stdin.end('quit\n');
    });
    expect(deadbox(['fix', image, '--write', '--undo', undo]).code).toBe(0);
  });

  test('is not put back while QEMU has it open, though how far the repair came may be asked', async () => {
    const image = join(folder, 'undone.raw');
    copyFileSync(testImagePath('gpt-faulty'), image);
    const undo = `${image}.undo.json`;
    const plan = await planOn(image);
    await withDiskFile(image, (disk) => applyRepair(disk, plan, undo));
    const repaired = facts(image);
    const child = spawn('qemu-io', ['-f', 'raw', image], { stdio: ['pipe', 'pipe', 'inherit'] });
    running.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const output = ['-o', join(folder, 'undo.txt')];
    expect((await runInProcess(['undo', '--check', undo, ...output])).code).toBe(0);
    for (const more of [[], ['--finish']]) {
      const { error } = await runInProcess(['undo', undo, ...more, ...output]);
      expect(error).toMatchObject({ code: 'REPAIR_REFUSED', message: expect.stringContaining('is in use') });
    }
    expect(facts(image)).toEqual(repaired);
  });
});
