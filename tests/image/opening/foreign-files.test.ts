import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';

const ASCII = new TextEncoder();
/** A file that begins as given, and goes on with what is no text. */
const file = (beginning: string | readonly number[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(2048).fill(0x9d);
  bytes.set(typeof beginning === 'string' ? ASCII.encode(beginning) : beginning);
  return bytes;
};

const KEY = 'BitLocker Drive Encryption recovery key\r\n\r\nIdentifier:\r\n\t5EED0000-0000-4000-8000-000000000001\r\n';
const KEY_JA = '\u{30c9}\u{30e9}\u{30a4}\u{30d6}\u{6697}\u{53f7}\u{5316}\u{306e}\u{56de}\u{5fa9}\u{30ad}\u{30fc}\r\n';

/** A file whose last 512 bytes begin as given. */
function endingIn(trailer: string): Uint8Array<ArrayBuffer> {
  const bytes = file([]);
  bytes.set(ASCII.encode(trailer), bytes.length - 512);
  return bytes;
}

function utf16(text: string, littleEndian: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 + text.length * 2);
  const view = new DataView(bytes.buffer);
  Array.from(`\ufeff${text}`, (unit, at) => view.setUint16(at * 2, unit.charCodeAt(0), littleEndian));
  return bytes;
}

/** Beginnings as the formats' own descriptions give them: RFC 1952, APPNOTE.TXT, 7zFormat.txt, RFC 8878 and others. */
test.each<[string, Uint8Array<ArrayBuffer>, RegExp]>([
  ['server.vhdx.gz', new Uint8Array(gzipSync(file('x'))), /a gzip archive; unpack it first/],
  ['server.zip', file([0x50, 0x4b, 3, 4]), /a ZIP archive; unpack it first/],
  ['server.z01', file([0x50, 0x4b, 7, 8, 0x50, 0x4b, 3, 4]), /first part of a ZIP archive/],
  ['server.7z', file([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), /a 7-Zip archive; unpack it first/],
  ['server.img.xz', file([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), /an xz archive; unpack it first/],
  ['server.img.zst', file([0x28, 0xb5, 0x2f, 0xfd]), /a Zstandard archive; unpack it first/],
  ['server.img.bz2', file('BZh91AY&SY'), /a bzip2 archive; unpack it first/],
  ['server.img.lz4', file([0x04, 0x22, 0x4d, 0x18]), /an LZ4 archive; unpack it first/],
  ['vzdump.vma.lzo', file([0x89, 0x4c, 0x5a, 0x4f, 0, 0x0d, 0x0a, 0x1a, 0x0a]), /an lzop archive; unpack it first/],
  ['server.cab', file('MSCF\0\0\0\0'), /a cabinet archive; unpack it first/],
  ['server.ad1', file('ADSEGMENTEDFILE\0'), /logical evidence of FTK/],
  ['renamed.vhd', file([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), /a 7-Zip archive; unpack it first/],
  ['key.txt', ASCII.encode(KEY), /a text, not a disk/],
  ['key of Windows.txt', utf16(KEY, true), /a text, not a disk/],
  ['key of Windows in Japanese.txt', utf16(KEY_JA, true), /a text, not a disk/],
  ['key, big-endian.txt', utf16(KEY, false), /a text, not a disk/],
  ['answer.json', ASCII.encode('{"value":[],"error":"not found"}'), /a text, not a disk/],
  // PMA's list of compression methods, LZMA SDK, Apple's UDIF, libsparse and squashfs' own headers.
  ['server.lzh', file([0x20, 0x5f, 0x2d, 0x6c, 0x68, 0x35, 0x2d]), /an LHA archive/],
  ['server.img.Z', file([0x1f, 0x9d, 0x90]), /a file of compress/],
  ['server.img.lzma', file([0x5d, 0, 0, 0x80, 0]), /an LZMA archive/],
  ['system.simg', file([0x3a, 0xff, 0x26, 0xed, 1, 0]), /a sparse image of Android/],
  ['root.squashfs', file('hsqs'), /a SquashFS image/],
  ['server.dmg', endingIn('koly\0\0\0\u0004'), /a disk image of macOS/],
  ['note.vhdx', ASCII.encode(`${KEY_JA}${KEY_JA}`), /a text, not a disk/],
  [
    'note in Shift-JIS.txt',
    Uint8Array.of(0x83, 0x66, 0x83, 0x42, 0x83, 0x58, 0x83, 0x4e, 0x0d, 0x0a),
    /a text, not a disk/,
  ],
  ['notfound.vhdx', ASCII.encode('<html><body>404</body></html>'), /a text, not a disk/],
])('%s is named for what it is', async (name, bytes, message) => {
  const error = await errorOf(new MemoryFiles({ [name]: bytes }).image(name));
  expect(error).toMatchObject({ code: 'IMAGE_UNKNOWN_FORMAT', message: expect.stringMatching(message) });
});

test('the parts of an archive are an archive, not a disk', async () => {
  const parts = { 'server.7z.001': file([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), 'server.7z.002': file([0x9d]) };
  const error = await errorOf(new MemoryFiles(parts).image('server.7z.001'));
  expect(error).toMatchObject({ code: 'IMAGE_UNKNOWN_FORMAT', data: { kind: '7z' } });
});

test('boot code that begins like a short signature is a disk', async () => {
  const sector = file([0x5d, 0, 0]);
  sector.set([0x55, 0xaa], 510);
  const disk = await new MemoryFiles({ 'boot.img': sector }).image('boot.img');
  expect(disk.format).toBe('raw');
  await disk.close?.();
});

test('bytes that begin like a mark of UTF-16 are a disk where no text follows', async () => {
  const disk = await new MemoryFiles({ 'noise.img': file([0xff, 0xfe, 0x41, 0, 0x07, 0]) }).image('noise.img');
  expect(disk.format).toBe('raw');
  await disk.close?.();
});
