import { type ByteSource, MemorySource, transportFailed } from '@deadbox/core';
import { openImage, type VirtualDisk } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { parentLocatorPath } from '../../../packages/image/src/vhd/header.js';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import { vhdFooter, writeVhd } from '../../support/image/vhd-writer.js';

const PARENT = 'AAAAAAAA-1111-2222-3333-444444444444';
const BLOCK = 64 * 1024;
/** Where parent locators stand in the file: byte 576 of the dynamic disk header at byte 512. */
const LOCATORS = 512 + 576;

const base = writeVhd({
  type: 'dynamic',
  size: BLOCK,
  blockSize: BLOCK,
  uuid: PARENT,
  blocks: new Map([[0, { data: new Uint8Array(BLOCK).fill(7) }]]),
});
const child = (locators: { platform: string; path: string }[], name = ''): Uint8Array<ArrayBuffer> =>
  writeVhd({
    type: 'differencing',
    size: BLOCK,
    blockSize: BLOCK,
    uuid: 'BBBBBBBB-1111-2222-3333-444444444444',
    blocks: new Map(),
    parent: { uuid: PARENT, name, locators },
  });
const open = (bytes: Uint8Array<ArrayBuffer>): Promise<VirtualDisk> =>
  new MemoryFiles({ 'child.vhd': bytes, 'base.vhd': base }).image('child.vhd');

describe('the parent of a VHD', () => {
  test.each([
    ['W2ru', '.\\base.vhd'],
    ['W2ku', 'C:\\VMs\\base.vhd'],
    ['MacX', 'file:///vm/base.vhd'],
    ['Wi2r', '.\\base.vhd'],
    ['Wi2k', 'C:\\VMs\\base.vhd'],
  ])('is found by a path in the notation %s', async (platform, path) => {
    const disk = await open(child([{ platform, path }]));
    expect([await disk.read(0, 2), disk.issues.filter(({ code }) => code === 'image.parent-path-ignored')]).toEqual([
      Uint8Array.of(7, 7),
      [],
    ]);
  });

  test('is named in the code page of Windows, where the path has one byte a character', () => {
    expect(parentLocatorPath('Wi2k', Uint8Array.of(0x80, 0x5c, 0xfc, 0, 0x41))).toBe('€\\ü');
    expect(parentLocatorPath('Mac ', Uint8Array.of(1, 2))).toBeUndefined();
  });

  test.each<[string, number]>([
    ['just behind the file', 0],
    ['far behind the file', 2 ** 40],
  ])('is found by the other paths where one lies %s', async (_, far) => {
    const bytes = child([
      { platform: 'W2ru', path: '.\\base.vhd' },
      { platform: 'W2ku', path: 'C:\\VMs\\base.vhd' },
    ]);
    new DataView(bytes.buffer).setBigUint64(LOCATORS + 24 + 16, BigInt(bytes.length + far));
    const disk = await open(bytes);
    expect(disk.issues.map(({ code, data }) => [code, data.platform])).toContainEqual([
      'image.parent-path-ignored',
      'W2ku',
    ]);
    expect(disk.parents).toHaveLength(1);
  });

  test('is not looked for when a server fails to deliver its path', async () => {
    const bytes = child([{ platform: 'W2ru', path: '.\\base.vhd' }]);
    const far = new Uint8Array(100_000 + bytes.length);
    far.set(bytes.subarray(0, -512));
    far.set(bytes.subarray(-512), far.length - 512);
    new DataView(far.buffer).setBigUint64(LOCATORS + 16, 50_000n);
    const server: ByteSource = {
      size: far.length,
      read(offset, length) {
        if (offset === 50_000) throw transportFailed('network', 'http://server', { offset, length }, 'HTTP 503');
        return far.slice(offset, offset + length);
      },
    };
    expect(await errorOf(openImage(server, { name: 'child.vhd' }))).toMatchObject({ code: 'READ_FAILED' });
  });
});

test('a fixed VHD may be a disk without a byte', async () => {
  const disk = await openImage(new MemorySource(vhdFooter(2, 0, PARENT, undefined)), { name: 'empty.vhd' });
  expect([disk.format, disk.size, disk.variant]).toEqual(['vhd', 0, 'fixed']);
});
