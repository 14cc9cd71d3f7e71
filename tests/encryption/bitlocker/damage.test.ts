import { type ByteSource, type Bytes, type DeadboxError, isDeadboxError, MemorySource } from '@deadbox/core';
import { detectEncryption, unlockBitLocker } from '@deadbox/encryption';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { bytesText, changeMetadata, entryAt, smallPlainVolume } from '../../support/encryption/volumes.js';

const plain = smallPlainVolume();
const made = makeBitLockerVolume(plain, { clearKey: true });
const { metadataOffsets } = made;

async function open(bytes: Bytes): Promise<string> {
  const opened = await unlockBitLocker(new MemorySource(bytes));
  return bytesText(await opened.source.read(0, opened.source.size));
}

async function openError(bytes: Bytes): Promise<DeadboxError> {
  const error = await unlockBitLocker(new MemorySource(bytes)).catch((cause: unknown) => cause);
  if (isDeadboxError(error)) return error;
  throw new Error(`expected a DeadboxError, got ${String(error)}`);
}

function damaged(...copies: number[]): Bytes {
  const bytes = made.bytes.slice();
  for (const copy of copies) bytes[metadataOffsets[copy] + 120] ^= 0xff;
  return bytes;
}

describe('damaged metadata copies', () => {
  test('one or two of three: the intact one is used, and the others are named', async () => {
    for (const copies of [[0], [1], [2], [0, 1], [0, 2], [1, 2]]) {
      const bytes = damaged(...copies);
      expect(await open(bytes)).toBe(bytesText(made.expected));
      const finding = await detectEncryption(new MemorySource(bytes));
      expect(finding.flags).toContain('metadata-damaged');
      expect(finding.issues.map((issue) => [issue.code, issue.at?.offset])).toEqual(
        copies.map((copy) => ['bitlocker.metadata-crc', metadataOffsets[copy]]),
      );
    }
  });

  test('all three by their CRC: the readable one is used, and the doubt is said', async () => {
    const bytes = damaged(0, 1, 2);
    const opened = await unlockBitLocker(new MemorySource(bytes));
    const codes = opened.finding.issues.map((issue) => issue.code);
    expect(codes).toContain('bitlocker.metadata-unproven');
    expect(codes).toContain('bitlocker.metadata-hash');
    expect(bytesText(await opened.source.read(0, opened.source.size))).toBe(bytesText(made.expected));
  });

  test('all three beyond reading: BitLocker is named all the same, and nothing is guessed', async () => {
    const bytes = made.bytes.slice();
    for (const offset of metadataOffsets) bytes.fill(0, offset, offset + 65_536);
    const finding = await detectEncryption(new MemorySource(bytes));
    expect(finding).toMatchObject({
      verdict: 'encrypted-locked',
      product: 'BitLocker',
      state: 'locked',
      needs: ['metadata'],
    });
    expect(finding.flags).toContain('metadata-damaged');
    const error = await openError(bytes);
    expect(error.code).toBe('BITLOCKER_METADATA_DAMAGED');
    expect(error.data['copies']).toHaveLength(3);
  });

  test('CRC right but hash wrong: reported, never silent', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets, (block) =>
      block.setUint16(entryAt(block, 7, 2) + 8, 0x58, true),
    );
    const opened = await unlockBitLocker(new MemorySource(bytes));
    const issue = opened.finding.issues.find((item) => item.code === 'bitlocker.metadata-hash');
    expect(issue).toMatchObject({ severity: 'error', data: { hash: 'wrong' } });
  });

  test('CRC right but hash wrong in two copies: the copy that the key proves is used', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets.slice(0, 2), (block) =>
      block.setUint16(entryAt(block, 7, 2) + 8, 0x58, true),
    );
    const opened = await unlockBitLocker(new MemorySource(bytes));
    expect(opened.finding.issues.map((issue) => issue.code)).not.toContain('bitlocker.metadata-hash');
    expect(opened.finding.bitlocker?.description).toBe('DEADBOX C: 7/19/2024');
    expect(opened.finding.bitlocker?.copies.map((copy) => copy.used)).toEqual([false, false, true]);
  });

  test('offsets beyond the volume, equal to each other, or unaligned do not stop the copy that is left', async () => {
    for (const offset of [0xffff_ffff_ffff_fe00n, 1n << 50n, BigInt(metadataOffsets[2]), 0n, 77n]) {
      const bytes = made.bytes.slice();
      const view = new DataView(bytes.buffer);
      view.setBigUint64(0xb0, offset, true);
      view.setBigUint64(0xb8, offset, true);
      expect(await open(bytes)).toBe(bytesText(made.expected));
    }
  });

  test('an image that is cut off behind the first copy is opened as far as it goes', async () => {
    const cut = made.bytes.slice(0, metadataOffsets[1] - 512);
    const opened = await unlockBitLocker(new MemorySource(cut));
    expect(bytesText(await opened.source.read(0, opened.source.size))).toBe(
      bytesText(made.expected.slice(0, cut.length)),
    );
    const codes = opened.finding.issues.map((issue) => issue.code);
    expect(codes).toContain('bitlocker.boundary');
    expect(codes.filter((code) => code === 'bitlocker.metadata-missing')).toHaveLength(2);
  });
});

