import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planRepair } from '@deadbox/repair';
import { writeOverlay } from '@deadbox/repair/node';
import { scanDisk } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { differingBytes, fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

const golden = testImage('gpt-faulty');
const folder = temporaryFolder();

describeWithTools(['qemu-img'], 'an overlay', () => {
  test.each([
    ['raw', 'raw'],
    ['vpc', 'vhd'],
    ['vhdx', 'vhdx'],
    ['qcow2', 'qcow2', '-c'],
    ['vmdk', 'vmdk'],
    ['vdi', 'vdi'],
    ['vmdk', 'stream.vmdk', '-o', 'subformat=streamOptimized'],
    ['qcow', 'qcow'],
    ['parallels', 'hds'],
  ])(
    'over %s holds exactly the planned bytes, as QEMU reads it, and leaves the image alone',
    async (...args: string[]) => {
      const [driver = '', extension = '', ...options] = args;
      const raw = testImagePath('gpt-faulty');
      const base = join(folder, `base.${extension}`);
      run('qemu-img', ['convert', '-f', 'raw', '-O', driver, ...options, raw, base]);
      const original = fileSha256(base);
      const overlay = join(folder, `over-${extension}.qcow2`);
      const file = golden.files.find((one) => one.class === 'faulty-window');
      const plan = await withDiskFile(base, async (disk) => {
        const request = { operation: 'neutralise-file', volume: golden.windowsVolume, path: file?.path ?? '' } as const;
        const made = await planRepair(disk, [request], { overlay: true });
        expect(made.refusals).toEqual([]);
        await writeOverlay(disk, made, overlay);
        return made;
      });
      expect(fileSha256(base)).toBe(original);
      expect(run('qemu-img', ['check', overlay])).toMatch(/No errors were found/);
      const after = join(folder, `after-${driver}.raw`);
      run('qemu-img', ['convert', '-O', 'raw', overlay, after]);
      const { offset } = golden.partitions[golden.windowsVolume - 1];
      const planned = plan.operations[0].edits.map((edit) => offset + edit.offset).toSorted((a, b) => a - b);
      const before = join(folder, `before-${driver}.raw`);
      run('qemu-img', ['convert', '-O', 'raw', base, before]);
      expect(differingBytes(before, after)).toEqual(planned);
      await withDiskFile(overlay, async (disk) => expect((await scanDisk(disk)).verdict).toBe('cleared'));
      await withDiskFile(base, async (disk) => {
        await expect(writeOverlay(disk, plan, overlay)).rejects.toMatchObject({ code: 'REPAIR_JOURNAL_EXISTS' });
      });
      expect(readFileSync(overlay).length).toBeLessThan(1 << 20);
    },
  );
});
