import { crc32 } from 'node:zlib';
import { CountingSource, Cursor, IssueLog, MemorySource } from '@deadbox/core';
import { detectEncryption, keyList, tryUnlockBitLocker } from '@deadbox/encryption';
import { describe, expect, test } from 'vitest';
import { stretchCandidates } from '../../../packages/encryption/src/bitlocker/keys/master-key.js';
import { readBitLockerVolume } from '../../../packages/encryption/src/bitlocker/metadata/bitlocker-volume.js';
import { type Datum, parseData } from '../../../packages/encryption/src/bitlocker/metadata/datum.js';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { metadataEntry as datum, manyProtectors, u16 } from '../../support/encryption/many-protectors.js';
import { changeMetadata, recoveryKey, smallPlainVolume } from '../../support/encryption/volumes.js';
import { LONG } from '../../support/long.js';

const countOf = (data: readonly Datum[]): number => data.reduce((sum, item) => sum + 1 + countOf(item.children), 0);

describe('entries of BitLocker’s metadata', () => {
  const use = (inner: readonly number[]): number[] => datum(0x0004, [...u16(0), ...u16(0), ...inner]);

  test('are read once each, however they nest, and no more than 512 of them', () => {
    const leaves = Array.from({ length: 4000 }, () => datum(0x0002, [])).flat();
    const flat = new Uint8Array(leaves);
    const nested = new Uint8Array(use(use(use(use(leaves.slice(0, 32_000))))));
    for (const bytes of [flat, nested]) {
      const issues = new IssueLog();
      expect(countOf(parseData(new Cursor(bytes), 0, bytes.length, issues))).toBeLessThanOrEqual(512);
      expect(issues.issues.length).toBeLessThan(10);
    }
  });

  test('are not read deeper than four levels', () => {
    let bytes = datum(0x0002, []);
    for (let i = 0; i < 1000; i += 1) bytes = use(bytes);
    const depthOf = (data: readonly Datum[]): number => 1 + Math.max(0, ...data.map((item) => depthOf(item.children)));
    const parsed = parseData(new Cursor(new Uint8Array(bytes)), 0, bytes.length, undefined);
    expect(depthOf(parsed) - 1).toBeLessThanOrEqual(4);
  });
});

describe('a volume that is made to cost', () => {
  test('with 150 protectors has one typed key stretched for 8 of them', async () => {
    const { bytes, offsets } = manyProtectors(150);
    const block = bytes.subarray(offsets[0], offsets[0] + 0x10000);
    const size = new DataView(block.buffer, block.byteOffset).getUint16(8, true) * 16;
    expect(crc32(block.subarray(0, size))).toBe(new DataView(block.buffer, block.byteOffset).getUint32(size + 4, true));
    const volume = await readBitLockerVolume(new MemorySource(bytes));
    const key = recoveryKey('235818-357951-253979-013365-241120-245575-342914-591910');
    expect(stretchCandidates(key as never, volume?.protectors ?? [])).toHaveLength(150);
    expect(volume?.issues.issues).toMatchObject([
      { code: 'bitlocker.too-many-protectors', data: { protectors: 150, tried: 8 } },
    ]);
    // The first of the 16 slices of each stretch says what share of all the work it was.
    const abort = new AbortController();
    let first: number | undefined;
    const onProgress = (fraction: number): void => {
      first ??= fraction;
      abort.abort();
    };
    const stopped = tryUnlockBitLocker(new MemorySource(bytes), keyList([key]), { onProgress, signal: abort.signal });
    await expect(stopped).rejects.toThrow();
    expect(first).toBe(1 / 16 / 8);
  });

  test.runIf(LONG)(
    'ends after these 8, and says that the key was tried on them only',
    async () => {
      const key = recoveryKey('235818-357951-253979-013365-241120-245575-342914-591910');
      let stretched = 0;
      let last = 1;
      const onProgress = (fraction: number): void => {
        if (fraction !== last) stretched += 1 / 16;
        last = fraction;
      };
      const outcome = await tryUnlockBitLocker(new MemorySource(manyProtectors(150).bytes), keyList([key]), {
        onProgress,
      });
      expect(outcome).toMatchObject({
        unlocked: false,
        wrongKeys: ['--recovery-key #1'],
        attempts: [{ outcome: 'partly-tried' }],
        error: { code: 'BITLOCKER_WRONG_KEY', data: { partlyTried: '--recovery-key #1' } },
      });
      expect(Math.round(stretched)).toBe(8);
    },
    120_000,
  );

  test('costs four reads and less than a quarter of a mebibyte to detect, whatever its metadata says', async () => {
    const made = makeBitLockerVolume(smallPlainVolume(), { clearKey: true });
    const hostile = [
      made.bytes,
      manyProtectors(150).bytes,
      changeMetadata(made.bytes, made.metadataOffsets, (block) => {
        block.setUint32(28, 0xffff_ffff, true);
        block.setBigUint64(16, 0x001f_ffff_ffff_ffffn, true);
        block.setUint32(24, 0xffff_ffff, true);
      }),
    ];
    for (const bytes of hostile) {
      const counting = new CountingSource(new MemorySource(bytes));
      await detectEncryption(counting);
      expect(counting.reads).toBeLessThanOrEqual(4);
      expect(counting.bytes).toBeLessThanOrEqual(16_384 + 3 * 65_536);
    }
  });
});

describe('LUKS headers', () => {
  test('cost no key derivation, whatever iterations they ask for, and one read of at most 4 MiB', async () => {
    const luks1 = new Uint8Array(1 << 20);
    luks1.set([0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe, 0, 1], 0);
    luks1.fill(0xff, 164, 168);
    for (let slot = 0; slot < 8; slot += 1) luks1.set([0, 0xac, 0x71, 0xf3, 0xff, 0xff, 0xff, 0xff], 208 + slot * 48);
    const luks2 = new Uint8Array(8 << 20);
    luks2.set([0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe, 0, 2, 0, 0, 0, 0, 0, 0x40, 0, 0], 0);
    const slots = Array.from(
      { length: 20_000 },
      (_, i) => `"${i}":{"type":"luks2","kdf":{"type":"argon2id","time":4294967295}}`,
    );
    luks2.set(new TextEncoder().encode(`{"keyslots":{${slots.join(',')}}}`), 4096);
    for (const [bytes, protectors] of [
      [luks1, 8],
      [luks2, 64],
    ] as const) {
      const counting = new CountingSource(new MemorySource(bytes));
      const finding = await detectEncryption(counting);
      expect(finding.keyProtectors).toHaveLength(protectors);
      expect(counting.bytes).toBeLessThanOrEqual(16_384 + (4 << 20));
    }
  });
});
