import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testImage, testImagePath } from '../../support/test-image.js';
import { run, temporaryFolder } from '../../support/tools.js';
import { hasWindows, Windows, type WindowsRun, windowsPath } from '../../support/windows-host/wine.js';

const FAULTY = testImagePath('gpt-faulty');
const BACKUP = 'C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-backup.txt';

const ON_CONSOLE = ['info', 'Disk.img', '--lang', 'ja'];

/** 28 characters ten times: longer than the 260 that Windows' older functions take. */
const LONG = Array.from({ length: 10 }, () => 'a-folder-with-a-lengthy-name').join('/');

describe.skipIf(!hasWindows)(
  'the command line on Windows (needs root, Wine, and DEADBOX_WINDOWS_NODE=…/node.exe)',
  () => {
    const folder = temporaryFolder();
    const work = join(folder, 'work');
    const devices: string[] = [];
    const results = new Map<string, WindowsRun>();
    let consoles = new Map<number, string>();
    const of = (...args: string[]): WindowsRun => {
      const found = results.get(args.join(' '));
      if (found === undefined) throw new Error(`deadbox ${args.join(' ')} was not run`);
      return found;
    };
    const verdict = ({ stdout }: WindowsRun): string => JSON.parse(stdout).images[0].verdict;

    const CALLS_THAT_JUDGE = 15;
    const CALLS: readonly (readonly string[])[] = [
      ['scan', 'disk.IMG', '--quick', '--json'],
      ['scan', windowsPath(join(work, 'Disk.img')), '--quick', '--json'],
      ['scan', `\\\\?\\${windowsPath(join(work, 'Disk.img'))}`, '--quick', '--json'],
      ['scan', 'E:\\Disk.img', '--quick', '--json'],
      ['scan', 'E:/sub/b.img', '--quick', '--json'],
      ['scan', 'SUB\\*.IMG', '--quick', '--json'],
      ['scan', 'sub', '--quick', '--json'],
      ['scan', `${LONG.replaceAll('/', '\\')}\\x.img`, '--quick', '--json'],
      ['scan', '\\\\.\\D:', '--quick', '--json'],
      ['scan', 'D:', '--quick', '--json'],
      ['scan', 'd:\\', '--quick', '--json'],
      ['scan', '\\\\.\\PhysicalDrive3', '--quick', '--json'],
      ['scan', 'V:', '--quick', '--json'],
      ['scan', '\\\\.\\v:', '--quick', '--json'],
      ['scan', 'chain\\top.vhdx', '--quick', '--json'],
      ['info', '\\\\.\\PhysicalDrive7'],
      ['info', 'Y:'],
      ['info', '\\\\no-such-server\\share\\disk.img'],
      ['info', 'Disk.img', '--lang', 'ja'],
      ['cat', 'Disk.img', BACKUP, '-o', 'good.txt'],
      ['cat', 'Disk.img', BACKUP.replaceAll('\\', '/'), '-o', 'sub\\forward.txt'],
      ['cat', 'Disk.img', BACKUP, '-o', 'aux'],
      ['cat', 'Disk.img', BACKUP, '-o', 'CON'],
      ['cat', 'Disk.img', BACKUP, '-o', 'aux.txt'],
      ['cat', 'Disk.img', BACKUP, '-o', 'xy:stream'],
      ['cat', 'Disk.img', BACKUP, '-o', 'dot.'],
      ['cat', 'Disk.img', BACKUP, '-o', 'aux', '--lang', 'ja'],
      ['rules', 'check', 'crlf.yaml'],
      ['fix', '\\\\.\\E:', '--write', '--undo', 'online.json'],
      ['fix', '\\\\.\\G:', '--write', '--undo', 'undo.json'],
      ['undo', 'undo.json'],
    ];

    beforeAll(() => {
      mkdirSync(join(work, 'sub'), { recursive: true });
      mkdirSync(join(work, 'chain'), { recursive: true });
      mkdirSync(join(work, LONG), { recursive: true });
      for (const name of ['Disk.img', 'sub/b.img', `${LONG}/x.img`, 'rw.img']) copyFileSync(FAULTY, join(work, name));
      run('qemu-img', ['convert', '-O', 'vhdx', FAULTY, join(work, 'chain/base.vhdx')]);
      run('qemu-img', ['create', '-f', 'qcow2', '-F', 'vhdx', '-b', 'base.vhdx', 'top.vhdx'], {
        cwd: join(work, 'chain'),
      });
      const rule = readFileSync('packages/triage/rules/crowdstrike-channel-file-291.yaml', 'utf8');
      writeFileSync(join(work, 'crlf.yaml'), rule.replaceAll('\n', '\r\n'));

      const loop = (path: string, ...options: string[]): string => {
        const device = run('losetup', ['--show', '-f', ...options, path]).trim();
        devices.push(device);
        return device;
      };
      const windows = new Windows(folder);
      windows.drive('D::', loop(FAULTY, '-r'));
      windows.drive('E:', work);
      windows.drive('E::', loop(join(work, 'rw.img')));
      windows.drive('G::', devices[1] ?? '');
      // A whole disk, and the volume of Windows on it, where the partition table has it.
      windows.drive('PhysicalDrive3', devices[0] ?? '');
      windows.drive('V::', loop(FAULTY, '-r', '-o', '37748736', '--sizelimit', '16777216'));
      consoles = new Map([932, 1252].map((page) => [page, windows.onConsole(page, ON_CONSOLE, work)]));
      const outcomes = windows.deadbox(CALLS, work);
      for (const [i, args] of CALLS.entries()) results.set(args.join(' '), outcomes[i]);
    }, 600_000);
    afterAll(() => {
      for (const device of devices) run('losetup', ['-d', device]);
    });

    test.each(CALLS.slice(0, CALLS_THAT_JUDGE))('%s %s finds the disk by that name and judges it', (...args) => {
      const found = of(...args);
      // A volume whose disk was found by it.
      expect(found.stderr).toMatch(/v:$/i.test(args[1]) ? /^deadbox: \\\\\.\\PhysicalDrive3, .*\n$/ : /^$/);
      expect(verdict(found)).toBe(testImage('gpt-faulty').verdict);
      expect(found.code).toBe(1);
    });

    test('names a path as it was given, and files of a folder with backslashes', () => {
      const path = (...args: string[]): string => JSON.parse(of(...args).stdout).images[0].path;
      expect(path('scan', 'disk.IMG', '--quick', '--json')).toBe('disk.IMG');
      expect(path('scan', 'sub', '--quick', '--json')).toBe('sub\\b.img');
      expect(path('scan', 'D:', '--quick', '--json')).toBe('\\\\.\\D:');
      // Its boot sector says where on the disk it lies.
      expect(path('scan', 'V:', '--quick', '--json')).toBe('\\\\.\\PhysicalDrive3');
    });

    test.each([932, 1252])('shows Japanese on a console of code page %i', (page) => {
      expect(consoles.get(page)).toContain(`code page: ${page}`);
      expect(consoles.get(page)).toContain('仮想サイズ');
    });

    test.each([
      ['\\\\.\\PhysicalDrive7', '\\\\.\\PhysicalDrive7'],
      ['Y:', '\\\\.\\Y:'],
      ['\\\\no-such-server\\share\\disk.img', '\\\\no-such-server\\share\\disk.img'],
    ])('says that %s does not exist', (name, shown) => {
      const { code, stderr } = of('info', name);
      expect(stderr).toContain(`${shown} does not exist`);
      expect(code).toBe(2);
    });

    test('writes Japanese as UTF-8 into a file, whatever the code page of the console', () => {
      expect(of('info', 'Disk.img', '--lang', 'ja').stdout).toContain('仮想サイズ');
    });

    test('writes a file of the disk, found with backslashes or slashes', () => {
      const content = readFileSync(join(work, 'good.txt'));
      expect(content).toHaveLength(20);
      expect(readFileSync(join(work, 'sub/forward.txt')).equals(content)).toBe(true);
    });

    test.each([
      ['aux', /aux names a device/],
      ['CON', /CON names a device/],
      ['aux.txt', /names a device/],
      ['xy:stream', /has a colon/],
      ['dot.', /ends with a dot/],
    ])('refuses to write %s, and leaves nothing behind', (name, words) => {
      const { code, stderr } = of('cat', 'Disk.img', BACKUP, '-o', name);
      expect(stderr).toMatch(words);
      expect(code).toBe(2);
      expect(readdirSync(work).filter((entry) => entry.startsWith(name))).toEqual([]);
    });

    test('says so in Japanese', () => {
      expect(of('cat', 'Disk.img', BACKUP, '-o', 'aux', '--lang', 'ja').stderr).toContain('デバイスの名前');
    });

    test('reads a rule file with the line ends of Windows', () => {
      expect(of('rules', 'check', 'crlf.yaml')).toMatchObject({ code: 0, stderr: '' });
    });

    test('refuses to write to a volume that is online, and says how to take it offline', () => {
      const { code, stderr } = of('fix', '\\\\.\\E:', '--write', '--undo', 'online.json');
      expect(stderr).toContain('Set-Disk');
      expect(code).not.toBe(0);
      expect(existsSync(join(work, 'online.json'))).toBe(false);
    });

    test('repairs a raw device, and puts every byte back', () => {
      const fixed = of('fix', '\\\\.\\G:', '--write', '--undo', 'undo.json');
      expect(fixed.stderr).toBe('');
      expect(fixed.code).toBe(0);
      expect(of('undo', 'undo.json')).toMatchObject({ code: 0, stderr: '' });
      expect(readFileSync(devices[1] ?? '').equals(readFileSync(FAULTY))).toBe(true);
    });
  },
);
