import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type ByteSource, type DeadboxError, isDeadboxError, isTransportError } from '@deadbox/core';
import { fileSiblings, openError, openFile } from '@deadbox/core/node';
import { describe, expect, test } from 'vitest';
import { canMount, run, temporaryFolder } from '../../support/tools.js';

async function errorOf(action: Promise<unknown>): Promise<DeadboxError> {
  try {
    await action;
  } catch (error) {
    if (isDeadboxError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('openFile', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'disk.raw');
  const content = Uint8Array.from({ length: 3_000_001 }, (_, i) => (i * 7) ^ (i >> 9));
  writeFileSync(path, content);

  test('reads a file, synchronously when small, through the thread pool when big', async () => {
    const source = await openFile(path);
    expect([source.size, source.name, source.sectorSize]).toEqual([content.length, path, undefined]);
    const small = source.read(1_000_000, 100);
    expect(small).toBeInstanceOf(Uint8Array);
    const big = source.read(5, 2_999_000);
    expect(big).toBeInstanceOf(Promise);
    expect(Buffer.compare(await big, content.subarray(5, 2_999_005))).toBe(0);
    const never = await openFile(path, { blockingReads: 0 });
    expect(never.read(0, 1)).toBeInstanceOf(Promise);
    await never.close?.();
    await source.close?.();
  });

  test('is closed for good, twice over, and says so', async () => {
    const source = await openFile(path);
    await source.close?.();
    await source.close?.();
    expect(() => source.read(0, 1)).toThrow(/closed/);
  });

  test('leaves the access time alone where the system allows it', async () => {
    const old = new Date('2020-01-01T00:00:00Z');
    utimesSync(path, old, new Date('2021-01-01T00:00:00Z'));
    const source = await openFile(path);
    await source.read(0, 4096);
    await source.close?.();
    if (process.platform === 'linux') expect(statSync(path).atime).toEqual(old);
    expect(statSync(path).mtime.toISOString()).toBe('2021-01-01T00:00:00.000Z');
  });

  test('says what a missing path, a folder and a pipe are', async () => {
    expect(await errorOf(openFile(join(folder, 'missing.raw')))).toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: `${join(folder, 'missing.raw')} does not exist`,
    });
    expect((await errorOf(openFile(join(path, 'below-a-file')))).code).toBe('SOURCE_NOT_FOUND');
    expect(await errorOf(openFile(folder))).toMatchObject({
      code: 'SOURCE_NOT_READABLE',
      message: expect.stringContaining('a folder'),
    });
  });

  test.skipIf(process.getuid?.() !== 0)('tells someone without permission what to do', async () => {
    const secret = join(folder, 'secret.raw');
    writeFileSync(secret, 'x');
    chmodSync(secret, 0o000);
    chmodSync(folder, 0o755);
    process.seteuid?.('nobody');
    try {
      const error = await errorOf(openFile(secret));
      expect(error.code).toBe('SOURCE_DENIED');
      expect(error.message).toMatch(/may not be read by this user.*permissions/);
    } finally {
      process.seteuid?.(0);
    }
  });

  test('tells reading from writing', () => {
    const refused = Object.assign(new Error('refused'), { code: 'EACCES' });
    expect(openError('disk.raw', refused).message).toMatch(/^disk\.raw may not be read by this user/);
    expect(openError('disk.raw', refused, 'write')).toMatchObject({
      message: expect.stringMatching(/^disk\.raw may not be written by this user/),
      data: { access: 'write' },
    });
  });

  test('opens another user’s readable file, though its access time cannot be spared', async () => {
    if (process.getuid?.() !== 0) return;
    const readable = join(folder, 'readable.raw');
    writeFileSync(readable, 'hello');
    chmodSync(readable, 0o644);
    chmodSync(folder, 0o755);
    process.seteuid?.('nobody');
    try {
      const source = await openFile(readable);
      expect(Buffer.from(await source.read(0, 5)).toString()).toBe('hello');
      await source.close?.();
    } finally {
      process.seteuid?.(0);
    }
  });

  test('fails with its place when the file is shortened while open', async () => {
    const shrinking = join(folder, 'shrinking.raw');
    writeFileSync(shrinking, new Uint8Array(10_000));
    for (const options of [{}, { blockingReads: 0 }]) {
      writeFileSync(shrinking, new Uint8Array(10_000));
      const source = await openFile(shrinking, options);
      truncateSync(shrinking, 100);
      const error = await errorOf((async () => source.read(50, 1000))());
      expect(error).toMatchObject({
        code: 'READ_FAILED',
        message: expect.stringMatching(/at 100: the file ends there/),
      });
      expect(isTransportError(error)).toBe(true);
      await source.close?.();
    }
  });

  test('gives its own bytes to a read that was still running when it was closed', async () => {
    const first = join(folder, 'first.raw');
    const second = join(folder, 'second.raw');
    writeFileSync(first, new Uint8Array(4 << 20).fill(1));
    writeFileSync(second, new Uint8Array(4 << 20).fill(2));
    for (let round = 0; round < 20; round += 1) {
      const source = await openFile(first, { blockingReads: 0 });
      const reading = source.read(0, 4 << 20);
      await source.close?.();
      // The system gives the freed number to the next file that is opened.
      const other = openSync(second, 'r');
      const bytes = await reading;
      closeSync(other);
      expect(bytes.every((byte) => byte === 1)).toBe(true);
      await expect((async () => source.read(0, 1))()).rejects.toMatchObject({ code: 'SOURCE_CLOSED' });
    }
  });

  test('knows that the file changed since it was opened', async () => {
    const changing = join(folder, 'changing.raw');
    writeFileSync(changing, new Uint8Array(100));
    const source = (await openFile(changing)) as ByteSource & { changed(): boolean };
    expect(source.changed()).toBe(false);
    const handle = openSync(changing, 'r+');
    writeSync(handle, 'x', 10);
    closeSync(handle);
    utimesSync(changing, new Date(), new Date(Date.now() + 5000));
    expect(source.changed()).toBe(true);
    await source.close?.();
  });

  test('ends with the signal of the caller', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    for (const options of [{}, { blockingReads: 0 }]) {
      const source = await openFile(path, options);
      await expect((async () => source.read(0, 10, { signal }))()).rejects.toThrow('enough');
      await source.close?.();
    }
  });

  test('reads an empty file as an empty source', async () => {
    const empty = join(folder, 'empty.raw');
    writeFileSync(empty, '');
    const source = await openFile(empty);
    expect([source.size, (await source.read(0, 0)).length]).toEqual([0, 0]);
    await source.close?.();
  });

  describe.skipIf(!canMount)('of a block device', () => {
    test('finds size and sector size as blockdev does, and reads to the last byte', async () => {
      const image = join(folder, 'device.raw');
      const bytes = Uint8Array.from({ length: (1 << 20) + 4096 }, (_, i) => (i * 3) ^ (i >> 11));
      writeFileSync(image, bytes);
      for (const sector of [512, 4096]) {
        const device = run('losetup', ['--show', '-f', '-r', '-b', String(sector), image]).trim();
        try {
          const source = await openFile(device);
          expect([source.size, source.sectorSize]).toEqual([
            Number(run('blockdev', ['--getsize64', device])),
            Number(run('blockdev', ['--getss', device])),
          ]);
          expect(Buffer.compare(await source.read(source.size - 100, 100), bytes.subarray(bytes.length - 100))).toBe(0);
          await source.close?.();
        } finally {
          run('losetup', ['-d', device]);
        }
      }
    });
  });

  test('refuses a device without sectors', async () => {
    if (process.platform !== 'linux') return;
    expect(await errorOf(openFile('/dev/null'))).toMatchObject({ code: 'SOURCE_NOT_READABLE' });
  });
});

