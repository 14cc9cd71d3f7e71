import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { planRepair } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { testImage, testImagePath } from '../support/test-image.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

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

const CONTAINERS: readonly (readonly string[])[] = [
  ['vpc', 'vhd'],
  ['vpc', 'vhd', '-o', 'subformat=fixed'],
  ['vhdx', 'vhdx'],
  ['qcow2', 'qcow2'],
  ['vmdk', 'vmdk'],
  ['vmdk', 'vmdk', '-o', 'subformat=monolithicFlat'],
  ['vdi', 'vdi'],
];

describeWithTools(['qemu-img'], 'in a container', () => {
  test.each(CONTAINERS)(
    '%s (.%s) the same bytes of the disk change, and undo restores the file',
    async (...args: readonly string[]) => {
      const [driver = '', extension = '', ...options] = args;
      const inside = join(folder, [driver, ...options].join('-').replaceAll(/[^\w-]/g, '_'));
      mkdirSync(inside);
      const path = join(inside, `disk.${extension}`);
      run('qemu-img', ['convert', '-f', 'raw', '-O', driver, ...options, testImagePath('gpt-faulty'), path]);
      const stored = path.endsWith('.vmdk') && options.length > 0 ? join(inside, 'disk-flat.vmdk') : path;
      const original = sha256(stored);
      const { plan } = await fix('gpt-faulty', path, join(inside, 'undo.json'));
      expect(sha256(stored)).not.toBe(original);
      const raw = join(inside, 'after.raw');
      run('qemu-img', ['convert', '-O', 'raw', path, raw]);
      const [before, after] = [readFileSync(testImagePath('gpt-faulty')), readFileSync(raw)];
      let changed = 0;
      for (let i = 0; i < before.length; i += 1) if (before[i] !== after[i]) changed += 1;
      expect(changed).toBe(plan.operations[0].edits.length);
      undoRepair(readJournal(join(inside, 'undo.json')));
      expect(sha256(stored)).toBe(original);
      rmSync(inside, { recursive: true });
    },
  );
});

if (canMount) {
  describeWithTools(['ntfs-3g', 'fls', 'umount'], 'other tools', () => {
    test('ntfs-3g opens the file by its new names and not by the old ones; fls shows no orphan', async () => {
      const image = 'gpt-faulty';
      const golden = testImage(image);
      const path = join(folder, 'mounted.img');
      copyFileSync(testImagePath(image), path);
      const { plan } = await fix(image, path, join(folder, 'mounted.undo.json'));
      const { offset, length } = golden.partitions[golden.windowsVolume - 1];
      const volume = join(folder, 'volume.img');
      run('dd', [
        `if=${path}`,
        `of=${volume}`,
        'bs=512',
        `skip=${offset / 512}`,
        `count=${length / 512}`,
        'status=none',
      ]);
      const mount = join(folder, 'mount');
      mkdirSync(mount);
      run('ntfs-3g', ['-o', 'ro', volume, mount]);
      try {
        const crowd = join(mount, 'Windows/System32/drivers/CrowdStrike');
        const names = plan.operations[0].data.names as { from: string; to: string }[];
        expect(names.length).toBeGreaterThan(0);
        for (const { from, to } of names) {
          const file = golden.files.find((one) => one.class === 'faulty-window');
          expect(
            createHash('sha256')
              .update(readFileSync(join(crowd, to)))
              .digest('hex'),
          ).toBe(file?.sha256);
          expect(() => readFileSync(join(crowd, from))).toThrow(/ENOENT/);
        }
        expect(run('ls', [crowd]).split('\n')).toContain(names.find(({ from }) => from.startsWith('C-00000291'))?.to);
      } finally {
        run('umount', [mount]);
      }
      const listing = run('fls', ['-r', '-p', '-o', String(offset / 512), path]);
      expect(listing).not.toMatch(/OrphanFiles\/.*C-0000/);
    });
  });
}
