import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { behindFolder, holdsWindows } from '../../../packages/cli/src/mounts/volume-folder.node.js';
import { driveOfVolume } from '../../../packages/cli/src/mounts/windows-drive.node.js';
import { runInProcess } from '../../support/cli-in-process.js';
import { testImage, testImagePath } from '../../support/test-image.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const CHANNEL = 'Windows/System32/drivers/CrowdStrike/C-00000291-00000000-00000032.sys';

describeWithTools(['losetup', 'ntfs-3g', 'umount', 'mount', 'partx'], 'a folder at which a volume is mounted', () => {
  describe.skipIf(!canMount)('by root', () => {
    const folder = temporaryFolder();
    const [image, volume, bound, inner, copy, out] = ['disk.img', 'volume.img', 'b', 'i', 'copy', 'out.json'].map((n) =>
      join(folder, n),
    );
    const points = ['from a device', 'from a file'].map((name) => join(folder, name));
    let loop = '';
    const scan = async (...args: string[]): Promise<{ code: number | undefined; said: string; images: any[] }> => {
      const { code, said } = await runInProcess(['scan', '--quick', ...args, '--json', '-o', out]);
      return { code, said, images: JSON.parse(readFileSync(out, 'utf8')).images };
    };
    beforeAll(() => {
      copyFileSync(testImagePath('gpt-faulty'), image);
      const { windowsVolume, partitions } = testImage('gpt-faulty');
      const { offset, length } = partitions[windowsVolume - 1];
      writeFileSync(volume, readFileSync(image).subarray(offset, offset + length));
      for (const point of [...points, bound, inner, copy]) mkdirSync(point);
      loop = run('losetup', ['-f', '--show', image]).trim();
      run('partx', ['-a', loop]);
      run('ntfs-3g', ['-o', 'ro', `${loop}p${windowsVolume}`, points[0]]);
      run('ntfs-3g', ['-o', 'ro', volume, points[1]]);
      run('mount', ['--bind', points[0], bound]);
      run('mount', ['--bind', join(points[0], 'Windows'), inner]);
      run('mount', ['-t', 'tmpfs', 'none', copy]);
      run('cp', ['-a', `${points[0]}/.`, copy]);
    });
    afterAll(() => {
      for (const point of [copy, inner, bound, ...points]) spawnSync('umount', [point]);
      if (loop === '') return;
      spawnSync('partx', ['-d', loop]);
      spawnSync('losetup', ['-d', loop]);
    });

    test('is the file behind its loop device, the file that FUSE mounted, and the same through a bind mount', () => {
      expect(behindFolder(points[0])).toEqual({ kind: 'disk', path: image });
      expect(behindFolder(points[1])).toEqual({ kind: 'disk', path: volume });
      expect(behindFolder(bound)).toEqual({ kind: 'disk', path: image });
      expect(behindFolder(inner)).toEqual({ kind: 'files', reason: 'inner-folder' });
      expect(behindFolder(copy)).toEqual({ kind: 'files', reason: 'no-device' });
    });

    test('is scanned as that disk, which is said, and every verb takes it', async () => {
      const { images, said } = await scan(points[0]);
      expect(images).toMatchObject([{ path: image, verdict: 'faulty', image: { format: 'raw' } }]);
      expect(said).toContain(`${image}, which is mounted at ${points[0]}`);
      const info = await runInProcess(['info', points[1], '--json', '-o', out]);
      expect(info.code).toBe(0);
      expect(JSON.parse(readFileSync(out, 'utf8')).image.path).toBe(volume);
    });

    test('and copied elsewhere is judged by its files, with what could not be seen', async () => {
      const { code, images } = await scan(copy);
      expect(code).toBe(1);
      expect(images[0]).toMatchObject({
        path: copy,
        verdict: 'faulty',
        severity: 'act',
        image: { format: 'folder' },
        provisional: ['files-only'],
        obstacles: [{ id: 'files-only', data: { reason: 'no-device' } }],
      });
      const [file] = images[0].installations[0].files;
      const known = testImage('gpt-faulty').files.find(({ path }) => path === file.path);
      expect(file).toMatchObject({ path: `/${CHANNEL}`, record: null, foundBy: 'folder', evidence: [] });
      expect([file.sha256, file.modified]).toEqual([known?.sha256, known?.standardInformation.modified]);
    });

    test('copied, and then healed, is never called well', async () => {
      copyFileSync(join(copy, CHANNEL), join(folder, 'taken.sys'));
      rmSync(join(copy, CHANNEL));
      const { code, images } = await scan(copy);
      expect({ code, severity: images[0].severity }).toEqual({ code: 3, severity: 'review' });
      const text = await runInProcess(['scan', copy, '-o', join(folder, 'page.txt')], 'ja');
      expect(text.code).toBe(3);
      expect(readFileSync(join(folder, 'page.txt'), 'utf8')).toContain('マウントされたフォルダー');
      copyFileSync(join(folder, 'taken.sys'), join(copy, CHANNEL));
    });

    test('is refused where a disk is needed and none can be read', async () => {
      const { error, said } = await runInProcess(['fix', copy]);
      expect(error).toBeDefined();
      expect(said).toContain('no disk behind it can be read');
    });

    test('whose device this user may not read is judged by its files, too', () => {
      const script = [
        `const { behindFolder } = await import(${JSON.stringify(`file://${cliModule()}`)});`,
        'process.setuid(65534);',
        `console.log(JSON.stringify(behindFolder(${JSON.stringify(points[0])})));`,
      ].join('\n');
      chmodSync(folder, 0o755);
      const told = JSON.parse(run(process.execPath, ['--input-type=module', '-e', script]));
      expect(told).toEqual({
        kind: 'files',
        reason: 'device-denied',
        device: `${loop}p${testImage('gpt-faulty').windowsVolume}`,
      });
    });
  });
});

