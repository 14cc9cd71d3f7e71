import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLockedByWriter } from '../../packages/cli/src/input/in-use/file-locks.node.js';
import { ImageFiles } from '../../packages/cli/src/input/in-use/image-hints.node.js';
import { deviceNumber, readWriteMounts } from '../../packages/cli/src/mounts/mounted-devices.node.js';
import { deadbox, deadboxAsync, deadboxJson } from '../support/cli.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

/** A disk that asks for nothing: only a hint can raise it to `review`. */
const QUIET = 'gpt-reverted';

function scan(path: string): { code: number | null; severity: string; inUse: any[]; text: string } {
  const text = deadbox(['scan', '--quick', path]);
  const [image] = deadboxJson(['scan', '--quick', '--json', path]).images;
  const inUse = image.obstacles.filter(({ id }: any) => id === 'in-use').map(({ data }: any) => data);
  return { code: text.code, severity: image.severity, inUse, text: text.stdout };
}

describeWithTools(['losetup', 'ntfs-3g', 'umount', 'partx'], 'a disk that is mounted', () => {
  describe.skipIf(!canMount)('by root', () => {
    const folder = temporaryFolder();
    const image = join(folder, 'disk.img');
    const mountPoint = join(folder, 'mounted here');
    let loop = '';
    let partition = '';
    const mount = (device: string, options: string): void => void run('ntfs-3g', ['-o', options, device, mountPoint]);
    const unmount = (): void => void spawnSync('umount', [mountPoint]);
    beforeAll(() => {
      copyFileSync(testImagePath(QUIET), image);
      mkdirSync(mountPoint);
      loop = run('losetup', ['-f', '--show', image]).trim();
      // partx reads the table itself: not every kernel knows GPT.
      run('partx', ['-a', loop]);
      partition = `${loop}p${testImage(QUIET).windowsVolume}`;
    });
    afterAll(() => {
      unmount();
      if (loop === '') return;
      spawnSync('partx', ['-d', loop]);
      spawnSync('losetup', ['-d', loop]);
    });

    test('nowhere is said to be in no use, attached or not', () => {
      expect(scan(loop)).toMatchObject({ code: 0, severity: 'none', inUse: [] });
      expect(scan(image)).toMatchObject({ code: 0, severity: 'none', inUse: [] });
    });

    test('read-write says where, for the disk, its partition and the file behind it, and nothing is reassuring any more', () => {
      mount(partition, 'rw');
      try {
        expect(readFileSync('/proc/self/mounts', 'utf8')).toContain(partition);
        for (const path of [loop, partition, image]) {
          const { code, severity, inUse, text } = scan(path);
          expect({ path, code, severity, inUse }).toEqual({
            path,
            code: 3,
            severity: 'review',
            inUse: [{ path, device: partition, mountPoint }],
          });
          expect(text.replaceAll(/\s+/g, ' ')).toContain(`mounted read-write at ${mountPoint}`);
        }
      } finally {
        unmount();
      }
    });

    test('read-only is no reason to doubt', () => {
      mount(partition, 'ro');
      try {
        for (const path of [loop, partition, image]) expect(scan(path)).toMatchObject({ severity: 'none', inUse: [] });
      } finally {
        unmount();
      }
    });

    test('read-write straight from an image file, without a device, is noticed too', () => {
      const volume = join(folder, 'volume.img');
      const { partitions, windowsVolume } = testImage(QUIET);
      const part = partitions.find(({ number }) => number === windowsVolume);
      writeFileSync(volume, readFileSync(image).subarray(part?.offset, (part?.offset ?? 0) + (part?.length ?? 0)));
      mount(volume, 'rw');
      try {
        expect(scan(volume)).toMatchObject({ code: 3, severity: 'review', inUse: [{ path: volume, mountPoint }] });
      } finally {
        unmount();
      }
    });
  });
});