describe('a lost first sector', () => {
  for (const [name, filler] of [
    ['zeros', 0],
    ['noise', 0x37],
  ] as const) {
    test(`(${name}): a deep search finds the metadata, and the volume opens as before`, async () => {
      const bytes = made.bytes.slice();
      for (let i = 0; i < 512; i += 1) bytes[i] = (filler * i) & 0xff;
      const source = new MemorySource(bytes);
      expect((await detectEncryption(source)).product).toBeUndefined();
      const finding = await detectEncryption(source, { deep: true });
      expect(finding).toMatchObject({
        verdict: 'encrypted-unlockable',
        product: 'BitLocker',
        flags: ['metadata-damaged'],
      });
      expect(finding.issues.map((issue) => issue.code)).toEqual(['bitlocker.header-lost']);
      expect(finding.evidence[0]).toMatchObject({ what: 'BitLocker metadata block', offset: metadataOffsets[0] });
      const opened = await unlockBitLocker(source, undefined, { carve: true });
      expect(bytesText(await opened.source.read(0, opened.source.size))).toBe(bytesText(made.expected));
    });
  }

  test('of a volume under conversion: which chunks are plain is lost, and that is said', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets, (block) =>
      block.setUint32(entryAt(block, 0x0f, 0x0f) + 8 + 24, 0x4a, true),
    );
    bytes.fill(0, 0, 512);
    const opened = await unlockBitLocker(new MemorySource(bytes), undefined, { carve: true });
    expect(opened.finding.flags).toEqual(['partial', 'metadata-damaged']);
    expect(opened.finding.issues).toContainEqual(
      expect.objectContaining({ code: 'bitlocker.eow-damaged', data: { what: 'all copies', assumed: 'encrypted' } }),
    );
  });

  test('is searched in its first 256 MiB, and that there is more is told', async () => {
    const small: ByteSource = { size: 256 << 20, read: (_, length) => new Uint8Array(length).fill(1) };
    expect((await detectEncryption(small, { deep: true })).issues).toEqual([]);
    const large = { ...small, size: (256 << 20) + 4096 };
    expect(await detectEncryption(large, { deep: true })).toMatchObject({
      verdict: 'none',
      issues: [{ code: 'bitlocker.search-ended', severity: 'note', data: { searched: 256 << 20 } }],
    });
    expect((await detectEncryption(large)).issues).toEqual([]);
  });

  test('and a copy of another volume inside a file are told apart: the block must stand where it says', async () => {
    const bytes = new Uint8Array(1 << 20);
    bytes.set(made.bytes.subarray(metadataOffsets[0], metadataOffsets[0] + 65_536), 512 * 1000);
    expect((await detectEncryption(new MemorySource(bytes), { deep: true })).product).toBeUndefined();
  });
});

