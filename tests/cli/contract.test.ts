import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cliPath, deadbox, deadboxJson } from '../support/cli.js';
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

/** Start of a LUKS1 header (LUKS On-Disk Format Specification 1.2.3, section 2). */
function luks1Header(): Uint8Array {
  const bytes = new Uint8Array(1024);
  const text = (at: number, value: string): void => bytes.set(new TextEncoder().encode(value), at);
  bytes.set([0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe, 0x00, 0x01]);
  text(8, 'aes');
  text(40, 'xts-plain64');
  text(72, 'sha256');
  const view = new DataView(bytes.buffer);
  view.setUint32(104, 4096);
  view.setUint32(108, 64);
  text(168, '5eed0000-0000-4000-8000-000000000099');
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

  test.skipIf(process.platform !== 'linux')('a device without an end is refused', () => {
    for (const device of ['/dev/zero', '/dev/urandom']) {
      const { code, stderr } = deadbox(['info', device]);
      expect(code).toBe(2);
      expect(stderr).toContain('has no end');
    }
    expect(deadbox(['scan', '/dev/null']).code).toBe(2);
  });

  test('random bytes too few for statistics are neither called plain nor encrypted', () => {
    const path = join(folder, 'noise.raw');
    writeFileSync(path, noise(300_000));
    expect(deadboxJson(['info', '--json', path]).volumes[0].encryption).toMatchObject({
      verdict: 'not-enough-data',
      product: null,
    });
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
    const { code, stdout } = deadbox([
      'scan',
      '--quick',
      '--json',
      join(folder, 'no-images'),
      testImagePath('gpt-reverted'),
    ]);
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

  test('a locked volume that may hold Windows ends every reading verb with code 3, though another volume could be read', () => {
    const image = testImagePath('gpt-faulty');
    const windows = deadboxJson(['info', '--json', image]).volumes.find(
      (volume: { role: string }) => volume.role === 'windows',
    );
    const bytes = readFileSync(image);
    bytes.set(luks1Header(), windows.offset);
    const path = join(folder, 'locked.img');
    writeFileSync(path, bytes);
    for (const verb of [['ls'], ['stat', '/Windows'], ['cat', '/Windows/x'], ['timeline'], ['reg', 'SYSTEM\\Select']]) {
      const [name = '', ...rest] = verb;
      const { code, stdout, stderr } = deadbox([name, path, ...rest]);
      expect([name, code, stdout]).toEqual([name, 3, '']);
      expect(stderr).toContain(`Volume ${windows.number} is encrypted by LUKS1`);
    }
    expect(deadbox(['ls', '--volume', '1', path])).toMatchObject({ code: 0 });
  }, 20_000);

  test('a Windows volume that cannot be read is said to be so, not replaced by a helper partition', () => {
    const image = testImagePath('gpt-faulty');
    const windows = deadboxJson(['info', '--json', image]).volumes.find(
      (volume: { role: string }) => volume.role === 'windows',
    );
    const bytes = readFileSync(image);
    bytes.fill(0xa5, windows.offset, windows.offset + windows.length);
    const path = join(folder, 'overwritten.img');
    writeFileSync(path, bytes);
    const { code, stdout, stderr } = deadbox(['ls', path]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`Volume ${windows.number}`);
  });

  test('an image that was cut short is said to be so', () => {
    const bytes = readFileSync(testImagePath('gpt-faulty'));
    const path = join(folder, 'cut.img');
    writeFileSync(path, bytes.subarray(0, bytes.length - (3 << 20)));
    expect(deadbox(['scan', '--quick', path]).stdout.replace(/\s+/g, ' ')).toContain('the image was cut short');
  });

  test.skipIf(process.platform === 'win32')(
    'Ctrl-C ends a long scan at once, with code 130',
    async () => {
      const many = join(folder, 'many');
      mkdirSync(many);
      for (let i = 0; i < 200; i += 1) symlinkSync(testImagePath('gpt-faulty'), join(many, `${i}.img`));
      const child = spawn(process.execPath, [cliPath, 'scan', '--ndjson', many], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let lines = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        // Once: a second one may meet a process that is about to end, and then ends it as a signal does.
        if (lines === 0) child.kill('SIGINT');
        lines += chunk.toString('utf8').split('\n').length - 1;
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect(code).toBe(130);
      expect(lines).toBeLessThan(150);
    },
    30_000,
  );

  test('no verb writes over what it reads, under whatever name', () => {
    const path = join(folder, 'precious.img');
    const before = readFileSync(testImagePath('gpt-faulty'));
    writeFileSync(path, before);
    const link = join(folder, 'other-name');
    if (process.platform === 'win32') writeFileSync(link, '');
    else symlinkSync(path, link);
    const verbs = [['scan', '--ndjson'], ['info'], ['ls', '-r'], ['cat', '/$MFT'], ['timeline'], ['export'], ['boot']];
    for (const [index, [name = '', ...rest]] of verbs.entries()) {
      const output = index % 2 === 0 && process.platform !== 'win32' ? link : path;
      const { code, stderr } = deadbox([name, path, ...rest, '-o', output]);
      expect([name, code]).toEqual([name, 2]);
      expect(stderr).toContain('is what is being read');
      expect(readFileSync(path).equals(before)).toBe(true);
    }
  }, 30_000);

  test.skipIf(process.platform === 'win32')(
    'neither over an extent, nor over an older report when the image cannot be opened',
    () => {
      const extent = join(folder, 'disk-flat.vmdk');
      const bytes = readFileSync(testImagePath('mbr-faulty'));
      writeFileSync(extent, bytes);
      const descriptor = join(folder, 'disk.vmdk');
      const sectors = bytes.length / 512;
      writeFileSync(
        descriptor,
        `# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW ${sectors} FLAT "disk-flat.vmdk" 0\n`,
      );
      expect(deadbox(['scan', '--quick', descriptor, '-o', extent])).toMatchObject({ code: 2 });
      expect(readFileSync(extent).equals(bytes)).toBe(true);
      const report = join(folder, 'report.txt');
      writeFileSync(report, 'of yesterday');
      expect(deadbox(['info', join(folder, 'none.img'), '-o', report])).toMatchObject({ code: 2 });
      expect(readFileSync(report, 'utf8')).toBe('of yesterday');
      expect(deadbox(['info', descriptor, '-o', report])).toMatchObject({ code: 0 });
      expect(readFileSync(report, 'utf8')).toMatch(/disk\.vmdk/);
    },
  );

  test.skipIf(process.platform !== 'linux')('a full disk is a sentence', () => {
    const { code, stderr } = deadbox(['info', testImagePath('gpt-faulty'), '-o', '/dev/full']);
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be written');
    expect(stderr).not.toContain('unexpected');
  });

  test('a record that does not exist and a stream of a FAT file are not found: code 1', () => {
    const image = testImagePath('gpt-faulty');
    expect(deadbox(['stat', image, '#99999999']).code).toBe(1);
    expect(deadbox(['cat', image, '#99999999']).code).toBe(1);
    expect(deadbox(['cat', '--volume', '1', image, '/EFI/Microsoft/Boot/BCD:stream']).code).toBe(1);
  });
});
