import { type ByteSource, type Bytes, hasAscii, type ReadOptions, unlessDamaged } from '@deadbox/core';
import { hasFatParameterBlock } from '../mbr/boot-sector-kind.js';
import { extName, fatName } from './file-system-variant.js';

/** A file system, or the mark of a volume manager's member. */
export type FileSystemName =
  | 'ntfs'
  | 'refs'
  | 'exfat'
  | 'fat12'
  | 'fat16'
  | 'fat32'
  | 'ext2'
  | 'ext3'
  | 'ext4'
  | 'xfs'
  | 'btrfs'
  | 'f2fs'
  | 'reiserfs'
  | 'apfs'
  | 'hfs'
  | 'hfs+'
  | 'iso9660'
  | 'udf'
  | 'squashfs'
  | 'swap'
  | 'lvm2'
  | 'mdraid'
  | 'zfs'
  | 'vmfs'
  | 'vmfs-member'
  | 'storage-spaces';

/** A file system, or a volume manager's member, told by its signature. */
export interface FileSystemSignature {
  readonly name: FileSystemName;
  /** Byte offset of the signature in the volume. */
  readonly offset: number;
  /** Its length in bytes. */
  readonly length: number;
}

/** Options of {@link recogniseFileSystem}. */
export interface RecogniseOptions extends ReadOptions {
  /** Also look at places outside the head (32–64 KiB, 1 and 2 MiB, the end), one small read each; default true. */
  readonly far?: boolean;
}

interface Mark extends Pick<FileSystemSignature, 'name' | 'offset'> {
  /** Bytes as Latin-1 text. */
  readonly magic: string;
}

const known = (name: FileSystemName, offset: number, magic: string): Mark => ({ name, offset, magic });
const raid = (offset: number): Mark => known('mdraid', offset, '\xfc\x4e\x2b\xa9');

/*
 * Sources: reference of each file system, as collected by util-linux libblkid (superblocks/*.c) and file(1).
 * Most specific first: an LVM or RAID member may still hold an old file system's superblock.
 */
const MARKS: readonly Mark[] = [
  known('ntfs', 3, 'NTFS    '),
  known('exfat', 3, 'EXFAT   '),
  known('refs', 3, 'ReFS\0\0\0\0'),
  known('storage-spaces', 0, 'SPACEDB '),
  ...[0, 512, 1024, 1536].map((sector) => known('lvm2', sector, 'LABELONE')),
  raid(4096),
  raid(0),
  known('xfs', 0, 'XFSB'),
  known('apfs', 32, 'NXSB'),
  known('squashfs', 0, 'hsqs'),
  known('hfs+', 1024, 'H+\0\x04'),
  known('hfs+', 1024, 'HX\0\x05'),
  known('hfs', 1024, 'BD'),
  known('f2fs', 1024, '\x10\x20\xf5\xf2'),
  known('swap', 4086, 'SWAPSPACE2'),
  known('swap', 65526, 'SWAPSPACE2'),
  known('vmfs', 0x20_0000, '\x5e\xf1\xab\x2f'),
  known('vmfs-member', 0x10_0000, '\x0d\xd0\x01\xc0'),
  known('btrfs', 0x1_0040, '_BHRfS_M'),
  known('reiserfs', 0x1_0034, 'ReIsEr'),
  known('iso9660', 0x8001, 'CD001'),
  known('udf', 0x8001, 'BEA01'),
  // The array of uberblocks of the first ZFS label, 1 KiB each from 128 KiB on; little- and big-endian.
  known('zfs', 0x2_0000, '\x0c\xb1\xba\x00'),
  known('zfs', 0x2_0000, '\x00\x00\x00\x00\x00\xba\xb1\x0c'),
];

/** The window of each far read: 64 KiB are never needed at once. */
const FAR_READ = 512;

/**
 * Names the file system of a volume by its signature. Encrypted volumes are not named: `@deadbox/encryption` knows
 * them, and its BitLocker volumes look like FAT32 at first sight.
 * @param head - the first bytes of the volume, 64 KiB if possible; at least 512
 * @param volume - for places outside `head`; without it only `head` is looked at
 * @returns `undefined` when nothing is recognised
 */
export async function recogniseFileSystem(
  head: Bytes,
  volume?: ByteSource,
  options: RecogniseOptions = {},
): Promise<FileSystemSignature | undefined> {
  const near = recogniseInHead(head);
  if (near !== undefined || volume === undefined || options.far === false || isBitLocker(head)) return near;
  const windows = new Map<number, Bytes | undefined>();
  for (const mark of [...MARKS, ...raidAtEnd(volume.size)]) {
    if (mark.offset + mark.magic.length <= head.length || mark.offset + mark.magic.length > volume.size) continue;
    const from = mark.offset - (mark.offset % FAR_READ);
    // A place that cannot be read proves nothing; the volume's own reader reports it.
    const read = async (): Promise<Bytes> => volume.read(from, Math.min(FAR_READ, volume.size - from), options);
    if (!windows.has(from)) windows.set(from, await unlessDamaged(read, undefined, options));
    const window = windows.get(from);
    if (window !== undefined && hasAscii(window, mark.offset - from, mark.magic)) return found(mark);
  }
  return undefined;
}

/** The part of {@link recogniseFileSystem} that needs no reading: only signatures that lie inside `head`. */
export function recogniseInHead(head: Bytes): FileSystemSignature | undefined {
  if (isBitLocker(head)) return undefined;
  for (const mark of MARKS) if (hasAscii(head, mark.offset, mark.magic)) return found(mark);
  const ext = extName(head);
  if (ext !== undefined) return { name: ext, offset: 0x438, length: 2 };
  if (hasFatParameterBlock(head)) return { name: fatName(head), offset: 0x0b, length: 25 };
  return undefined;
}

/**
 * BitLocker of all versions: the OEM name, or the identifier GUID that To Go volumes keep behind a FAT32 parameter
 * block.
 */
function isBitLocker(head: Bytes): boolean {
  if (hasAscii(head, 3, '-FVE-FS-')) return true;
  const identifier = '\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01';
  return hasAscii(head, 0xa0, identifier) || hasAscii(head, 0x1a8, identifier);
}

/**
 * Linux RAID superblocks of version 1.0 (8 KiB before the end, 4 KiB aligned) and 0.90 (64 KiB before the last 64-KiB
 * border).
 */
function raidAtEnd(size: number): Mark[] {
  const offsets = [Math.floor((size - 8192) / 4096) * 4096, (Math.floor(size / 65536) - 1) * 65536];
  return offsets.filter((offset) => offset > 0).map(raid);
}

function found(mark: Mark): FileSystemSignature {
  return { name: mark.name, offset: mark.offset, length: mark.magic.length };
}