describe('damaged entries', () => {
  test('sizes of 0, 7, past the end and 0xFFFF end the list with an issue, not with a crash', async () => {
    for (const size of [0, 7, 0x4000, 0xffff]) {
      const bytes = changeMetadata(made.bytes, metadataOffsets, (block) =>
        block.setUint16(entryAt(block, 2, 8), size, true),
      );
      const finding = await detectEncryption(new MemorySource(bytes));
      expect(finding.product).toBe('BitLocker');
      expect(finding.keyProtectors).toEqual([]);
      if (size !== 0) expect(finding.issues.map((issue) => issue.code)).toContain('bitlocker.entry');
      expect(await openError(bytes)).toMatchObject({ code: 'BITLOCKER_LOCKED' });
    }
  });

  test('the last field of an entry is no version: any value is read', async () => {
    for (const flags of [0, 1, 3, 0x0105, 0xffff]) {
      const bytes = changeMetadata(made.bytes, metadataOffsets, (block) =>
        block.setUint16(entryAt(block, 2, 8) + 6, flags, true),
      );
      expect(await open(bytes)).toBe(bytesText(made.expected));
    }
  });

  test('an unknown method is named by its number', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets, (block) => block.setUint16(100, 0x8009, true));
    const finding = await detectEncryption(new MemorySource(bytes));
    expect(finding).toMatchObject({ verdict: 'encrypted-locked', method: 'unknown (0x8009)' });
    expect(await openError(bytes)).toMatchObject({ code: 'BITLOCKER_UNKNOWN_METHOD', data: { method: 0x8009 } });
  });

  test('a method in the header that differs from the key’s own: the key, which is authenticated, is right', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets, (block) => block.setUint16(100, 0x8005, true));
    const opened = await unlockBitLocker(new MemorySource(bytes));
    expect(opened.finding.method).toBe('XTS-AES-128');
    expect(opened.finding.issues.map((issue) => issue.code)).toContain('bitlocker.method-mismatch');
    expect(bytesText(await opened.source.read(0, opened.source.size))).toBe(bytesText(made.expected));
  });

  test('unknown protectors are listed with their raw value and parts', async () => {
    const expected: [number, object][] = [
      [0x0100, { type: 'tpm', offline: false }],
      [0x0500, { type: 'tpm-pin', offline: false }],
      [0x0300, { type: 'tpm-startup-key', offline: false }],
      [0x0700, { type: 'unknown', parts: ['tpm', 'startup-key', 'pin'], rawType: 0x0700, offline: false }],
      [0x1000, { type: 'smart-card', offline: false }],
      [0x1100, { type: 'network', offline: false }],
      [0x4000, { type: 'unknown', parts: ['dpapi-ng'], offline: false }],
      [0x8001, { type: 'unknown', parts: [], rawType: 0x8001 }],
    ];
    for (const [rawType, protector] of expected) {
      const bytes = changeMetadata(made.bytes, metadataOffsets, (block) =>
        block.setUint16(entryAt(block, 2, 8) + 8 + 26, rawType, true),
      );
      const finding = await detectEncryption(new MemorySource(bytes));
      expect(finding.keyProtectors).toMatchObject([protector]);
      expect(finding.state).toBe(rawType & 0x100 ? 'locked-tpm-only' : 'locked');
    }
  });

  test('a boundary past the volume is noted, and everything reads as encrypted', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets, (block) => block.setBigUint64(16, 1n << 45n, true));
    const opened = await unlockBitLocker(new MemorySource(bytes));
    expect(opened.finding.issues.map((issue) => issue.code)).toContain('bitlocker.boundary');
    expect(bytesText(await opened.source.read(0, opened.source.size))).toBe(bytesText(made.expected));
  });

  test('a moved header that would lie outside the volume is left where it is', async () => {
    for (const [field, value] of [
      [56, 1n << 60n],
      [56, 0n],
      [56, 77n],
    ] as const) {
      const bytes = changeMetadata(made.bytes, metadataOffsets, (block) => block.setBigUint64(field, value, true));
      const opened = await unlockBitLocker(new MemorySource(bytes));
      expect((await opened.source.read(0, 512)).length).toBe(512);
    }
  });
});

describe('hostile bytes', () => {
  test('random damage to header and metadata ends in a finding or a DeadboxError', async () => {
    const places = [...metadataOffsets.map((offset) => ({ offset, length: 1024 })), { offset: 0, length: 512 }];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ place: fc.nat(places.length - 1), at: fc.nat(1023), value: fc.nat(255) }), {
          minLength: 1,
          maxLength: 24,
        }),
        fc.boolean(),
        async (changes, fixed) => {
          let bytes = made.bytes.slice();
          for (const { place, at, value } of changes) {
            const { offset, length } = places[place];
            bytes[offset + (at % length)] = value;
          }
          if (fixed) bytes = changeMetadata(bytes, metadataOffsets, () => void 0);
          const source = new MemorySource(bytes);
          await detectEncryption(source);
          try {
            const opened = await unlockBitLocker(source);
            await opened.source.read(0, Math.min(opened.source.size, 1 << 17));
          } catch (error) {
            if (!isDeadboxError(error)) throw error;
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