describe('fileSiblings', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'vm'));
  writeFileSync(join(folder, 'outside.raw'), 'outside');
  writeFileSync(join(folder, 'vm', 'disk.vmdk'), 'descriptor');
  writeFileSync(join(folder, 'vm', 'Disk-Flat.vmdk'), 'flat');
  symlinkSync('disk.vmdk', join(folder, 'vm', 'link.vmdk'));
  const siblings = fileSiblings(join(folder, 'vm', 'disk.vmdk'));

  test('opens a file beside the image, and one that differs in case', async () => {
    for (const name of ['Disk-Flat.vmdk', 'disk-flat.VMDK']) {
      const source = await siblings.open(name);
      expect(Buffer.from((await source?.read(0, 4)) ?? []).toString()).toBe('flat');
      await source?.close?.();
    }
  });

  test('never leaves the folder, however the name is written', async () => {
    for (const name of [
      '../outside.raw',
      '..\\outside.raw',
      join(folder, 'outside.raw'),
      'C:outside.raw',
      'C:\\outside.raw',
      '..',
      '.',
      '',
      'a\0b',
      'vm/../disk.vmdk',
      '\\\\host\\share\\x',
    ]) {
      expect([name, await siblings.open(name)]).toEqual([name, undefined]);
    }
  });

  test('answers undefined for a file that is not there', async () => {
    expect(await siblings.open('missing.vmdk')).toBeUndefined();
    expect(await fileSiblings(join(folder, 'no-such-folder', 'x')).open('y')).toBeUndefined();
  });

  test('lists the other files', async () => {
    expect((await siblings.list?.())?.sort((a, b) => (a < b ? -1 : 1))).toEqual(['Disk-Flat.vmdk', 'link.vmdk']);
    expect(readFileSync(join(folder, 'outside.raw'), 'utf8')).toBe('outside');
  });

  test('opens a link that stays in the folder, or in the one that the image itself links to', async () => {
    const source = await siblings.open('link.vmdk');
    expect(Buffer.from((await source?.read(0, 4)) ?? []).toString()).toBe('desc');
    await source?.close?.();
    mkdirSync(join(folder, 'shelf'));
    for (const name of ['disk.vmdk', 'Disk-Flat.vmdk'])
      symlinkSync(join(folder, 'vm', name), join(folder, 'shelf', name));
    const shelf = await fileSiblings(join(folder, 'shelf', 'disk.vmdk')).open('Disk-Flat.vmdk');
    expect(Buffer.from((await shelf?.read(0, 4)) ?? []).toString()).toBe('flat');
    await shelf?.close?.();
  });

  test('refuses links out of the folder, by whatever way, and anything that is no file', async () => {
    const vm = join(folder, 'vm');
    const sibling = `${vm}-other`;
    mkdirSync(sibling);
    writeFileSync(join(sibling, 'x'), 'x');
    const links: [name: string, target: string][] = [
      ['absolute', join(folder, 'outside.raw')],
      ['relative', '../outside.raw'],
      ['folder-with-the-same-beginning', join(sibling, 'x')],
      ['device', '/dev/zero'],
      ['twice', 'absolute'],
      ['folder', '.'],
    ];
    for (const [name, target] of links) symlinkSync(target, join(vm, name));
    symlinkSync('nowhere', join(vm, 'dangling'));
    mkdirSync(join(vm, 'real-folder'));
    run('mkfifo', [join(vm, 'pipe')]);
    for (const name of [...links.map(([link]) => link), 'real-folder', 'pipe', 'ABSOLUTE']) {
      const error = await errorOf(siblings.open(name));
      expect([name, error.code]).toEqual([name, 'SIBLING_REFUSED']);
      expect(isTransportError(error)).toBe(true);
    }
    expect(await siblings.open('dangling')).toBeUndefined();
  });
});
