import { createHash } from 'node:crypto';
import { type Bytes, MemorySource } from '@deadbox/core';
import { readFileVersion } from '@deadbox/windows';
import {
  expectedFileSize,
  type PeImage,
  readPeChecksum,
  readPeContent,
  readPeImage,
  readPeImports,
  readSignedDigest,
  readSignerIssuers,
} from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { writePe } from '../../support/pe-writer.js';

const HEADER = 0x80;
const OPTIONAL = 0x98;
const IMAGE = writePe({ fileVersion: '1.2.3.4', imports: ['HAL.dll'] });
const source = (bytes: Bytes): MemorySource => new MemorySource(bytes);
const imageOf = (bytes: Bytes): Promise<PeImage> => readPeImage(source(bytes));

/** The image with a number changed. */
function changed(at: number, value: number, bits: 16 | 32 = 32): Bytes {
  const bytes = IMAGE.slice();
  const view = new DataView(bytes.buffer);
  if (bits === 16) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
  return bytes;
}

describe('headers of an executable image', () => {
  test.each([
    ['of no byte', new Uint8Array(0), 0],
    ['without room for where the header is', IMAGE.slice(0, 62), 0],
    ['whose header lies outside the file', changed(0x3c, IMAGE.length), 0x3c],
    ['without the second signature', changed(HEADER, 0x4551), HEADER],
    ['of more sections than Windows loads', changed(HEADER + 6, 97, 16), HEADER + 6],
    ['whose sections lie outside the file', changed(HEADER + 20, 0xffff, 16), HEADER + 20],
    ['without an optional header', changed(HEADER + 20, 1, 16), HEADER + 20],
    ['of an unknown width', changed(OPTIONAL, 0x107, 16), OPTIONAL],
  ])('%s are refused at their byte', async (_, bytes, offset) => {
    await expect(imageOf(bytes)).rejects.toMatchObject({ code: 'PE_INVALID', at: { layer: 'PE', offset } });
  });

  test('that end early have neither sizes nor directories', async () => {
    expect(await imageOf(changed(HEADER + 20, 56, 16))).toMatchObject({
      imageSize: 0,
      checksum: 0,
      certificatesAt: undefined,
      imports: { size: 0 },
      resources: { size: 0 },
      certificates: { size: 0 },
    });
  });

  test('of directories that no section holds give no imports and no version', async () => {
    const imports = changed(OPTIONAL + 112 + 8, 0x90_0000);
    await expect(imageOf(imports).then((image) => readPeImports(source(imports), image))).rejects.toMatchObject({
      code: 'PE_INVALID',
    });
    // The directory stands behind 16 bytes of code; the name's address is the fourth number of its entry.
    const nameless = changed(0x410 + 12, 0x90_0000);
    await expect(imageOf(nameless).then((image) => readPeImports(source(nameless), image))).rejects.toMatchObject({
      code: 'PE_INVALID',
    });
    const resources = changed(OPTIONAL + 112 + 16, 0x90_0000);
    await expect(readFileVersion(source(resources))).rejects.toMatchObject({ code: 'PE_INVALID' });
  });
});

test('a directory of imports ends with its section', async () => {
  // The section ends behind the first entry, whose name stands before it.
  const bytes = changed(OPTIONAL + 240 + 16, 0x10 + 20);
  bytes.set(Buffer.from('HAL.dll\0'), 0x400);
  new DataView(bytes.buffer).setUint32(0x410 + 12, 0x1000, true);
  expect(await readPeImports(source(bytes), await imageOf(bytes))).toEqual(['HAL.dll']);
});

test('a section that takes no bytes of the file does not lengthen it', async () => {
  const section = OPTIONAL + 240 + 40;
  const bytes = changed(section + 20, 0x90_0000);
  expect(expectedFileSize(await imageOf(bytes))).toBeGreaterThan(0x90_0000);
  new DataView(bytes.buffer).setUint32(section + 16, 0, true);
  expect(expectedFileSize(await imageOf(bytes))).toBe(0x600);
});

