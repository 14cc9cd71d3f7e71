import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CachedSource, MemorySource } from '@deadbox/core';
import {
  catalogDigests,
  expectedFileSize,
  readPeContent,
  readPeImage,
  readPeImports,
  readSignedDigest,
} from '@deadbox/windows/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CatalogMember, writeCatalog } from '../../support/catalog-writer.js';
import { writePe } from '../../support/pe-writer.js';
import { describeWithTools, run, runBytes, temporaryFolder } from '../../support/tools.js';

type Input = Uint8Array<ArrayBuffer>;
const IMAGE = writePe({
  fileVersion: '10.0.17763.1',
  imports: ['ntoskrnl.exe', 'HAL.dll'],
  checksum: true,
  code: { size: 3000, seed: 5 },
});
const code = (error: unknown): string => (error as { code: string }).code;

async function parts(bytes: Input) {
  const source = new MemorySource(bytes);
  const image = await readPeImage(source);
  return { source, image, content: await readPeContent(source, image) };
}

describe('an executable image', () => {
  test('has the checksum that its header says', async () => {
    const { image, content } = await parts(IMAGE);
    expect(content.checksum).toBe(image.checksum);
  });

  test('has another checksum once a byte of its code differs', async () => {
    const changed = IMAGE.slice();
    changed[0x500] ^= 1;
    const { image, content } = await parts(changed);
    expect(content.checksum).not.toBe(image.checksum);
  });

  test('ends where its last section ends', async () => {
    expect(expectedFileSize((await parts(IMAGE)).image)).toBe(IMAGE.length);
  });

  test('names the images that it imports from', async () => {
    const { source, image } = await parts(IMAGE);
    expect(await readPeImports(source, image)).toEqual(['ntoskrnl.exe', 'HAL.dll']);
  });

  test('has neither imports nor a signature when its directories are empty', async () => {
    const { source, image } = await parts(writePe({ fileVersion: '1.0.0.0' }));
    expect(await readPeImports(source, image)).toEqual([]);
    expect(await readSignedDigest(source, image)).toBeUndefined();
  });

  test('whose certificate table is no signature says so', async () => {
    const bytes = new Uint8Array(IMAGE.length + 64);
    bytes.set(IMAGE);
    const { image } = await parts(IMAGE);
    const view = new DataView(bytes.buffer);
    view.setUint32(image.certificatesAt as number, IMAGE.length, true);
    view.setUint32((image.certificatesAt as number) + 4, 64, true);
    const source = new MemorySource(bytes);
    await expect(readSignedDigest(source, await readPeImage(source))).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
  });

  test('damaged anywhere gives an answer or a typed error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(0x700), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        async (changes) => {
          const bytes = IMAGE.slice();
          for (const [at, byte] of changes) bytes[at] = byte;
          const source = new CachedSource(new MemorySource(bytes), { blockSize: 4096 });
          try {
            const image = await readPeImage(source);
            await readPeContent(source, image);
            await readPeImports(source, image);
            await readSignedDigest(source, image);
            return true;
          } catch (error) {
            return ['PE_INVALID', 'SIGNATURE_INVALID'].includes(code(error));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a security catalog', () => {
  const members: CatalogMember[] = [
    { algorithm: 'sha1', digest: 'ab'.repeat(20) },
    { algorithm: 'sha256', digest: '0c'.repeat(32) },
  ];

  test('lists the digests of its files', () => {
    expect([...catalogDigests(writeCatalog(members))].toSorted()).toEqual(['0c'.repeat(32), 'ab'.repeat(20)]);
  });

  test('without files lists none', () => {
    expect(catalogDigests(writeCatalog([])).size).toBe(0);
  });

  test.each([
    ['empty', new Uint8Array(0)],
    ['of zeros', new Uint8Array(4096)],
    ['cut short', writeCatalog(members).slice(0, 100)],
  ])('%s is no catalog', (_, bytes) => {
    expect(() => catalogDigests(bytes)).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
  });

  test('damaged anywhere gives an answer or a typed error', () => {
    const catalog = writeCatalog(members);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(catalog.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (changes) => {
          const bytes = catalog.slice();
          for (const [at, byte] of changes) bytes[at] = byte;
          try {
            catalogDigests(bytes);
            return true;
          } catch (error) {
            return code(error) === 'SIGNATURE_INVALID';
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describeWithTools(['osslsigncode', 'openssl'], 'osslsigncode', () => {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  const sign = (from: string, to: string, digest: string): void => {
    if (!existsSync(path('key.pem'))) {
      const subject = ['-subj', '/CN=deadbox test'];
      run('openssl', [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '9999',
        ...subject,
        '-keyout',
        path('key.pem'),
        '-out',
        path('cert.pem'),
      ]);
    }
    run('osslsigncode', [
      'sign',
      '-h',
      digest,
      '-certs',
      path('cert.pem'),
      '-key',
      path('key.pem'),
      '-in',
      path(from),
      '-out',
      path(to),
    ]);
  };

  test.each(['sha1', 'sha256'] as const)('signs the digest %s that the image has', async (algorithm) => {
    writeFileSync(path('image.sys'), IMAGE);
    sign('image.sys', `${algorithm}.sys`, algorithm);
    const signed = new Uint8Array(readFileSync(path(`${algorithm}.sys`)));
    const { source, image, content } = await parts(signed);
    expect(await readSignedDigest(source, image)).toEqual({ algorithm, value: content[algorithm] });
    expect(expectedFileSize(image)).toBe(signed.length);
    expect(content.checksum).toBe(image.checksum);
  });

  test('finds an image in a catalog that lists its digest', async () => {
    writeFileSync(path('plain.sys'), IMAGE);
    const { content } = await parts(IMAGE);
    writeFileSync(path('list.cat'), writeCatalog([{ algorithm: 'sha256', digest: content.sha256 }]));
    sign('list.cat', 'signed.cat', 'sha256');
    expect(catalogDigests(new Uint8Array(readFileSync(path('signed.cat'))))).toEqual(new Set([content.sha256]));
    const told = runBytes('osslsigncode', [
      'verify',
      '-catalog',
      path('signed.cat'),
      '-CAfile',
      path('cert.pem'),
      '-in',
      path('plain.sys'),
    ]);
    expect(told.toString()).toMatch(/Succeeded/);
  });
});
