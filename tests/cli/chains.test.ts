import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { deadbox, deadboxJson } from '../support/cli.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

describeWithTools(['qemu-img'], 'a snapshot chain that qemu-img made', () => {
  const folder = temporaryFolder();
  const away = join(folder, 'away');
  const top = join(folder, 'top.qcow2');
  const base = join(folder, 'base.qcow2');
  const moved = join(away, 'kept.qcow2');
  beforeAll(() => {
    mkdirSync(away);
    run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', testImagePath('gpt-faulty'), base]);
    run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', top]);
  });

  test('with its base beside it is judged, and its parents are listed', () => {
    const [image] = deadboxJson(['scan', '--quick', '--json', top]).images;
    expect(image.verdict).toBe('faulty');
    expect(image.image.parents).toMatchObject([{ foundBy: 'sibling' }]);
    expect(image.obstacles).toEqual([]);
  });

  test('scanned together with its base is one disk, not two of one identity', () => {
    expect(deadboxJson(['scan', '--quick', '--json', top, base]).summary.sharedIdentities).toEqual([]);
  });

  describe('whose base was moved away', () => {
    beforeAll(() => renameSync(base, moved));

    test('cannot be judged; the obstacle names the parent, and the text says what to do', () => {
      const { images, summary } = deadboxJson(['scan', '--quick', '--json', top]);
      expect(images[0]).toMatchObject({
        error: { code: 'IMAGE_PARENT_MISSING' },
        obstacles: [
          {
            id: 'differencing-without-parent',
            volume: null,
            data: { parent: 'base.qcow2', lookedFor: ['base.qcow2'] },
          },
        ],
      });
      expect(summary).toMatchObject({ failed: 1, exitCode: 2 });
      const text = deadbox(['scan', '--quick', top]);
      expect(text.code).toBe(2);
      expect(text.stdout).toContain('base.qcow2');
      expect(text.stdout).toContain('--parent FILE');
      const [line] = deadbox(['scan', '--quick', '--ndjson', top]).stdout.split('\n');
      expect(JSON.parse(line).obstacles[0].id).toBe('differencing-without-parent');
    });

    test('the other verbs name the option, too', () => {
      expect(deadbox(['info', top])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/base\.qcow2.*: --parent FILE\n$/),
      });
      expect(deadbox(['info', '--parent', moved, top]).code).toBe(0);
    });

    test('is judged with --parent FILE, whatever the file is called now', () => {
      const [image] = deadboxJson(['scan', '--quick', '--json', '--parent', moved, top]).images;
      expect(image.verdict).toBe('faulty');
      expect(image.image.parents).toMatchObject([{ name: moved, foundBy: 'option' }]);
    });

    test('an image that cannot be opened for another reason has no such obstacle', () => {
      expect(deadboxJson(['scan', '--quick', '--json', '/nowhere/disk.vhd']).images[0].obstacles).toEqual([]);
    });
  });
});

describe('several images', () => {
  const folder = temporaryFolder();
  const faulty = testImagePath('gpt-faulty');

  test('whose disks have one identity earn a warning that names them', () => {
    const copy = join(folder, 'copy.raw');
    copyFileSync(faulty, copy);
    const other = testImagePath('mbr-faulty');
    const { images, summary } = deadboxJson(['scan', '--quick', '--json', faulty, other, copy]);
    expect(summary.sharedIdentities).toEqual([{ diskId: images[0].disk.diskId, paths: [faulty, copy] }]);
    const text = deadbox(['scan', '--quick', faulty, other, copy]).stdout;
    expect(text).toContain('WARNING: these disks have one identity');
    expect(text).toContain('do not attach');
    expect(text.slice(text.indexOf('WARNING'))).toContain(copy);
    expect(text.slice(text.indexOf('WARNING'))).not.toContain(other);
  });

  test('whose disks differ earn none; neither does one image given twice', () => {
    const other = testImagePath('mbr-faulty');
    expect(deadboxJson(['scan', '--quick', '--json', faulty, other]).summary.sharedIdentities).toEqual([]);
    expect(deadbox(['scan', '--quick', faulty, other]).stdout).not.toContain('WARNING');
    expect(deadboxJson(['scan', '--quick', '--json', faulty, faulty]).summary.sharedIdentities).toEqual([]);
  });
});
