import { describe, expect, test } from 'vitest';
import { shortNameText } from '../../packages/fat/src/code-page.js';
import { DirectoryParser, shortNameChecksum } from '../../packages/fat/src/directory-entry.js';
import { dosFileTime } from '../../packages/fat/src/dos-time.js';

/** A short entry with the given 11 name bytes. */
function shortEntry(name: string, change: Record<number, number> = {}): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 11; i += 1) bytes[i] = name.charCodeAt(i);
  bytes[0x0b] = 0x20;
  for (const [at, value] of Object.entries(change)) bytes[Number(at)] = value;
  return bytes;
}

describe('directory entries', () => {
  test('show the case bits that Windows NT keeps in byte 12', () => {
    const parse = (bits: number): string =>
      new DirectoryParser(false).parse(shortEntry('README  TXT', { 0x0c: bits }))[0].name;
    expect([parse(0), parse(0x08), parse(0x10), parse(0x18)]).toEqual([
      'README.TXT',
      'readme.TXT',
      'README.txt',
      'readme.txt',
    ]);
  });

  test('take a first byte of 05 for E5, and E5 for deleted', () => {
    expect(new DirectoryParser(false).parse(shortEntry('\x05BC        '))[0].shortName).toBe('σBC');
    expect(new DirectoryParser(false).parse(shortEntry('\xe5BC        '))).toEqual([]);
  });

  test('end at the first free entry', () => {
    const bytes = new Uint8Array(96);
    bytes.set(shortEntry('FIRST      '), 0);
    bytes.set(shortEntry('GHOST      '), 64);
    const parser = new DirectoryParser(false);
    expect(parser.parse(bytes).map((entry) => entry.name)).toEqual(['FIRST']);
    expect(parser.ended).toBe(true);
  });

  test('use the high half of the cluster on FAT32 only', () => {
    const entry = shortEntry('A          ', { 0x14: 1, 0x1a: 2 });
    expect(new DirectoryParser(true).parse(entry)[0].firstCluster).toBe(0x1_0002);
    expect(new DirectoryParser(false).parse(entry)[0].firstCluster).toBe(2);
  });

  test('give the label, not as a file', () => {
    const parser = new DirectoryParser(false);
    expect(parser.parse(shortEntry('SYSTEM     ', { 0x0b: 0x08 }))).toEqual([]);
    expect(parser.label).toBe('SYSTEM');
  });

  test('have the checksum of the specification’s rotate-and-add', () => {
    const slow = (name: string): number => {
      let sum = 0;
      for (const c of name) sum = (((sum & 1) === 0 ? 0 : 0x80) + (sum >> 1) + c.charCodeAt(0)) % 256;
      return sum;
    };
    for (const name of ['FILENAMETXT', 'MICROS~1   ', 'GR\x99\xe1E_~1TXT']) {
      expect(shortNameChecksum(Uint8Array.from(name, (c) => c.charCodeAt(0)))).toBe(slow(name));
    }
  });
});

describe('DOS times', () => {
  test('count from 1980 in steps of two seconds, creation times in hundredths', () => {
    expect(dosFileTime(0x21, 0)).toBe(BigInt(Date.UTC(1980, 0, 1)) * 10_000n + 116_444_736_000_000_000n);
    const date = ((2024 - 1980) << 9) | (7 << 5) | 19;
    const time = (4 << 11) | (9 << 5) | 17;
    expect(dosFileTime(date, time, 155)).toBe(
      BigInt(Date.UTC(2024, 6, 19, 4, 9, 35, 550)) * 10_000n + 116_444_736_000_000_000n,
    );
  });

  test('are not set when 0, and refuse what no clock shows', () => {
    const feb30 = ((2024 - 1980) << 9) | (2 << 5) | 30;
    for (const [date, time, hundredths] of [
      [0, 0, 0],
      [feb30, 0, 0],
      [0x21, 24 << 11, 0],
      [0x21, 60 << 5, 0],
      [0x21, 31, 0],
      [0x21, 0, 200],
      [13 << 5, 0, 0],
    ] as const) {
      expect(dosFileTime(date, time, hundredths)).toBeUndefined();
    }
  });
});

describe('code page 437', () => {
  test('decodes the letters that iconv decodes', () => {
    expect(shortNameText(Uint8Array.from([0x99, 0xe1, 0x80, 0xff, 0x41]))).toBe('ÖßÇ\u00a0A');
  });
});