describe('the content of an image', () => {
  /** The checksum as imagehlp.dll computes it, in arithmetic of any length. */
  function checksum(bytes: Bytes, skip: number): number {
    let sum = 0n;
    for (let at = 0; at < bytes.length; at += 2)
      if (at !== skip && at !== skip + 2) sum += BigInt(bytes[at] | ((bytes[at + 1] ?? 0) << 8));
    while (sum > 0xffffn) sum = (sum & 0xffffn) + (sum >> 16n);
    return Number(sum) + bytes.length;
  }

  test.each([0, 1, 3, 8])(
    'that is %i bytes longer than its sections is summed, and filled up to be signed',
    async (more) => {
      const bytes = new Uint8Array(IMAGE.length + more);
      bytes.set(IMAGE);
      bytes.fill(0xee, IMAGE.length);
      const image = await imageOf(bytes);
      const filled = Buffer.concat([
        bytes.subarray(0, OPTIONAL + 64),
        bytes.subarray(OPTIONAL + 68, OPTIONAL + 112 + 32),
        bytes.subarray(OPTIONAL + 112 + 40),
        new Uint8Array(more % 8 === 0 ? 0 : 8 - (more % 8)),
      ]);
      expect(await readPeContent(source(bytes), image)).toEqual({
        checksum: checksum(bytes, OPTIONAL + 64),
        sha1: createHash('sha1').update(filled).digest('hex'),
        sha256: createHash('sha256').update(filled).digest('hex'),
      });
    },
  );

  test('without directories is digested without its checksum', async () => {
    const bytes = changed(HEADER + 20, 72, 16);
    bytes[HEADER + 6] = 0;
    const covered = Buffer.concat([bytes.subarray(0, OPTIONAL + 64), bytes.subarray(OPTIONAL + 68)]);
    const { sha256 } = await readPeContent(source(bytes), await imageOf(bytes));
    expect(sha256).toBe(createHash('sha256').update(covered).digest('hex'));
  });

  test('of a sum with many carries is that of its words', async () => {
    const bytes = new Uint8Array(200_001).fill(0xff);
    bytes.set(IMAGE);
    const image = await imageOf(bytes);
    expect(await readPeChecksum(source(bytes), image)).toBe(checksum(bytes, OPTIONAL + 64));
  });
});

/** A value in DER; content of up to 64 KiB. */
function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255];
  return Buffer.concat([Uint8Array.from([tag, ...length]), content]);
}
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts);
const SIGNED = der(6, Buffer.from('2a864886f70d010702', 'hex'));
const COMMON_NAME = der(6, Buffer.from('550403', 'hex'));
const COUNTRY = der(6, Buffer.from('550406', 'hex'));
const name = (...pairs: readonly Uint8Array[][]): Uint8Array =>
  sequence(...pairs.map((pair) => der(0x31, sequence(...pair))));
/** A signer with the name of who issued its certificate. */
const signer = (issuer: Uint8Array): Uint8Array => sequence(der(2, Uint8Array.of(1)), sequence(issuer, der(2)));
const signedBy = (...parts: readonly Uint8Array[]): Uint8Array =>
  sequence(SIGNED, der(0xa0, sequence(der(2, Uint8Array.of(1)), ...parts)));

