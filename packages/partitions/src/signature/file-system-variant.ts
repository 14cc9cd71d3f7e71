import { type Bytes, Cursor } from '@deadbox/core';

/**
 * `fat12`, `fat16` or `fat32` by the count of clusters, which alone decides (Microsoft FAT specification, section 3.5:
 * below 4085 FAT12, below 65525 FAT16); a FAT32 parameter block is told by its zero 16-bit FAT size.
 * @param sector - a boot sector whose parameter block holds together
 */
export function fatName(sector: Bytes): 'fat12' | 'fat16' | 'fat32' {
  const cursor = new Cursor(sector, 'boot sector');
  const sectorSize = cursor.u16(0x0b);
  const fatSectors = cursor.u16(0x16);
  if (fatSectors === 0) return 'fat32';
  const rootSectors = Math.ceil((cursor.u16(0x11) * 32) / sectorSize);
  const sectors = cursor.u16(0x13) || cursor.u32(0x20);
  const dataSectors = sectors - cursor.u16(0x0e) - cursor.u8(0x10) * fatSectors - rootSectors;
  return dataSectors / cursor.u8(0x0d) < 4085 ? 'fat12' : 'fat16';
}

/*
 * ext superblock at byte 1024 (kernel documentation, ext4 "Super Block"): 0x38 u16 magic 0xEF53, 0x5C u32 compatible
 * features, 0x60 u32 incompatible, 0x64 u32 read-only compatible. ext2 has no journal; ext3 has one and knows only the
 * features listed here.
 */
const HAS_JOURNAL = 0x4;
const EXT3_INCOMPATIBLE = 0x2 | 0x4 | 0x10;
const EXT3_READ_ONLY = 0x1 | 0x2 | 0x4;

/** `ext2`, `ext3` or `ext4`; `undefined` without the superblock's magic. */
export function extName(head: Bytes): 'ext2' | 'ext3' | 'ext4' | undefined {
  if (head.length < 0x468) return undefined;
  const cursor = new Cursor(head, 'superblock').sub(0x400, 0x68);
  if (cursor.u16(0x38) !== 0xef53) return undefined;
  const newer = (cursor.u32(0x60) & ~EXT3_INCOMPATIBLE) !== 0 || (cursor.u32(0x64) & ~EXT3_READ_ONLY) !== 0;
  if (newer) return 'ext4';
  return (cursor.u32(0x5c) & HAS_JOURNAL) === 0 ? 'ext2' : 'ext3';
}
