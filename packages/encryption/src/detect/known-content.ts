import { hasAscii, isZero } from '@deadbox/core';

/** What the first bytes of a volume look like to someone who searches for encryption. */
export type HeadKind =
  /** A file system or volume manager whose start is known: nothing encrypts the volume. */
  | 'known'
  /** All zero, or one repeated byte. */
  | 'blank'
  /** Nothing known. */
  | 'unknown';

/** A signature of unencrypted content; `also` makes short ones safe. */
interface Signature {
  readonly name: string;
  readonly at: number;
  readonly text: string;
  readonly also?: (head: Uint8Array) => boolean;
}

const bootSignature = (head: Uint8Array): boolean => head[510] === 0x55 && head[511] === 0xaa;
const fatShape = (head: Uint8Array): boolean => {
  const perCluster = head[13];
  const whole = [512, 1024, 2048, 4096].includes(head[11] | (head[12] << 8));
  return bootSignature(head) && whole && perCluster !== 0 && (perCluster & (perCluster - 1)) === 0;
};

/** Offsets: util-linux libblkid superblock probers. */
const SIGNATURES: readonly Signature[] = [
  { name: 'ntfs', at: 3, text: 'NTFS    ' },
  { name: 'exfat', at: 3, text: 'EXFAT   ' },
  { name: 'refs', at: 3, text: 'ReFS\0\0\0\0' },
  { name: 'fat32', at: 82, text: 'FAT32   ', also: fatShape },
  { name: 'fat', at: 54, text: 'FAT', also: fatShape },
  { name: 'ext', at: 1080, text: '\x53\xef' },
  { name: 'xfs', at: 0, text: 'XFSB' },
  { name: 'squashfs', at: 0, text: 'hsqs' },
  { name: 'lvm', at: 512, text: 'LABELONE' },
  { name: 'lvm', at: 0, text: 'LABELONE' },
  { name: 'md', at: 4096, text: '\xfc\x4e\x2b\xa9' },
  { name: 'storage-spaces', at: 0, text: 'SPACEDB ' },
  { name: 'swap', at: 4086, text: 'SWAPSPACE2' },
  { name: 'hfs', at: 1024, text: 'H+' },
  { name: 'hfs', at: 1024, text: 'HX' },
  { name: 'archive-7z', at: 0, text: '7z\xbc\xaf\x27\x1c' },
  { name: 'archive-zip', at: 0, text: 'PK\x03\x04' },
  { name: 'archive-xz', at: 0, text: '\xfd7zXZ\0' },
  { name: 'archive-gzip', at: 0, text: '\x1f\x8b\x08' },
  { name: 'archive-zstd', at: 0, text: '\x28\xb5\x2f\xfd' },
  { name: 'archive-wim', at: 0, text: 'MSWIM\0\0\0' },
  { name: 'archive-rar', at: 0, text: 'Rar!\x1a\x07' },
  { name: 'archive-bzip2', at: 0, text: 'BZh', also: (head) => hasAscii(head, 4, '1AY&SY') },
  { name: 'archive-cab', at: 0, text: 'MSCF\0\0\0\0' },
  { name: 'media-jpeg', at: 0, text: '\xff\xd8\xff' },
  { name: 'media-mp4', at: 4, text: 'ftyp' },
  { name: 'media-png', at: 0, text: '\x89PNG\r\n\x1a\n' },
  { name: 'archive-tar', at: 257, text: 'ustar' },
  { name: 'archive-cpio', at: 0, text: '070701' },
  { name: 'archive-lzma', at: 0, text: '\x5d\x00\x00', also: (head) => head[12] === 0xff || head[12] === 0x00 },
  { name: 'media-matroska', at: 0, text: '\x1a\x45\xdf\xa3' },
  { name: 'media-ogg', at: 0, text: 'OggS\0' },
  { name: 'media-riff', at: 0, text: 'RIFF' },
  { name: 'media-gif', at: 0, text: 'GIF8' },
  { name: 'document-pdf', at: 0, text: '%PDF-' },
  { name: 'iso9660', at: 32769, text: 'CD001' },
];

/**
 * Name of the unencrypted content that begins in `head`, `undefined` when none is known. Not a validation: only its
 * owner can tell a healthy file system.
 */
export function knownContent(head: Uint8Array): string | undefined {
  return SIGNATURES.find(({ at, text, also }) => hasAscii(head, at, text) && (also === undefined || also(head)))?.name;
}

/** What kind of start this is. */
export function headKind(head: Uint8Array): HeadKind {
  if (knownContent(head) !== undefined) return 'known';
  return isZero(head) || head.every((value) => value === head[0]) ? 'blank' : 'unknown';
}
