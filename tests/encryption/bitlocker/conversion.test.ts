import { crc32 } from 'node:zlib';
import { MemorySource, toHex } from '@deadbox/core';
import { detectEncryption, unlockBitLocker } from '@deadbox/encryption';
import { describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
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
  const chunk = 65_536;

  /**
   * Turns a made volume into one under conversion: plain chunks where `bits` has a zero, structures as dissect.fve
   * documents them.
   */
  function underConversion(
    bits: number[],
    damage?: (bytes: Buffer, at: number) => void,
  ): { bytes: Uint8Array<ArrayBuffer>; expected: Uint8Array } {
    const made = makeBitLockerVolume(plain, { clearKey: true, method: 0x8002 });
    const bytes = Buffer.from(made.bytes);
    const expected = Buffer.from(made.expected);
    const region = 8192;
    const length = size - region;
    bits.forEach((bit, i) => {
      const from = region + i * chunk;
      const to = Math.min(from + chunk, size);
      if (bit === 0) Buffer.from(plain.subarray(from, to)).copy(bytes, from);
    });
    // Metadata and the moved header lie in chunks, too: put back what the plain chunks overwrote.
    for (const offset of made.metadataOffsets)
      Buffer.from(made.bytes.subarray(offset, offset + 65_536)).copy(bytes, offset);
    const headerBit = bits[Math.floor((made.headerOffset - region) / chunk)];
    const header =
      headerBit === 0 ? plain.subarray(0, 8192) : made.bytes.subarray(made.headerOffset, made.headerOffset + 8192);
    Buffer.from(header).copy(bytes, made.headerOffset);

    const information = made.metadataOffsets[1] + 65_536;
    const bitmap = information + 8192;
    bytes.fill(0, information, bitmap + 4096);
    const info = Buffer.alloc(64);
    info.write('FVE-EOW\0', 'latin1');
    info.writeUInt16LE(56, 8);
    info.writeUInt16LE(64, 10);
    info.writeUInt32LE(512, 12);
    info.writeUInt32LE(chunk, 20);
    info.writeUInt32LE(1, 32);
    info.writeBigUInt64LE(BigInt(information), 40);
    info.writeBigUInt64LE(BigInt(information + 4096), 48);
    info.writeBigUInt64LE(BigInt(bitmap), 56);
    info.writeUInt32LE(crc32(info), 36);
    info.copy(bytes, information);
    info.copy(bytes, information + 4096);
    const record = (sequence: number, values: number[]): Buffer => {
      const block = Buffer.alloc(512);
      block.write('FVE-EOWBR\0', 'latin1');
      block.writeUInt16LE(36, 10);
      block.writeUInt32LE(512, 12);
      block.writeUInt32LE(values.length, 16);
      block.writeBigUInt64LE(BigInt(sequence), 20);
      values.forEach((bit, i) => (block[36 + (i >> 3)] |= bit << (i & 7)));
      block.writeUInt32LE(crc32(block), 32);
      return block;
    };
    const map = Buffer.alloc(512);
    map.write('FVE-EOWBM\0', 'latin1');
    map.writeUInt16LE(60, 10);
    map.writeUInt32LE(1536, 12);
    map.writeBigUInt64LE(BigInt(region), 20);
    map.writeBigUInt64LE(BigInt(length), 28);
    map.writeUInt32LE(512, 44);
    map.writeUInt32LE(1024, 48);
    map.writeUInt32LE(512, 52);
    map.writeUInt32LE(crc32(map), 56);
    Buffer.concat([
      map,
      record(7, bits),
      record(
        6,
        bits.map((bit) => 1 - bit),
      ),
    ]).copy(bytes, bitmap);
    // The volume header names the conversion, and the two copies of its information.
    Buffer.from('3b4da89280dd0e4d9e4eb1e3284eaed8', 'hex').copy(bytes, 0xa0);
    bytes.writeBigUInt64LE(BigInt(information), 0xc8);
    bytes.writeBigUInt64LE(BigInt(information + 4096), 0xd0);
    expected.fill(0, information, information + 512);
    expected.fill(0, information + 4096, information + 4608);
    expected.fill(0, bitmap, bitmap + 1536);
    damage?.(bytes, bitmap);
    return { bytes: Uint8Array.from(bytes), expected };
  }
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
    const { bytes } = underConversion(bits, (image, bitmap) => (image[bitmap + 512 + 40] ^= 1));
    const opened = await unlockBitLocker(new MemorySource(bytes));
    const encrypted = inverse.reduce(
      (sum, bit, i) => sum + (bit === 1 ? Math.min(chunk, size - 8192 - i * chunk) : 0),
      0,
    );
    expect(opened.finding.bitlocker?.conversion?.encryptedBytes).toBe(encrypted);
  });

  test('a lost bitmap is named, and no percentage is made up', async () => {
    const { bytes } = underConversion(patterns['all plain'], (image, bitmap) => image.fill(0, bitmap, bitmap + 1536));
    const finding = await detectEncryption(new MemorySource(bytes));
    expect(finding.flags).toEqual(['partial']);
    expect(finding.issues).toMatchObject([{ code: 'bitlocker.eow-damaged', data: { what: 'bitmap' } }]);
    expect(finding.bitlocker?.conversion?.percentEncrypted).toBeUndefined();
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
