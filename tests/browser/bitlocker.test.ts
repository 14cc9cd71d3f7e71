import { createHash } from 'node:crypto';
import { MemorySource, openDisk, scanDisk } from 'deadbox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../support/bitlocker-volume.js';
import { BrowserPage, browserBundle } from '../support/browser.js';
import { plainVolume, smallPlainVolume } from '../support/encryption/volumes.js';
import { describeWithTools } from '../support/tools.js';

const RECOVERY_PASSWORD = '235818-357951-253979-013365-241120-245575-342914-591910';
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

// Pages that came over plain HTTP from another machine get no WebCrypto: everything then goes through plain JavaScript.
describeWithTools(['chromium'], 'encryption in headless Chromium', () => {
  const secure = new BrowserPage();
  const plain = new BrowserPage();
  beforeAll(async () => {
    const bundle = await browserBundle();
    await secure.start({ secure: true, bundle });
    await plain.start({ secure: false, bundle });
  });
  afterAll(async () => {
    await secure.stop();
    await plain.stop();
  });
  const pages = [
    ['with WebCrypto', secure, true],
    ['without WebCrypto', plain, false],
  ] as const;

  test.each(pages)('a page %s is what it is called', async (_, page, hasWebCrypto) => {
    expect(await page.call(async () => globalThis.crypto.subtle !== undefined, [], null)).toBe(hasWebCrypto);
  });

  const methods = [0x8000, 0x8002, 0x8003, 0x8004, 0x8005] as const;
  test.each(pages)('%s, a volume that OpenSSL encrypted reads as it was, in every method', async (_, page) => {
    for (const method of methods) {
      const made = makeBitLockerVolume(smallPlainVolume(1 << 21), { clearKey: true, method });
      page.files.set('/volume', made.bytes);
      const hash = await page.call(
        async (library, [blob]) => {
          const disk = await library.openDisk(new library.BlobSource(blob));
          const content = disk.volumes[0]?.content;
          return content === undefined ? 'locked' : library.hashSource(content);
        },
        ['/volume'],
        null,
      );
      expect([method, hash]).toEqual([method, sha256(made.expected)]);
    }
  });

  test.each(pages)(
    '%s, a Windows volume opens by its recovery password and gets the report that Node gives',
    async (_, page) => {
      const made = makeBitLockerVolume(plainVolume(), { recoveryPassword: RECOVERY_PASSWORD });
      page.files.set('/volume', made.bytes);
      const scan = (password: string): Promise<any> =>
        page.call(
          async (library, [blob], text) => {
            const keys = library.keyList([{ kind: 'recovery-password', label: 'key', text }]);
            const disk = await library.openDisk(new library.BlobSource(blob), { keys });
            const report = await library.scanDisk(disk);
            await disk.close();
            return report;
          },
          ['/volume'],
          password,
        );
      const disk = await openDisk(new MemorySource(made.bytes));
      expect((await scanDisk(disk)).verdict).toBe('blocked-encrypted');
      await disk.close();
      const report = await scan(RECOVERY_PASSWORD);
      expect(report).toMatchObject({
        verdict: 'faulty',
        volumes: [{ encryption: { verdict: 'unlocked', product: 'BitLocker' } }],
      });
      expect(JSON.stringify(report)).not.toContain(RECOVERY_PASSWORD);
      expect(comparable(report)).toEqual(comparable(await nodeReport(made.bytes)));
    },
  );

  test('SHA-256 of every length around a block and of a stream in pieces is what OpenSSL gives', async () => {
    const lengths = [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1_000_003];
    const bytes = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i * 31) ^ (i >> 7));
    secure.files.set('/bytes', bytes);
    const hashes = await secure.call(
      async (library, [blob], sizes) => {
        const content = new Uint8Array(await blob.arrayBuffer());
        const pieces = library.createSha256();
        for (let at = 0, step = 1; at < content.length; at += step, step = (step * 7) % 9973)
          pieces.update(content.subarray(at, at + step));
        return {
          whole: sizes.map((size) => library.sha256Hex(content.subarray(0, size))),
          inPieces: library.toHex(pieces.digest()),
          source: await library.hashSource(new library.BlobSource(blob)),
        };
      },
      ['/bytes'],
      lengths,
    );
    expect(hashes.whole).toEqual(lengths.map((length) => sha256(bytes.subarray(0, length))));
    expect([hashes.inPieces, hashes.source]).toEqual([sha256(bytes), sha256(bytes)]);
  });
});

async function nodeReport(bytes: Uint8Array<ArrayBuffer>): Promise<unknown> {
  const keys = { keysFor: () => [{ kind: 'recovery-password' as const, label: 'key', text: RECOVERY_PASSWORD }] };
  const disk = await openDisk(new MemorySource(bytes), { keys });
  const report = await scanDisk(disk);
  await disk.close();
  return report;
}

function comparable(report: unknown): unknown {
  const { path: _path, image: _image, cost: _cost, ...rest } = JSON.parse(JSON.stringify(report));
  return rest;
}
