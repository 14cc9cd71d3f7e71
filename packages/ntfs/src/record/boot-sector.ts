import { asciiText, type Bytes, Cursor, hasAscii, isZero } from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { MAX_CLUSTER_SIZE, MAX_RECORD_SIZE, MAX_SAFE_SIZE, MIN_RECORD_SIZE } from '../limits.js';

/** Bytes of a boot sector that carry its fields; it may lie in a larger sector. */
export const BOOT_SECTOR_SIZE = 512;

/** What an NTFS boot sector says about the volume. */
export interface NtfsGeometry {
  /** 256 (mkntfs only), 512, 1024, 2048 or 4096. */
  readonly bytesPerSector: number;
  /** Sectors in a cluster. */
  readonly sectorsPerCluster: number;
  /** Bytes in a cluster, at most 2 MiB. */
  readonly clusterSize: number;
  /** Bytes in a file record. */
  readonly recordSize: number;
  /** Bytes in an index block, as the boot sector says, 0 when that cannot be; each index carries its own size, which counts. */
  readonly indexBlockSize: number;
  /** Sectors of the file system; the backup boot sector follows them. */
  readonly totalSectors: number;
  /** Whole clusters; a last part of one is unusable. */
  readonly totalClusters: number;
  /** First cluster of `$MFT`. */
  readonly mftLcn: number;
  /** First cluster of `$MFTMirr`. */
  readonly mftMirrorLcn: number;
  /** 64-bit volume serial; `vol` shows its low half. */
  readonly serialNumber: bigint;
  /** Sectors before the volume when Windows formatted it: a hint. */
  readonly hiddenSectors: number;
  /** Whether 55 AA ends the sector; NTFS does not need it, a PC's firmware does. */
  readonly bootSignature: boolean;
}

/**
 * Parses the first 512 bytes of an NTFS volume (or their backup). Source: libfsntfs, ntfs-3g bootsect.c.
 *
 * | off | size | meaning |
 * |---|---|---|
 * | 0x03 | 8 | `NTFS    ` |
 * | 0x0B | u16 | bytes per sector |
 * | 0x0D | u8 | sectors per cluster: up to 0x80 the number itself, above 2^(256 - code) |
 * | 0x1C | u32 | hidden sectors |
 * | 0x28 | u64 | total sectors |
 * | 0x30 | u64 | LCN of $MFT |
 * | 0x38 | u64 | LCN of $MFTMirr |
 * | 0x40 | i8 | record size: > 0 clusters, < 0 2^-code bytes |
 * | 0x44 | i8 | index block size, likewise |
 * | 0x48 | u64 | serial number |
 * | 0x1FE | 2 | 55 AA |
 *
 * @param offset - where the bytes stand on the volume, for messages
 * @throws DeadboxError `NTFS_NOT_NTFS`, `NTFS_BOOT_SECTOR_INVALID`
 */
export function parseBootSector(bytes: Bytes, offset = 0): NtfsGeometry {
  const boot = new Cursor(bytes, 'volume', offset);
  if (bytes.length < BOOT_SECTOR_SIZE)
    throw invalid(offset, 'length', `at least ${BOOT_SECTOR_SIZE} bytes`, bytes.length);
  if (!hasAscii(bytes, 3, 'NTFS    ')) {
    const found = describeBootSector(bytes);
    throw ntfsError(
      'NTFS_NOT_NTFS',
      `No NTFS boot sector at ${offset} of the volume: expected "NTFS    " at byte 3, found ${found}`,
      { offset: offset + 3 },
      { found },
    );
  }
  const bytesPerSector = boot.u16(0x0b);
  if (!isPowerOfTwo(bytesPerSector) || bytesPerSector < 256 || bytesPerSector > 4096) {
    throw invalid(offset + 0x0b, 'bytes per sector', 'a power of two from 256 to 4096', bytesPerSector);
  }
  const sectorsPerCluster = clusterSectors(boot.u8(0x0d));
  const clusterSize = sectorsPerCluster * bytesPerSector;
  if (sectorsPerCluster === 0 || clusterSize > MAX_CLUSTER_SIZE) {
    throw invalid(
      offset + 0x0d,
      'sectors per cluster code',
      `a code for clusters of up to ${MAX_CLUSTER_SIZE} bytes`,
      boot.u8(0x0d),
    );
  }
  const totalSectors = boot.u64Number(0x28);
  const totalClusters = Math.floor(totalSectors / sectorsPerCluster);
  if (totalClusters === 0 || totalSectors * bytesPerSector > MAX_SAFE_SIZE) {
    throw invalid(offset + 0x28, 'total sectors', 'at least one cluster and less than 2^53 bytes', totalSectors);
  }
  const mftLcn = boot.u64Number(0x30);
  if (mftLcn === 0 || mftLcn >= totalClusters)
    throw invalid(offset + 0x30, 'LCN of $MFT', `1 to ${totalClusters - 1}`, mftLcn);
  return {
    bytesPerSector,
    sectorsPerCluster,
    clusterSize,
    recordSize: recordBytes(boot, 0x40, clusterSize, 'file record size code'),
    indexBlockSize: isRecordSize(codedSize(boot.i8(0x44), clusterSize)) ? codedSize(boot.i8(0x44), clusterSize) : 0,
    totalSectors,
    totalClusters,
    mftLcn,
    mftMirrorLcn: boot.u64Number(0x38),
    serialNumber: boot.u64(0x48),
    hiddenSectors: boot.u32(0x1c),
    bootSignature: boot.u16(0x1fe) === 0xaa55,
  };
}

/** What stands where a boot sector should: the name of another file system, or a short description. */
export function describeBootSector(bytes: Uint8Array): string {
  if (isZero(bytes.subarray(0, BOOT_SECTOR_SIZE))) return 'only zeros';
  if (hasAscii(bytes, 3, '-FVE-FS-')) return 'a BitLocker volume';
  if (hasAscii(bytes, 3, 'ReFS\0\0\0\0')) return 'a ReFS volume';
  if (hasAscii(bytes, 3, 'EXFAT   ')) return 'an exFAT volume';
  if (hasAscii(bytes, 0x36, 'FAT1') || hasAscii(bytes, 0x52, 'FAT32')) return 'a FAT volume';
  return `"${asciiText(bytes, 3, 8)}"`;
}

function clusterSectors(code: number): number {
  if (code <= 0x80) return isPowerOfTwo(code) ? code : 0;
  return code >= 0xe0 ? 2 ** (256 - code) : 0;
}

function recordBytes(boot: Cursor, offset: number, clusterSize: number, field: string): number {
  const code = boot.i8(offset);
  const size = codedSize(code, clusterSize);
  if (!isRecordSize(size))
    throw invalid(boot.at(offset).offset, field, `a code for ${MIN_RECORD_SIZE} to ${MAX_RECORD_SIZE} bytes`, code);
  return size;
}

function codedSize(code: number, clusterSize: number): number {
  return code > 0 ? code * clusterSize : code === 0 ? 0 : 2 ** -code;
}

function isRecordSize(size: number): boolean {
  return size >= MIN_RECORD_SIZE && size <= MAX_RECORD_SIZE && size % MIN_RECORD_SIZE === 0;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}

function invalid(offset: number, field: string, expected: string, found: number): Error {
  return ntfsError(
    'NTFS_BOOT_SECTOR_INVALID',
    `NTFS boot sector: ${field} at ${offset} of the volume is ${found}, expected ${expected}`,
    { offset },
    { field, expected, found },
  );
}