describeWithTools(['qemu-io', 'qemu-img'], 'an image that QEMU holds', () => {
  const folder = temporaryFolder();
  const image = join(folder, 'disk.img');
  const overlay = join(folder, 'top.qcow2');
  // A newer link beside an image is an obstacle of its own: it is put there only when it is scanned itself.
  const aside = join(temporaryFolder(), 'aside');
  const running: ChildProcess[] = [];
  beforeAll(() => {
    copyFileSync(testImagePath(QUIET), image);
    run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', 'disk.img', '-F', 'raw', overlay]);
    renameSync(overlay, aside);
  });
  afterAll(() => running.forEach((child) => child.kill()));

  const open = async (...options: string[]): Promise<() => Promise<void>> => {
    const child = spawn('qemu-io', [...options, image], { stdio: ['pipe', 'pipe', 'inherit'] });
    running.push(child);
    // The prompt comes when the image is open.
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return () =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.stdin.end('quit\n');
      });
  };

  test('for writing is in use, also as the parent of another image', async () => {
    const close = await open('-f', 'raw');
    try {
      expect(scan(image)).toMatchObject({ code: 3, severity: 'review', inUse: [{ path: image, locked: true }] });
      expect(scan(image).text.replaceAll(/\s+/g, ' ')).toContain('A running program holds a lock on it.');
      renameSync(aside, overlay);
      expect(scan(overlay)).toMatchObject({ severity: 'review', inUse: [{ path: image, locked: true }] });
      renameSync(overlay, aside);
    } finally {
      await close();
    }
    expect(scan(image)).toMatchObject({ code: 0, severity: 'none', inUse: [] });
  });

  test('only for reading is not', async () => {
    const close = await open('-r', '-f', 'raw');
    try {
      expect(scan(image)).toMatchObject({ code: 0, severity: 'none', inUse: [] });
    } finally {
      await close();
    }
  });
});

describe('an image that is written while it is read', () => {
  const folder = temporaryFolder();

  test('is in use, and nothing is reassuring any more', async () => {
    const image = join(folder, 'disk.img');
    copyFileSync(testImagePath(QUIET), image);
    let second = 1_700_000_000;
    const timer = setInterval(() => utimesSync(image, second, (second += 1)), 5);
    const { code, stdout } = await deadboxAsync(['scan', '--json', image]);
    clearInterval(timer);
    const [report] = JSON.parse(stdout).images;
    expect(report.obstacles).toContainEqual(
      expect.objectContaining({ id: 'in-use', data: { changed: true, files: [image] } }),
    );
    expect(report.severity).not.toBe('none');
    expect(code).not.toBe(0);
  });

  test('every kind of change of a file counts, and no change none', () => {
    const path = (name: string): string => join(folder, name);
    const files = new ImageFiles();
    const names = ['same', 'longer', 'touched', 'replaced'].map(path);
    for (const name of names) {
      writeFileSync(name, 'content');
      files.add(name);
    }
    writeFileSync(path('longer'), 'content and more');
    utimesSync(path('touched'), 1, 1);
    run('mv', ['-f', path('touched'), path('moved')]);
    run('cp', ['-p', path('same'), path('replaced.new')]);
    run('mv', ['-f', path('replaced.new'), path('replaced')]);
    expect(files.changeHints(names)).toEqual([
      { id: 'in-use', data: { changed: true, files: [path('longer'), path('touched'), path('replaced')] } },
    ]);
    expect(files.changeHints([path('same'), path('never seen')])).toEqual([]);
  });
});

describe('what Linux tells', () => {
  test('mountinfo with escaped blanks; read-only of either kind is left out (lines of proc_pid_mountinfo(5))', () => {
    const line = (options: string, superOptions: string): string =>
      `36 35 98:3 /mnt1 /mnt/with\\040blank\\134x ${options} master:1 - fuseblk /dev/root ${superOptions}`;
    expect(readWriteMounts([line('rw,noatime', 'rw'), line('ro', 'rw'), line('rw', 'ro'), ''].join('\n'))).toEqual([
      { device: '98:3', mountPoint: '/mnt/with blank\\x', source: '/dev/root' },
    ]);
  });

  test('locks: only of this file, held, and of a writer', () => {
    const stats = statSync(testImagePath(QUIET), { bigint: true });
    const [major, minor] = deviceNumber(stats.dev)
      .split(':')
      .map((part) => Number(part).toString(16).padStart(2, '0'));
    const lock = (kind: string, range: string, inode = stats.ino, prefix = '1:'): boolean =>
      isLockedByWriter(stats, `${prefix} OFDLCK ADVISORY  ${kind} -1 ${major}:${minor}:${inode} ${range}\n`);
    expect(lock('READ', '100 101')).toBe(true);
    expect(lock('WRITE', '0 EOF')).toBe(true);
    expect(lock('READ', '100 100')).toBe(false);
    expect(lock('READ', '201 201')).toBe(false);
    expect(lock('READ', '0 EOF')).toBe(false);
    expect(lock('READ', '100 101', stats.ino + 1n)).toBe(false);
    expect(lock('READ', '100 101', stats.ino, '1: ->')).toBe(false);
  });
});