describe('what is behind a folder', () => {
  const folder = realpathSync(temporaryFolder());
  const disk = join(folder, 'a disk.img');
  const mount = (type: string, source: string, root = '/', at = folder): string =>
    `42 27 0:39 ${root} ${at} rw,relatime shared:1 - ${type} ${source} rw\n`;
  beforeAll(() => writeFileSync(disk, 'disk'));

  test('is nothing that can be read, of shares, containers, copies and the drives of WSL', () => {
    for (const [type, source] of [
      ['cifs', '//nas/c'],
      ['nfs4', 'nas:/c'],
      ['9p', 'C:\\134'],
      ['drvfs', 'C:'],
      ['virtiofs', 'share'],
      ['overlay', 'overlay'],
      ['tmpfs', 'none'],
      ['fuse.sshfs', disk.replaceAll(' ', '\\040')],
      ['fuse', '/dev/fuse'],
      ['ext4', '/dev/sda1'],
      ['btrfs', '/dev/sda1'],
    ])
      expect([type, behindFolder(folder, mount(type, source))]).toEqual([type, { kind: 'files', reason: 'no-device' }]);
    expect(behindFolder(folder, '')).toEqual({ kind: 'files', reason: 'no-device' });
  });

  test('is what was mounted there last, under the longest name, with blanks in it', () => {
    const source = disk.replaceAll(' ', '\\040');
    const info = `${mount('ext4', '/dev/sda1', '/', '/')}${mount('tmpfs', 'none')}${mount('fuse', source)}`;
    expect(behindFolder(folder, info)).toEqual({ kind: 'disk', path: disk });
    expect(behindFolder(folder, `${info}${mount('tmpfs', 'none')}`)).toMatchObject({ kind: 'files' });
    expect(behindFolder(folder, mount('fuse', source, '/copies'))).toEqual({ kind: 'files', reason: 'inner-folder' });
  });
});

