import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '@deadbox/core/node';
import { beforeEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../support/tools.js';

/** How libuv behaves on a device of Windows: it opens and reads whole sectors, and cannot be asked what it is. */
const device = vi.hoisted(() => ({
  file: '',
  sector: 512,
  bad: new Set<number>(),
  pastEnd: 'end' as string,
  handles: new Set<number>(),
}));

function failure(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const isDevice = (path: unknown): boolean => typeof path === 'string' && /^\\\\[.?]\\/.test(path);
  return {
    ...fs,
    openSync: (path: string, ...rest: [number]) => {
      const handle = fs.openSync(isDevice(path) ? device.file : path, ...rest);
      if (isDevice(path)) device.handles.add(handle);
      return handle;
    },
    fstatSync: (handle: number, options: { bigint: true }) => {
      if (device.handles.has(handle)) throw failure('EISDIR', 'illegal operation on a directory, fstat');
      return fs.fstatSync(handle, options);
    },
    closeSync: (handle: number) => {
      device.handles.delete(handle);
      fs.closeSync(handle);
    },
    readSync: (handle: number, target: Uint8Array, at: number, length: number, offset: number) => {
      if (!device.handles.has(handle)) return fs.readSync(handle, target, at, length, offset);
      if (offset % device.sector !== 0 || length % device.sector !== 0)
        throw failure('EINVAL', 'invalid argument, read');
      for (let sector = offset; sector < offset + length; sector += 512)
        if (device.bad.has(sector)) throw failure('EIO', 'i/o error, read');
      const count = fs.readSync(handle, target, at, length, offset);
      if (count === 0 && device.pastEnd !== 'end') throw failure(device.pastEnd, 'read');
      return count;
    },
  };
});

const folder = temporaryFolder();
const content = Uint8Array.from({ length: 1_000_448 }, (_, at) => (at * 31) ^ (at >> 7));

beforeEach(() => {
  device.file = join(folder, 'device');
  device.sector = 512;
  device.pastEnd = 'end';
  device.bad.clear();
  writeFileSync(device.file, content);
});

test.each(['\\\\.\\PhysicalDrive1', '\\\\.\\D:', '\\\\?\\D:', '\\\\?\\Volume{0b1c…}'])(
  '%s is measured by reading, though it cannot be asked',
  async (path) => {
    const source = await openFile(path);
    expect([source.size, source.size % 512]).toEqual([1_000_448, 0]);
    expect(Buffer.compare(await source.read(700, 4000), content.subarray(700, 4700))).toBe(0);
    await source.close?.();
    expect(device.handles.size).toBe(0);
  },
);

test.each(['EINVAL', 'UNKNOWN', 'EIO'])('a device whose end is %s has the same size', async (code) => {
  device.pastEnd = code;
  const source = await openFile('\\\\.\\PhysicalDrive1');
  expect(source.size).toBe(1_000_448);
  await source.close?.();
});

test('a device of 4096-byte sectors is only asked for such', async () => {
  device.sector = 4096;
  writeFileSync(device.file, content.subarray(0, 999_424));
  const source = await openFile('\\\\.\\PhysicalDrive1');
  expect(source.size).toBe(999_424);
  expect(Buffer.compare(await source.read(1, 5), content.subarray(1, 6))).toBe(0);
  await source.close?.();
});

test('a bad sector where the search looks is not the end of the device', async () => {
  for (let at = 0; at < 16; at += 1) device.bad.add(524_288 + at * 512);
  const source = await openFile('\\\\.\\PhysicalDrive1');
  expect(source.size).toBe(1_000_448);
  expect(() => source.read(524_288, 512)).toThrow(expect.objectContaining({ code: 'READ_FAILED' }));
  await source.close?.();
});

test('an empty drive says that it has no medium', async () => {
  const handle = openSync(device.file, 'r+');
  ftruncateSync(handle, 0);
  closeSync(handle);
  await expect(openFile('\\\\.\\E:')).rejects.toMatchObject({ code: 'SOURCE_NOT_READABLE' });
  expect(device.handles.size).toBe(0);
});

test('a file with an ordinary path is still asked', async () => {
  const source = await openFile(device.file);
  expect(source.size).toBe(1_000_448);
  await source.close?.();
});
