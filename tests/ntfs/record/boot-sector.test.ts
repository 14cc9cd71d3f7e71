import type { Bytes } from '@deadbox/core';
import { parseBootSector } from '@deadbox/ntfs';
import { describe, expect, test } from 'vitest';
import { viewOf, windowsVolume } from '../../support/ntfs/volume-bytes.js';

describe('parseBootSector', () => {
  const boot = (edit: (view: DataView) => void): Bytes => {
    const bytes = windowsVolume().slice(0, 512);
    edit(viewOf(bytes));
    return bytes;
  };
  // Codes that mkntfs writes for these sizes.
  test.each([
    [512, 0x80, 65_536],
    [512, 0xf8, 131_072],
    [512, 0xf5, 1 << 20],
    [512, 0xf4, 2 << 20],
    [4096, 0xf7, 2 << 20],
    [512, 1, 512],
  ])('reads sectors of %i with code %i as clusters of %i bytes', (sector, code, cluster) => {
    const geometry = parseBootSector(
      boot((view) => {
        view.setUint16(0x0b, sector, true);
        view.setUint8(0x0d, code);
        view.setBigUint64(0x28, 1n << 30n, true);
        view.setInt8(0x40, sector === 4096 ? -12 : -10);
        view.setInt8(0x44, -12);
      }),
    );
    expect(geometry.clusterSize).toBe(cluster);
  });

  test.each([
    [0xf6, 1024],
    [0xf4, 4096],
    [1, 4096],
    [2, 8192],
  ])('reads record size code %i as %i bytes on clusters of 4096', (code, size) => {
    expect(parseBootSector(boot((view) => view.setUint8(0x40, code))).recordSize).toBe(size);
  });

  test.each([
    ['code 0xDF', 0x0d, 0xdf],
    ['3 sectors', 0x0d, 3],
    ['clusters of 4 MiB', 0x0d, 0xf3],
    ['record size code 0x80', 0x40, 0x80],
    ['records of 2^31 bytes', 0x40, 0xe1],
    ['records of 127 clusters', 0x40, 0x7f],
  ])('refuses %s', (_, at, value) => {
    expect(() => parseBootSector(boot((view) => view.setUint8(at, value)))).toThrow(
      expect.objectContaining({ code: 'NTFS_BOOT_SECTOR_INVALID', at: expect.objectContaining({ offset: at }) }),
    );
  });

  test('leaves an impossible index block size alone: each index carries its own', () => {
    expect(parseBootSector(boot((view) => view.setUint8(0x44, 0))).indexBlockSize).toBe(0);
  });

  test('names another file system', () => {
    for (const [text, found] of [
      ['EXFAT   ', 'an exFAT volume'],
      ['ReFS\0\0\0\0', 'a ReFS volume'],
      ['-FVE-FS-', 'a BitLocker volume'],
    ] as const) {
      const bytes = boot(() => undefined);
      bytes.set(new TextEncoder().encode(text), 3);
      expect(() => parseBootSector(bytes)).toThrow(expect.objectContaining({ code: 'NTFS_NOT_NTFS', data: { found } }));
    }
  });
});