/** The image with entries in its certificate table. */
function signed(
  entries: readonly { readonly type: number; readonly content: Uint8Array; readonly length?: number }[],
): Bytes {
  const table = Buffer.concat(
    entries.map(({ type, content, length = content.length + 8 }) => {
      const entry = Buffer.alloc(Math.ceil((content.length + 8) / 8) * 8);
      entry.writeUInt32LE(length, 0);
      entry.writeUInt16LE(0x200, 4);
      entry.writeUInt16LE(type, 6);
      entry.set(content, 8);
      return entry;
    }),
  );
  const bytes = new Uint8Array(IMAGE.length + table.length);
  bytes.set(IMAGE);
  bytes.set(table, IMAGE.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(OPTIONAL + 112 + 32, IMAGE.length, true);
  view.setUint32(OPTIONAL + 112 + 36, table.length, true);
  return bytes;
}
const issuers = async (bytes: Bytes): Promise<readonly string[]> =>
  readSignerIssuers(source(bytes), await imageOf(bytes));
const digest = async (bytes: Bytes): Promise<unknown> => readSignedDigest(source(bytes), await imageOf(bytes));

describe('the authorities in a certificate table', () => {
  const utf8 = (text: string): Uint8Array => der(0x0c, Buffer.from(text, 'utf8'));

  test('are told from every signature, and other certificates are passed over', async () => {
    const one = signedBy(der(0x31, signer(name([COUNTRY, utf8('JP')], [COMMON_NAME, utf8('認証局')]))));
    const two = signedBy(der(0x31, signer(name([COMMON_NAME, utf8('Two')])), signer(name([COUNTRY, utf8('JP')]))));
    expect(
      await issuers(
        signed([
          { type: 2, content: one },
          { type: 1, content: Uint8Array.of(1, 2, 3) },
          { type: 2, content: two },
        ]),
      ),
    ).toEqual(['認証局', 'Two']);
  });

  test('may be written in two bytes a character, high byte first', async () => {
    const bmp = (hex: string): Bytes =>
      signed([
        { type: 2, content: signedBy(der(0x31, signer(name([COMMON_NAME, der(0x1e, Buffer.from(hex, 'hex'))])))) },
      ]);
    expect(await issuers(bmp('00410042'))).toEqual(['AB']);
    // Half a character is none.
    expect(await issuers(bmp('004100'))).toEqual(['A']);
  });

  test('are none of a name without parts, of no signer, and of a table outside the file', async () => {
    expect(await issuers(signed([{ type: 2, content: signedBy(der(0x31, signer(name([COMMON_NAME])))) }]))).toEqual([]);
    expect(await issuers(signed([{ type: 2, content: signedBy() }]))).toEqual([]);
    const outside = signed([]);
    new DataView(outside.buffer).setUint32(OPTIONAL + 112 + 36, 64, true);
    expect(await issuers(outside)).toEqual([]);
    await expect(digest(outside)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID', at: { offset: IMAGE.length } });
  });

  test('are told from all signatures, however many there are', async () => {
    const content = (i: number): Uint8Array => signedBy(der(0x31, signer(name([COMMON_NAME, utf8(`CA ${i}`)]))));
    const many = Array.from({ length: 40 }, (_, i) => ({ type: 2, content: content(i) }));
    expect(await issuers(signed(many))).toEqual(Array.from({ length: 40 }, (_, i) => `CA ${i}`));
  });

  test('in a table larger than what is read are not told in part', async () => {
    const content = signedBy(der(0x31, signer(name([COMMON_NAME, utf8('One')]))));
    const large = signed([
      { type: 2, content },
      { type: 1, content: new Uint8Array(1 << 20) },
      { type: 2, content },
    ]);
    await expect(issuers(large)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  test('end at an entry that is shorter than its own head', async () => {
    const content = signedBy(der(0x31, signer(name([COMMON_NAME, utf8('One')]))));
    expect(
      await issuers(
        signed([
          { type: 1, content, length: 7 },
          { type: 2, content },
        ]),
      ),
    ).toEqual([]);
  });
});

describe('the digest that a signature signs', () => {
  const content = (type: string, inner: Uint8Array): Uint8Array =>
    signedBy(der(0x31), sequence(der(6, Buffer.from(type, 'hex')), der(0xa0, inner)));
  const INDIRECT = '2b060104018237020104';
  const SHA224 = '608648016503040204';
  const SHA384 = '608648016503040202';
  const info = (algorithm: string): Uint8Array =>
    sequence(sequence(der(6, Buffer.from(algorithm, 'hex'))), der(4, Uint8Array.of(0xab, 0xcd)));
  const table = (inner: Uint8Array, type = INDIRECT): Bytes => signed([{ type: 2, content: content(type, inner) }]);

  test('is told with its algorithm, and not of one that Windows does not use', async () => {
    expect(await digest(table(sequence(sequence(), info(SHA384))))).toEqual({ algorithm: 'sha384', value: 'abcd' });
    expect(await digest(table(sequence(sequence(), info(SHA224))))).toBeUndefined();
  });

  test.each([
    ['signs no file', table(sequence(sequence(), info(SHA384)), '2b06010401823702010a')],
    ['has no digest', table(sequence(sequence()))],
    ['is a certificate', signed([{ type: 1, content: Uint8Array.of(0x30, 0) }])],
    ['is no signed data', signed([{ type: 2, content: sequence(der(6, Uint8Array.of(0x2a)), der(0xa0)) }])],
    ['has a tag of two bytes', signed([{ type: 2, content: Uint8Array.of(0x1f, 0x81, 1, 0) }])],
    ['has a length of five bytes', signed([{ type: 2, content: Uint8Array.of(0x30, 0x85, 0, 0, 0, 0, 1) }])],
    ['has no end', signed([{ type: 2, content: Uint8Array.of(0x30, 0x80, 0, 0) }])],
  ])('is refused of a table that %s', async (_, bytes) => {
    await expect(digest(bytes)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID', at: { layer: 'PE' } });
  });
});
