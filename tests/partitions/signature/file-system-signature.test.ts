import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CountingSource, MemorySource } from '@deadbox/core';
import { recogniseFileSystem } from '@deadbox/partitions';
import { recogniseInHead } from '@deadbox/partitions/internals';
import { describe, expect, test } from 'vitest';
import { canMount, hasTool, run, temporaryFolder } from '../../support/tools.js';

const MIB = 1 << 20;

describe('file systems made by their own tools', () => {
  const folder = temporaryFolder();
  const makers: [string, string, string[], number][] = [
    ['ntfs', 'mkntfs', ['-F', '-f', '-q'], 4],
    ['exfat', 'mkfs.exfat', [], 8],
    ['fat12', 'mkfs.vfat', ['-F', '12'], 4],
    ['fat16', 'mkfs.vfat', ['-F', '16'], 32],
    ['fat32', 'mkfs.vfat', ['-F', '32'], 64],
    ['ext2', 'mkfs.ext2', ['-q', '-F'], 4],
    ['ext3', 'mkfs.ext3', ['-q', '-F'], 8],
    ['ext4', 'mkfs.ext4', ['-q', '-F'], 8],
    ['swap', 'mkswap', ['-q'], 4],
    ['xfs', 'mkfs.xfs', ['-q'], 320],
    ['btrfs', 'mkfs.btrfs', ['-q'], 128],
  ];
  for (const [name, tool, args, mib] of makers) {
    test.skipIf(!hasTool(tool))(`are recognised: ${name}`, async () => {
      const path = join(folder, name);
      writeFileSync(path, '');
      truncateSync(path, mib * MIB);
      run(tool, [...args, path]);
      const volume = new MemorySource(new Uint8Array(readFileSync(path)));
      const found = await recogniseFileSystem(volume.read(0, 65536), volume);
      expect(found?.name).toBe(name);
    });
  }

  // Its maker takes block devices only.
  test.skipIf(!hasTool('pvcreate') || !canMount)('are recognised: lvm2', async () => {
    const path = join(folder, 'lvm2');
    writeFileSync(path, '');
    truncateSync(path, 8 * MIB);
    const device = run('losetup', ['--show', '-f', path]).trim();
    try {
      run('pvcreate', ['-q', '--config', 'activation{udev_sync=0 udev_rules=0}', device]);
    } finally {
      run('losetup', ['-d', device]);
    }
    const volume = new MemorySource(new Uint8Array(readFileSync(path)));
    const found = await recogniseFileSystem(volume.read(0, 65536), volume);
    expect(found?.name).toBe('lvm2');
  });

  test.skipIf(!hasTool('cryptsetup'))('leave LUKS to the encryption detectors', async () => {
    const path = join(folder, 'luks');
    writeFileSync(path, '');
    truncateSync(path, 20 * MIB);
    run('cryptsetup', ['luksFormat', '-q', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000', path, '-'], {
      input: 'secret',
    });
    const volume = new MemorySource(new Uint8Array(readFileSync(path)));
    expect(await recogniseFileSystem(volume.read(0, 65536), volume)).toBeUndefined();
  });
});

describe('signatures', () => {
  test('outside the head are read only when asked for', async () => {
    const bytes = new Uint8Array(4 * MIB);
    bytes.set(new TextEncoder().encode('_BHRfS_M'), 0x10040);
    const counting = new CountingSource(new MemorySource(bytes));
    const head = bytes.subarray(0, 4096);
    expect(await recogniseFileSystem(head, counting, { far: false })).toBeUndefined();
    expect(counting.reads).toBe(0);
    expect(await recogniseFileSystem(head, counting)).toEqual({ name: 'btrfs', offset: 0x10040, length: 8 });
  });

  test('of Linux RAID are found at the end', async () => {
    const bytes = new Uint8Array(4 * MIB + 512);
    bytes.set([0xfc, 0x4e, 0x2b, 0xa9], 4 * MIB - 8192);
    const volume = new MemorySource(bytes);
    expect(await recogniseFileSystem(bytes.subarray(0, 65536), volume)).toMatchObject({
      name: 'mdraid',
      offset: 4 * MIB - 8192,
    });
  });

  test('are not seen in zeros, text or short heads', () => {
    expect(recogniseInHead(new Uint8Array(65536))).toBeUndefined();
    expect(recogniseInHead(new Uint8Array(512).fill(0x20))).toBeUndefined();
    expect(recogniseInHead(new Uint8Array(10))).toBeUndefined();
    expect(recogniseInHead(new Uint8Array(0))).toBeUndefined();
  });

  test('of ReFS and Storage Spaces stand at their documented places', () => {
    const refs = new Uint8Array(512);
    refs.set(new TextEncoder().encode('ReFS\0\0\0\0'), 3);
    expect(recogniseInHead(refs)?.name).toBe('refs');
    const spaces = new Uint8Array(512);
    spaces.set(new TextEncoder().encode('SPACEDB '));
    expect(recogniseInHead(spaces)?.name).toBe('storage-spaces');
  });
});
