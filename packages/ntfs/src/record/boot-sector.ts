import { asciiText, type Bytes, Cursor, type Field, hasAscii, isZero, type Structure, structure } from '@deadbox/core';
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
  /**
   * Bytes in an index block, as the boot sector says, 0 when that cannot be; each index carries its own size, which
   * counts.
   */
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

export const BOOT_SECTOR_FIELDS = {
  jump: [0x00, 'bytes[3]', 'Jump to the boot code'],
  signature: [0x03, 'ascii[8]', '"NTFS    "'],
  bytesPerSector: [0x0b, 'u16', 'Bytes in a sector'],
  sectorsPerCluster: [0x0d, 'u8', 'Sectors in a cluster: up to 0x80 the number itself, above it 2^(256 - code)'],
  mediaType: [0x15, 'u8', '0xF8 for a fixed disk'],
  sectorsPerTrack: [0x18, 'u16', 'For BIOS calls'],
  heads: [0x1a, 'u16', 'For BIOS calls'],
  hiddenSectors: [0x1c, 'u32', 'Sectors before the volume when it was formatted'],
  totalSectors: [0x28, 'u64', 'Sectors of the file system; the backup of this sector follows them'],
  mftLcn: [0x30, 'u64', 'First cluster of $MFT'],
  mftMirrorLcn: [0x38, 'u64', 'First cluster of $MFTMirr'],
  recordSize: [0x40, 'i8', 'Size of a file record: above 0 in clusters, below 0 2^-code bytes'],
  indexBlockSize: [0x44, 'i8', 'Size of an index block, coded likewise; $INDEX_ROOT counts'],
  serialNumber: [0x48, 'u64big', 'Volume serial number; `vol` shows its low half'],
  checksum: [0x50, 'u32', 'Not used'],
  bootSignature: [0x1fe, 'u16', '0xAA55; needed by firmware, not by NTFS'],
} as const;
/** The first 512 bytes of an NTFS volume, and their backup. */
export const NTFS_BOOT_SECTOR: Structure<typeof BOOT_SECTOR_FIELDS> = structure(
  'ntfs-boot-sector',
  'libfsntfs; ntfs-3g bootsect.c',
  BOOT_SECTOR_FIELDS,
);

/**
 * Parses the first 512 bytes of an NTFS volume (or their backup), see {@link NTFS_BOOT_SECTOR}.
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
  const { fields } = NTFS_BOOT_SECTOR;
  const wrong = (field: Field, words: string, expected: string): Error =>
    invalid(offset + field.offset, words, expected, Number(field.read(boot)));
  const bytesPerSector = fields.bytesPerSector.read(boot);
  if (!isPowerOfTwo(bytesPerSector) || bytesPerSector < 256 || bytesPerSector > 4096)
    throw wrong(fields.bytesPerSector, 'bytes per sector', 'a power of two from 256 to 4096');
  const sectorsPerCluster = clusterSectors(fields.sectorsPerCluster.read(boot));
  const clusterSize = sectorsPerCluster * bytesPerSector;
  if (sectorsPerCluster === 0 || clusterSize > MAX_CLUSTER_SIZE)
    throw wrong(
      fields.sectorsPerCluster,
      'sectors per cluster code',
      `a code for clusters of up to ${MAX_CLUSTER_SIZE} bytes`,
    );
  const totalSectors = boot.u64Number(fields.totalSectors.offset);
  const totalClusters = Math.floor(totalSectors / sectorsPerCluster);
  if (totalClusters === 0 || totalSectors * bytesPerSector > MAX_SAFE_SIZE)
    throw invalid(
      offset + fields.totalSectors.offset,
      'total sectors',
      'at least one cluster and less than 2^53 bytes',
      totalSectors,
    );
  const mftLcn = boot.u64Number(fields.mftLcn.offset);
  if (mftLcn === 0 || mftLcn >= totalClusters)
    throw invalid(offset + fields.mftLcn.offset, 'LCN of $MFT', `1 to ${totalClusters - 1}`, mftLcn);
  const recordSize = codedSize(fields.recordSize.read(boot), clusterSize);
  if (!isRecordSize(recordSize))
    throw wrong(
      fields.recordSize,
      'file record size code',
      `a code for ${MIN_RECORD_SIZE} to ${MAX_RECORD_SIZE} bytes`,
    );
  const indexBlockSize = codedSize(fields.indexBlockSize.read(boot), clusterSize);
  return {
    bytesPerSector,
    sectorsPerCluster,
    clusterSize,
    recordSize,
    indexBlockSize: isRecordSize(indexBlockSize) ? indexBlockSize : 0,
    totalSectors,
    totalClusters,
    mftLcn,
    mftMirrorLcn: boot.u64Number(fields.mftMirrorLcn.offset),
    serialNumber: fields.serialNumber.read(boot),
    hiddenSectors: fields.hiddenSectors.read(boot),
    bootSignature: fields.bootSignature.read(boot) === 0xaa55,
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
