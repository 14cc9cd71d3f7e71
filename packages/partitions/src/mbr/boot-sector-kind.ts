import { type Bytes, hasAscii } from '@deadbox/core';

/**
 * Whether `sector` is the boot sector of a volume. An MBR and a boot sector both end in 55 AA, so a disk without a
 * partition table is told from one with an MBR by the fields that only a volume has: the OEM name, or a BIOS parameter
 * block that holds together.
 * @param sector - at least 512 bytes from the start of the disk
 */
export function isVolumeBootSector(sector: Bytes): boolean {
  if (sector.length < 512) return false;
  const names = ['NTFS    ', 'EXFAT   ', '-FVE-FS-', 'ReFS\0\0\0\0'];
  return names.some((name) => hasAscii(sector, 3, name)) || hasFatParameterBlock(sector);
}

/**
 * Whether the FAT BIOS parameter block holds together (Microsoft FAT specification, section 3.1): jump, a sector size
 * of 512–4096, a power of two of sectors a cluster, reserved sectors, one or two FATs, a media byte from F0 on, and a
 * sector count.
 */
export function hasFatParameterBlock(sector: Bytes): boolean {
  if (sector.length < 512) return false;
  const view = new DataView(sector.buffer, sector.byteOffset, sector.length);
  const jump = view.getUint8(0);
  if (jump !== 0xeb && jump !== 0xe9) return false;
  const sectorSize = view.getUint16(0x0b, true);
  if (![512, 1024, 2048, 4096].includes(sectorSize)) return false;
  const perCluster = view.getUint8(0x0d);
  if (perCluster === 0 || (perCluster & (perCluster - 1)) !== 0) return false;
  const fats = view.getUint8(0x10);
  const media = view.getUint8(0x15);
  if (view.getUint16(0x0e, true) === 0 || fats < 1 || fats > 2 || (media !== 0xf0 && media < 0xf8)) return false;
  const sectors = view.getUint16(0x13, true) || view.getUint32(0x20, true);
  const fatSectors = view.getUint16(0x16, true) || view.getUint32(0x24, true);
  return sectors > 0 && fatSectors > 0;
}
