import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deadbox, deadboxJson } from '../support/cli.js';
import { testImagePath } from '../support/test-image.js';
import { temporaryFolder } from '../support/tools.js';

/** Bytes without a pattern that are the same in every run. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 32) {
    bytes.set(
      createHash('sha256')
        .update(`noise ${at}`)
        .digest()
        .subarray(0, Math.min(32, length - at)),
      at,
    );
  }
  return bytes;
}

describe('the contract, from outside', () => {
  const folder = temporaryFolder();

  test.skipIf(process.platform === 'win32')(
    'a named pipe is refused, not waited for',
    () => {
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      for (const verb of ['info', 'ls', 'timeline', 'boot']) {
        const { code, stderr } = deadbox([verb, pipe]);
        expect(code).toBe(2);
        expect(stderr).toContain('not a disk image');
      }
    },
    20_000,
  );

  test('random bytes too few for statistics are neither called plain nor encrypted', () => {
    const path = join(folder, 'noise.raw');
    writeFileSync(path, noise(300_000));
    expect(deadboxJson(['info', '--json', path]).volumes[0].encryption).toMatchObject({ verdict: 'not-enough-data', product: null });
    const { stdout } = deadbox(['info', path]);
    expect(stdout).toContain('too little data to tell');
    expect(stdout).not.toContain('is encrypted by');
  });

  test.each([
    ['btrfs', 0x1_0040, '_BHRfS_M'],
    ['vmfs', 0x20_0000, '\x5e\xf1\xab\x2f'],
    ['iso9660', 0x8001, 'CD001'],
  ])('%s is named though its signature lies far inside', (name, at, magic) => {
    const bytes = new Uint8Array(3 << 20);
    bytes.set(Buffer.from(magic, 'latin1'), at);
    const path = join(folder, `${name}.raw`);
    writeFileSync(path, bytes);
    expect(deadboxJson(['info', '--json', path]).volumes[0].fileSystem).toBe(name);
  });

  test('an empty folder among several targets does not keep the others from being judged', () => {
    mkdirSync(join(folder, 'no-images'));
    const { code, stdout } = deadbox(['scan', '--quick', '--json', join(folder, 'no-images'), testImagePath('gpt-reverted')]);
    expect(code).toBe(3);
    const { images } = JSON.parse(stdout);
    expect(images[0].error.message).toContain('is a folder');
    expect(images[1].verdict).toBe('reverted');
  });

  test.skipIf(process.platform === 'win32')(
    'a folder of links to images is searched like one of images, a link to a folder is not followed',
    () => {
      const links = join(folder, 'links');
      mkdirSync(links);
      symlinkSync(testImagePath('gpt-faulty'), join(links, 'server.img'));
      symlinkSync(links, join(links, 'again.img'));
      const { code, stdout } = deadbox(['scan', '--quick', '--json', links]);
      expect(code).toBe(1);
      expect(JSON.parse(stdout).images).toHaveLength(1);
    },
  );

  test('a record that does not exist and a stream of a FAT file are not found: code 1', () => {
    const image = testImagePath('gpt-faulty');
    expect(deadbox(['stat', image, '#99999999']).code).toBe(1);
    expect(deadbox(['cat', image, '#99999999']).code).toBe(1);
    expect(deadbox(['cat', '--volume', '1', image, '/EFI/Microsoft/Boot/BCD:stream']).code).toBe(1);
  });
});
