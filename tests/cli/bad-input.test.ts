import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deadbox, deadboxJson } from '../support/cli.js';
import { testImagePath } from '../support/test-image.js';
import { temporaryFolder } from '../support/tools.js';

/** Every failure is a sentence: never a stack trace, never silence. */
function expectSentence(stderr: string): void {
  expect(stderr).toMatch(/^deadbox: .{10,}/);
  expect(stderr).not.toMatch(/\n\s+at /);
}

describe('bad input', () => {
  const folder = temporaryFolder();
  const file = (name: string, bytes: Uint8Array | string): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const faulty = readFileSync(testImagePath('gpt-faulty'));

  test('a missing file', () => {
    const { code, stdout } = deadbox(['scan', join(folder, 'none.vhd')]);
    expect(code).toBe(2);
    expect(stdout).toContain('does not exist');
    for (const verb of [['info'], ['ls'], ['stat', '/x'], ['cat', '/x']]) {
      const [name = '', ...rest] = verb;
      const result = deadbox([name, join(folder, 'none.vhd'), ...rest]);
      expect(result.code).toBe(2);
      expectSentence(result.stderr);
    }
  });

  test('an empty folder', () => {
    mkdirSync(join(folder, 'empty'));
    const { code, stderr } = deadbox(['scan', join(folder, 'empty')]);
    expect(code).toBe(2);
    expectSentence(stderr);
  });

  test('a folder with a Windows and no disk behind it is judged by scan, and named for what it is elsewhere', () => {
    mkdirSync(join(folder, 'mounted/Windows/System32/drivers'), { recursive: true });
    for (const verb of ['info', 'ls'])
      expect(deadbox([verb, join(folder, 'mounted')])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('name the device or the image'),
      });
    const { code, stdout } = deadbox(['scan', join(folder, 'mounted')]);
    expect(code).toBe(3);
    expect(stdout).toContain('Only the files of a mounted folder were seen');
  });

  test.skipIf(process.platform === 'win32')('a drive letter is one of Windows', () => {
    for (const name of ['D:', 'D:\\'])
      for (const verb of ['scan', 'info'])
        expect(deadbox([verb, name])).toMatchObject({
          code: 2,
          stderr: expect.stringContaining('drive letter of Windows'),
        });
  });

  test('an empty image', () => {
    const { code, stdout } = deadbox(['scan', file('empty.raw', '')]);
    expect(code).toBe(2);
    expect(stdout).toContain('empty');
  });

  test.each([
    ['a megabyte of zeros', new Uint8Array(1 << 20)],
    ['a page of 0xFF', new Uint8Array(4096).fill(0xff)],
  ])('%s is never clean', (name, bytes) => {
    const path = file(`${name.replaceAll(' ', '-')}.raw`, bytes);
    const { code, stdout, stderr } = deadbox(['scan', path]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/unreadable|no-windows/);
    expect(stderr).toBe('');
    expect(deadboxJson(['scan', '--json', path]).images[0].severity).toBe('attention');
  });

  test.each(['This is not a disk.\n'.repeat(100), 'a short text\n'])('a text file is named for what it is', (words) => {
    const path = file(`text-${words.length}.raw`, words);
    const { code, stdout, stderr } = deadbox(['scan', path]);
    expect(code).toBe(2);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('is a text, not a disk');
    expect(stderr).toBe('');
    const [image] = deadboxJson(['scan', '--json', path]).images;
    expect(image).toMatchObject({ error: { code: 'IMAGE_UNKNOWN_FORMAT' } });
    expect(image.severity).toBeUndefined();
  });

  test.each([512, 4096, 40_000, 1_100_000, 37_748_736 + 512, 40_000_000])(
    'an image cut at %d bytes is never clean',
    (length) => {
      const path = file('cut.raw', faulty);
      truncateSync(path, length);
      const { code, stdout, stderr } = deadbox(['scan', path]);
      expect([1, 3]).toContain(code);
      expect(stdout).not.toContain(' OK ');
      expect(stderr).not.toMatch(/\n\s+at /);
    },
  );

  test('wrong usage', () => {
    for (const args of [[], ['scan'], ['scan', '--nonsense', 'x'], ['ls', '--volume', 'x', 'y'], ['frobnicate']]) {
      expect(deadbox(args).code).toBe(2);
    }
  });

  test('a volume that is not there, a path that is not there', () => {
    const image = testImagePath('gpt-faulty');
    expect(deadbox(['ls', '--volume', '9', image])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has no volume 9; it has 1, 2, 3'),
    });
    expect(deadbox(['cat', image, '/Windows/none.sys'])).toMatchObject({ code: 1, stdout: '' });
    expect(deadbox(['stat', image, '/Windows/none.sys'])).toMatchObject({ code: 1 });
    expect(deadbox(['cat', image, '/Windows'])).toMatchObject({ code: 2 });
  });

  test('a broken pipe is quiet', () => {
    const { stderr, code } = deadbox(['--version']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });

  // Every sector of the partition table, the boot sector, the first records and the folder's index, wiped one at a
  // time.
  test.each([
    ['the protective MBR', 0, 512],
    ['the primary GPT header', 512, 512],
    ['the primary GPT entries', 1024, 16_384],
    ['both the MBR and the primary GPT', 0, 20_480],
    ['the NTFS boot sector', 37_748_736, 512],
    ['the whole first half of the file system', 37_748_736, 8 << 20],
  ])('%s wiped: never clean, never a stack trace', (_name, offset, length) => {
    const bytes = Buffer.from(faulty);
    bytes.fill(0, offset, offset + length);
    const { code, stdout, stderr } = deadbox(['scan', file('wiped.raw', bytes)]);
    expect([1, 3]).toContain(code);
    expect(stdout).not.toContain(' OK ');
    expect(stderr).toBe('');
  });

  test('with the primary GPT or the NTFS boot sector gone, the backups still give the verdict', () => {
    for (const [offset, length] of [
      [512, 512],
      [1024, 16_384],
      [37_748_736, 512],
    ] as const) {
      const bytes = Buffer.from(faulty);
      bytes.fill(0, offset, offset + length);
      expect(deadboxJson(['scan', '--json', file('backup.raw', bytes)]).images[0].verdict).toBe('faulty');
    }
  });
});
