import { asciiText, type Bytes, hasAscii, latin1Text, type MaybePromise, SECTOR } from '@deadbox/core';

/** A file that is no disk, and what it is. */
export interface ForeignFile {
  readonly kind: string;
  /** What it is, for people. */
  readonly what: string;
  /** Disks that it names. */
  readonly disks?: readonly string[];
}

/** First bytes of files that are handed in for disks: offset, bytes, kind, what it is. */
const SIGNATURES: readonly (readonly [at: number, signature: string, kind: string, what: string])[] = [
  [0, '\x1f\x8b\x08', 'gzip', 'a gzip archive; unpack it first'],
  [0, 'PK\x03\x04', 'zip', 'a ZIP archive; unpack it first'],
  [0, 'PK\x07\x08PK', 'zip', 'the first part of a ZIP archive; unpack it first'],
  [0, '7z\xbc\xaf\x27\x1c', '7z', 'a 7-Zip archive; unpack it first'],
  [0, '\xfd7zXZ\x00', 'xz', 'an xz archive; unpack it first'],
  [0, 'BZh', 'bzip2', 'a bzip2 archive; unpack it first'],
  [0, '\x28\xb5\x2f\xfd', 'zstd', 'a Zstandard archive; unpack it first'],
  [0, '\x04\x22\x4d\x18', 'lz4', 'an LZ4 archive; unpack it first'],
  [0, '\x89LZO\0\r\n\x1a\n', 'lzop', 'an lzop archive; unpack it first'],
  [0, 'MSCF\0\0\0\0', 'cab', 'a cabinet archive; unpack it first'],
  [0, 'Rar!\x1a\x07', 'rar', 'a RAR archive; unpack it first'],
  [2, '-lh', 'lha', 'an LHA archive; unpack it first'],
  [0, '\x1f\x9d', 'compress', 'a file of compress (.Z); unpack it first'],
  [0, '\x5d\0\0', 'lzma', 'an LZMA archive; unpack it first'],
  [0, '070701', 'cpio', 'a cpio archive; unpack it first'],
  [0, 'hsqs', 'squashfs', 'a SquashFS image, which holds files of Linux, not a disk'],
  [0, '\x3a\xff\x26\xed', 'android-sparse', 'a sparse image of Android; unpack it first: simg2img'],
  [0, '\xce\x24\xb9\xa2', 'tib', 'a backup of Acronis (TIB); restore it first'],
  [0, '\xfe\xef\x01', 'ghost', 'a copy made by Ghost; restore it first'],
  [0, 'MDMP', 'minidump', 'a minidump of a program, not a disk'],
  [257, 'ustar', 'tar', 'a tar archive without an OVF descriptor; unpack it first'],
  [0, 'MSWIM\0\0\0', 'wim', 'a Windows image (WIM), which holds files, not a disk'],
  [0, 'QED\0', 'qed', 'a QED image, which QEMU can convert: qemu-img convert -O qcow2'],
  [0, 'AFF10\r\n\0', 'aff', 'an AFF image, which affconvert can turn into a raw one'],
  [0, 'ADSEGMENTEDFILE\0', 'ad1', 'logical evidence of FTK (AD1): files, not a disk'],
  [0, 'VMA\0', 'vma', 'a backup of Proxmox VE (VMA); unpack it first: vma extract'],
  [0, 'partclone-image', 'partclone', 'a copy made by partclone, which holds a volume; restore it first'],
  [0, '\0ntfsclone-image', 'ntfsclone', 'a copy made by ntfsclone, which holds a volume; restore it first'],
  [0, '%PDF-', 'pdf', 'a PDF document'],
  [0, 'regf', 'hive', 'a registry hive, not a disk'],
  [0, 'ElfFile\0', 'event-log', 'an event log, not a disk'],
  [0, 'PAGEDU', 'dump', 'a crash dump, not a disk'],
];
/** Signatures shorter than this may begin boot code, too. */
const CERTAIN = 4;
/** A text is told by its beginning; a longer one than this is no description of anything. */
const PROBED = 512;
/** Characters of base64 that are looked at, and fewer than which may be a word. */
const MAX_BASE64_LINE = 4096;
const LEAST_BASE64 = 64;
const MAX_TEXT_BYTES: number = 16 * 1024 * 1024;

