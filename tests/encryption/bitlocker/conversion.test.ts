import { crc32 } from 'node:zlib';
import { MemorySource, toHex } from '@deadbox/core';
import { detectEncryption, unlockBitLocker } from '@deadbox/encryption';
import { bitLockerRun } from '@deadbox/encryption/internals';
import { describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { CONVERSION_CHUNK, underConversion } from '../../support/encryption/conversion.js';
import { bytesText, changeMetadata, smallPlainVolume } from '../../support/encryption/volumes.js';
import { checkSourceContract } from '../../support/source-contract.js';

const size = 4 << 20;
const plain = smallPlainVolume(size);

describe('conversions of the Windows 7 kind', () => {
  for (const [boundary, states, state] of [
    [1 << 20, [3, 1], 'decrypting'],
    [3 << 20, [3, 4], 'encrypting'],
    [(2 << 20) + 512 * 3, [3, 4], 'encrypting'],
  ] as const) {
    test(`boundary at ${boundary}: encrypted below, plain above (${state})`, async () => {
      const made = makeBitLockerVolume(plain, { clearKey: true, boundary, states: [...states] });
      const source = new MemorySource(made.bytes);
      const finding = await detectEncryption(source);
      const percentEncrypted = Math.floor((boundary / size) * 1000) / 10;
      expect(finding).toMatchObject({
        state,
        flags: ['partial'],
        bitlocker: { conversion: { direction: state, percentEncrypted } },
      });
      const opened = await unlockBitLocker(source);
      expect(bytesText(await opened.source.read(0, size))).toBe(bytesText(made.expected));
      await checkSourceContract(opened.source, { reference: made.expected });
    });
  }

  test('an interrupted conversion with a log: the log reads as zeros, with a warning', async () => {
    const made = makeBitLockerVolume(plain, { clearKey: true, states: [2, 4] });
    const boundary = 3 << 20;
    const bytes = changeMetadata(made.bytes, made.metadataOffsets, (block) => {
      block.setBigUint64(16, BigInt(boundary), true);
      block.setUint32(24, 8192, true);
    });
    const opened = await unlockBitLocker(new MemorySource(bytes));
    expect(opened.finding.issues.map((issue) => issue.code)).toContain('bitlocker.conversion-log');
    expect(new Set(await opened.source.read(boundary, 8192))).toEqual(new Set([0]));
    expect(toHex(await opened.source.read(boundary + 8192, 64))).toBe(
      toHex(bytes.subarray(boundary + 8192, boundary + 8192 + 64)),
    );
  });
});

describe('encrypt-on-write conversions', () => {
  const chunk = CONVERSION_CHUNK;
  const chunks = Math.ceil((size - 8192) / chunk);
  const patterns: Record<string, number[]> = {
    'first half encrypted': Array.from({ length: chunks }, (_, i) => (i < chunks / 2 ? 1 : 0)),
    'every third chunk plain': Array.from({ length: chunks }, (_, i) => (i % 3 === 2 ? 0 : 1)),
    'all plain': Array.from({ length: chunks }, () => 0),
  };
  for (const [name, bits] of Object.entries(patterns)) {
    test(`${name}: each chunk is read as its bit says, the moved header included`, async () => {
      const { bytes, expected } = underConversion(bits);
      const opened = await unlockBitLocker(new MemorySource(bytes));
      const encrypted = bits.reduce(
        (sum, bit, i) => sum + (bit === 1 ? Math.min(chunk, size - 8192 - i * chunk) : 0),
        0,
      );
      expect(opened.finding.bitlocker?.conversion).toMatchObject({ encryptedBytes: encrypted });
      // Free space of encrypted chunks where the information lies was plain zeros on the disk; compare what holds data.
      const view = await opened.source.read(0, size);
      for (const at of [0, 8192, 65_536, size - 65_536, size - 512]) {
        expect(toHex(view.subarray(at, at + 512)), `at ${at}`).toBe(toHex(expected.subarray(at, at + 512)));
      }
      for (let at = (1 << 20) - 65_024; at < size; at += 1 << 20) {
        expect(bytesText(view.subarray(at, at + 65_024))).toBe(bytesText(expected.subarray(at, at + 65_024)));
      }
    });
  }

  test('of two records the valid one with the higher number counts', async () => {
    const bits = patterns['every third chunk plain'];
    const inverse = bits.map((bit) => 1 - bit);
    // Damage the newer record: the older one, whose bits are the inverse, is all that is left.
    const { bytes } = underConversion(bits, { damage: (image, [bitmap]) => (image[bitmap + 512 + 40] ^= 1) });
    const opened = await unlockBitLocker(new MemorySource(bytes));
    const encrypted = inverse.reduce(
      (sum, bit, i) => sum + (bit === 1 ? Math.min(chunk, size - 8192 - i * chunk) : 0),
      0,
    );
    expect(opened.finding.bitlocker?.conversion?.encryptedBytes).toBe(encrypted);
  });

  test('a lost bitmap is named, and no percentage is made up', async () => {
    const { bytes } = underConversion(patterns['all plain'], {
      damage: (image, [bitmap]) => image.fill(0, bitmap, bitmap + 1536),
    });
    const finding = await detectEncryption(new MemorySource(bytes));
    expect(finding.flags).toEqual(['partial']);
    expect(finding.issues).toMatchObject([{ code: 'bitlocker.eow-damaged', data: { what: 'bitmap' } }]);
    expect(finding.bitlocker?.conversion?.percentEncrypted).toBeUndefined();
  });

  test('a part whose bitmap is lost reads as encrypted, up to the next part', async () => {
    // Of three parts the first lost its bitmap; all three are plain.
    const damage = (image: Buffer, [first]: readonly number[]): unknown => image.fill(0, first, first + 64);
    const { bytes, start } = underConversion(patterns['all plain'], { regions: 3, damage });
    const { source } = await unlockBitLocker(new MemorySource(bytes));
    const second = start + Math.ceil(chunks / 3) * chunk;
    for (const [at, kind] of [
      [16_384, 'encrypted'],
      [second - 512, 'encrypted'],
      [second, 'plain'],
      [size - 512, 'plain'],
    ] as const)
      expect(bitLockerRun(source, at, at + 512), `at ${at}`).toMatchObject({ kind, storedAt: at });
    expect(bitLockerRun(source, second - 512, second + 512)?.end).toBe(second);
    expect(toHex(await source.read(size - 512, 512))).toBe(toHex(plain.subarray(size - 512)));
  });

  test('a bitmap of a part that begins or ends inside a sector is damage: what it says of sectors cannot be', async () => {
    for (const [field, value] of [
      [20, 8193n],
      [20, 8192n + 256n],
      [28, BigInt(size - 8192 - 3)],
    ] as const) {
      const damage = (image: Buffer, [bitmap]: readonly number[]): void => {
        image.writeBigUInt64LE(value, bitmap + field);
        image.writeUInt32LE(0, bitmap + 56);
        image.writeUInt32LE(crc32(image.subarray(bitmap, bitmap + 512)), bitmap + 56);
      };
      const { bytes } = underConversion(patterns['every third chunk plain'], { damage });
      const { source, finding } = await unlockBitLocker(new MemorySource(bytes));
      expect(finding.issues).toMatchObject([{ code: 'bitlocker.eow-damaged', data: { what: 'bitmap' } }]);
      expect(await source.read(0, size)).toHaveLength(size);
    }
  });

  test('information of chunks that are no whole sectors is damage', async () => {
    const { bytes } = underConversion(patterns['all plain'], {
      damage: (image) => image.writeUInt16LE(4096, 11),
      chunkSize: 2048,
    });
    expect((await detectEncryption(new MemorySource(bytes))).issues).toMatchObject([
      { code: 'bitlocker.eow-damaged', data: { what: 'information' } },
      { code: 'bitlocker.eow-damaged', data: { what: 'information' } },
    ]);
  });

  test('a bitmap larger than the first read of it is read whole', async () => {
    const bits = patterns['every third chunk plain'];
    const { bytes, expected } = underConversion(bits, { recordSize: 4096 });
    const opened = await unlockBitLocker(new MemorySource(bytes));
    expect(opened.finding.issues).toEqual([]);
    for (let at = (1 << 20) - 65_024; at < size; at += 1 << 20)
      expect(bytesText(await opened.source.read(at, 65_024))).toBe(bytesText(expected.subarray(at, at + 65_024)));
  });

  test('the second copy of the information counts where the first lies nowhere', async () => {
    for (const place of [0n, BigInt(size), 1n << 60n]) {
      const { bytes } = underConversion(patterns['all plain'], {
        damage: (image) => image.writeBigUInt64LE(place, 0xc8),
      });
      const { issues, bitlocker } = await detectEncryption(new MemorySource(bytes));
      expect(issues).toMatchObject([{ code: 'bitlocker.eow-damaged', data: { what: 'information' } }]);
      expect(bitlocker?.conversion).toMatchObject({ encryptedBytes: 0, percentEncrypted: 0 });
    }
  });

  test('information that names no part at all tells no progress, and everything reads as encrypted', async () => {
    const damage = (image: Buffer, _: unknown, information: number): void => {
      for (const copy of [information, information + 4096]) {
        image.writeUInt32LE(0, copy + 32);
        image.writeUInt32LE(0, copy + 36);
        image.writeUInt32LE(crc32(image.subarray(copy, copy + 64)), copy + 36);
      }
    };
    const { bytes } = underConversion(patterns['all plain'], { damage });
    const { source, finding } = await unlockBitLocker(new MemorySource(bytes));
    expect(finding.bitlocker?.conversion).toEqual({ direction: 'unknown' });
    expect(bitLockerRun(source, 65_536, 98_304)).toEqual({ kind: 'encrypted', storedAt: 65_536, end: 98_304 });
  });
});

describe('the decrypted source', () => {
  for (const [method, sectorSize] of [
    [0x8000, 512],
    [0x8004, 4096],
    [0x8005, 512],
    [0x8003, 4096],
  ] as const) {
    test(`0x${method.toString(16)}, sectors of ${sectorSize}: any range reads as the plain volume, extents tell zeros and plain parts`, async () => {
      const made = makeBitLockerVolume(plain, { clearKey: true, method, sectorSize });
      const opened = await unlockBitLocker(new MemorySource(made.bytes));
      expect(opened.source.sectorSize).toBe(sectorSize);
      await checkSourceContract(opened.source, { reference: made.expected });
    });
  }
});