describe('a folder that no system gives whole', () => {
  const folder = temporaryFolder();
  const drivers = join(folder, 'c/Windows/System32/drivers/CrowdStrike');
  const out = join(folder, 'out.json');
  beforeAll(() => {
    mkdirSync(drivers, { recursive: true });
    writeFileSync(join(folder, 'secret.sys'), 'not in the folder');
  });

  test('is not left by its links, goes into no circle and opens no pipe', async () => {
    symlinkSync(join(folder, 'secret.sys'), join(drivers, 'C-00000291-00000000-00000001.sys'));
    symlinkSync('..', join(drivers, 'circle'));
    symlinkSync('nowhere', join(drivers, 'C-00000291-00000000-00000002.sys'));
    run('mkfifo', [join(drivers, 'C-00000291-00000000-00000003.sys')]);
    const { code } = await runInProcess(['scan', join(folder, 'c'), '--json', '-o', out]);
    expect(code).toBe(3);
    const text = readFileSync(out, 'utf8');
    const hash = run('sha256sum', [join(folder, 'secret.sys')]).slice(0, 64);
    expect(text).not.toContain(hash);
  });

  test.skipIf(process.getuid?.() !== 0)('names what it kept to itself, and takes no such hive for missing', () => {
    const drive = join(folder, 'd');
    mkdirSync(join(drive, 'Windows/System32/drivers'), { recursive: true });
    mkdirSync(join(drive, 'Windows/System32/config'));
    writeFileSync(join(drive, 'Windows/System32/config/SYSTEM'), 'regf');
    chmodSync(join(drive, 'Windows/System32/config'), 0o000);
    const script = [
      `const { FolderTree } = await import(${JSON.stringify(`file://${coreModule()}`)});`,
      `const { scanFolder } = await import(${JSON.stringify(`file://${folderModule()}`)});`,
      'process.setuid(65534);',
      `const tree = FolderTree.open(${JSON.stringify(drive)});`,
      "const report = await scanFolder(tree, { path: 'c', reason: 'no-device' });",
      'console.log(JSON.stringify(report));',
    ].join('\n');
    chmodSync(folder, 0o755);
    const report = JSON.parse(run(process.execPath, ['--input-type=module', '-e', script]));
    expect(report.causes.filter(({ severity }: { severity: string }) => severity !== 'none')).toEqual([]);
    expect(report.installations[0].hives).toEqual([]);
    expect(report.obstacles[0].data).toMatchObject({ unread: 1, files: ['/Windows/System32/config'] });
    expect(report.severity).toBe('review');
  });

  test('with images in it is searched for them, whatever it is called', () => {
    expect(holdsWindows(join(folder, 'c'))).toBe(true);
    expect(holdsWindows(folder)).toBe(false);
  });
});

describe('a drive letter of Windows', () => {
  const folder = temporaryFolder();
  const [disk, other, clone, volume] = ['0', '1', '2', 'D'].map((name) => join(folder, name));
  const drive = (n: number): string => join(folder, String(n));

  beforeAll(() => {
    const { windowsVolume, partitions } = testImage('gpt-faulty');
    const { offset, length } = partitions[windowsVolume - 1];
    const bytes = readFileSync(testImagePath('gpt-faulty'));
    writeFileSync(disk, bytes);
    writeFileSync(other, readFileSync(testImagePath('mbr-absent')));
    writeFileSync(volume, bytes.subarray(offset, offset + length));
    // The format program writes it, Windows keeps it; see the disk's own bytes.
    expect(bytes.readUInt32LE(offset + 0x1c) * 512).toBe(offset);
  });

  test('is the disk on which the same volume stands where its boot sector says', () => {
    expect(driveOfVolume(volume, drive)).toBe(disk);
  });

  test('is the volume alone where two disks have it, or none', () => {
    copyFileSync(disk, clone);
    expect(driveOfVolume(volume, drive)).toBeUndefined();
    expect(driveOfVolume(other, drive)).toBeUndefined();
    expect(driveOfVolume(join(folder, 'none'), drive)).toBeUndefined();
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

const moduleOf = (path: string): string => realpathSync(new URL(`../../../packages/${path}`, import.meta.url));
const cliModule = (): string => moduleOf('cli/dist/mounts/volume-folder.node.js');
const coreModule = (): string => moduleOf('core/dist/files.node.js');
const folderModule = (): string => moduleOf('triage/dist/scan/scan-folder.js');
