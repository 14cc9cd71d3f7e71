import { readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { isDeadboxError } from '@deadbox/core';
import { expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';
import { deadbox } from '../../support/cli.js';
import { withImage } from '../../support/image/disk-hash.js';
import { testImagePath } from '../../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

describeWithCase('a disk whose end is missing', '20-truncated-end', ['python3'], (made) => {
  test.each(['cut.vhd', 'cut.vmdk'])('%s opens, and what is missing is told', async (name) => {
    await withImage(made(name), async (disk) => {
      expect(disk.issues).toMatchObject([{ code: 'image.truncated', severity: 'error' }]);
      expect((await disk.read(0, 1 << 20)).length).toBe(1 << 20);
      const read = async (): Promise<unknown> => disk.read(disk.size - 512, 512);
      await expect(read()).rejects.toMatchObject({ code: 'IMAGE_TRUNCATED' });
    });
  });

  test.each(['cut.vhd', 'cut.vmdk'])('%s is judged by what is there', (name) => {
    const { code, stdout } = deadbox(['scan', '--json', made(name)]);
    const [image] = (JSON.parse(stdout) as { images: { verdict: string; image: { issues: { code: string }[] } }[] })
      .images;
    expect([code, image?.verdict]).toEqual([1, 'faulty']);
    expect(image?.image.issues.map((issue) => issue.code)).toContain('image.truncated');
  });
});

describeWithTools(['qemu-img'], 'an image that was cut off', () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'disk.raw');
  const original = (): Buffer => readFileSync(raw);
  const path = testImagePath('gpt-faulty');
  run('cp', [path, raw]);

  test.each([
    ['vdi', 70_000],
    ['vdi', 1_200_000],
    ['qcow2', 70_000],
    ['qcow2', 1_200_000],
    ['qcow', 70_000],
    ['vhdx', 70_000],
    ['vpc', 1_200_000],
    ['vmdk', 70_000],
    ['parallels', 70_000],
  ])('%s without its last %i bytes opens, and gives the right bytes or an error, never others', async (format, cut) => {
    const image = join(folder, `cut-${cut}.${format}`);
    run('qemu-img', ['convert', '-f', 'raw', '-O', format, raw, image]);
    truncateSync(image, statSync(image).size - cut);
    const want = original();
    let right = 0;
    let told = false;
    await withImage(image, async (disk) => {
      for (let at = 0; at < want.length; at += 65_536) {
        const length = Math.min(65_536, want.length - at);
        try {
          const bytes = await disk.read(at, length);
          expect(Buffer.compare(bytes, want.subarray(at, at + length)), `byte ${at}`).toBe(0);
          right += length;
        } catch (error) {
          if (!isDeadboxError(error)) throw error;
          expect(error.code).toMatch(/^IMAGE_(TRUNCATED|DAMAGED)$/);
        }
      }
      told = disk.issues.some(({ code }) => code === 'image.truncated');
    });
    expect(right).toBeGreaterThan(want.length / 2);
    expect(told).toBe(right < want.length);
  });
});

describeWithCase(
  'VHDX with sectors of 4096 bytes, and states of blocks',
  '12-vhdx-4k',
  ['python3', 'ntfs-3g'],
  (made) => {
    test.each(['4kn', '4kn-32m', '512e', 'odd-tail'])('%s is the disk that it was written from', async (name) => {
      const want = readFileSync(made('disk.raw'));
      await withImage(made(`${name}.vhdx`), async (disk) => {
        const bytes = await disk.read(0, disk.size);
        expect(Buffer.compare(bytes.subarray(0, want.length), want.subarray(0, bytes.length))).toBe(0);
        expect(bytes.subarray(want.length).every((value) => value === 0)).toBe(true);
      });
    });
  },
);