/**
 * What a file is that no container format recognised, when it is no raw disk either.
 * @param head - the first bytes of the file
 * @param tail - the last bytes of the file
 * @param size - of the file
 */
export function foreignFile(head: Bytes, tail: Bytes, size: number): MaybePromise<ForeignFile | undefined> {
  const mayStart = hasLatin1(head, 510, '\x55\xaa');
  for (const [at, signature, kind, what] of SIGNATURES)
    if (hasLatin1(head, at, signature) && (signature.length >= CERTAIN || !mayStart)) return { kind, what };
  // Its header stands in its last 512 bytes.
  if (!mayStart && hasLatin1(tail, tail.length - 512, 'koly\0\0\0\x04'))
    return { kind: 'dmg', what: 'a disk image of macOS (DMG), which hdiutil can convert' };
  if (isBase64(head)) return { kind: 'base64', what: 'a text of base64; decode it first: base64 -d' };
  if (size > MAX_TEXT_BYTES || !isText(head, size)) return undefined;
  return textFile(size <= head.length ? head : undefined);
}

/** @param whole - all of it, where it is short */
async function textFile(whole: Bytes | undefined): Promise<ForeignFile> {
  const machine = whole === undefined ? undefined : (await import('../machine/machine.js')).parseMachine(whole);
  if (machine === undefined) return { kind: 'text', what: 'a text, not a disk' };
  const { disks, kind } = machine;
  const names = disks.length === 0 ? 'it names none' : `it names ${disks.join(', ')}`;
  return { kind, what: `the description of a virtual machine, not a disk; open its disks (${names})`, disks };
}

function hasLatin1(bytes: Bytes, at: number, signature: string): boolean {
  if (at < 0 || at + signature.length > bytes.length) return false;
  for (let index = 0; index < signature.length; index += 1)
    if (bytes[at + index] !== signature.charCodeAt(index)) return false;
  return true;
}

/** Whether the file begins with lines of words: letters, and no character that text has not. */
function isText(head: Bytes, size: number): boolean {
  const start = head.subarray(0, PROBED);
  return isWideText(start, 2) || isWideText(start, 4) || isPlainText(start, size);
}

/** Whether the file begins with nothing but digits of base64, on one line or many: of all three kinds. */
function isBase64(head: Bytes): boolean {
  const text = latin1Text(head.subarray(0, MAX_BASE64_LINE));
  return (
    text.length >= LEAST_BASE64 &&
    /^[A-Za-z0-9+/_\r\n-]+={0,2}[\r\n]*$/.test(text) &&
    [/[A-Z]/, /[a-z]/, /\d/].every((kind) => kind.test(text))
  );
}

function isPlainText(start: Bytes, size: number): boolean {
  const opens = ['<', '{', '['].some((first) => hasAscii(start, 0, first));
  // Letters of other alphabets are made of bytes from 0x80 on, whatever the encoding.
  const hasLetters = /[A-Za-z]{2}/.test(asciiText(start)) || start.some((value) => value >= 0x80);
  // One line without an end is a text where it is too short for a sector.
  return start.every(isTextUnit) && hasLetters && (start.includes(10) || opens || size < SECTOR);
}

/**
 * UTF-16 or UTF-32 with its mark, as Windows saves recovery keys and exports of the registry, and some editors texts.
 */
function isWideText(start: Bytes, width: 2 | 4): boolean {
  const view = new DataView(start.buffer, start.byteOffset, start.length - (start.length % width));
  const littleEndian = start[0] === 0xff;
  const unitAt = (at: number): number =>
    width === 2 ? view.getUint16(at, littleEndian) : view.getUint32(at, littleEndian);
  if (view.byteLength < 3 * width || unitAt(0) !== 0xfeff) return false;
  for (let at = width; at < view.byteLength; at += width) {
    const unit = unitAt(at);
    if (!isTextUnit(unit) || (unit & 0xfffe) === 0xfffe || unit > 0x10_ffff) return false;
  }
  return true;
}

const isTextUnit = (value: number): boolean => value >= 0x20 || value === 9 || value === 10 || value === 13;
