import { createHash } from 'node:crypto';
import { isDeadboxError, MemorySource, toHex } from '@deadbox/core';
import { keyList, type UnlockKey, unlockBitLocker } from '@deadbox/encryption';
import { sealSectors } from '@deadbox/encryption/seal';
import { describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { type CorpusEntry, describeWithCorpus } from '../../support/corpus.js';
import { bitLockerEntries, withImage } from '../../support/encryption/corpus-volumes.js';
import { smallPlainVolume } from '../../support/encryption/volumes.js';

const plain = smallPlainVolume();

describe('sealing', () => {
  for (const [method, sectorSize] of [
    [0x8000, 512],
    [0x8002, 512],
    [0x8003, 4096],
    [0x8004, 512],
    [0x8005, 4096],
  ] as const) {
    test(`0x${method.toString(16)}, sectors of ${sectorSize}: unchanged sectors come back as the ciphertext that OpenSSL made`, async () => {
      const made = makeBitLockerVolume(plain, { clearKey: true, method, sectorSize });
      const below = new MemorySource(made.bytes);
      const { source } = await unlockBitLocker(below);
      for (const offset of [8192, 65_536, (1 << 20) - 4096, source.size - 4096]) {
        const pieces = await sealSectors(source, offset, await source.read(offset, 4096));
        expect(pieces).toHaveLength(1);
        expect(pieces[0]).toMatchObject({ source: below, offset });
        expect(toHex(pieces[0]?.bytes as Uint8Array)).toBe(toHex(made.bytes.subarray(offset, offset + 4096)));
      }
      // The start of the volume is stored elsewhere.
      const [header] = await sealSectors(source, 0, await source.read(0, 8192));
      expect(header?.offset).toBe(made.headerOffset);
      expect(toHex(header?.bytes as Uint8Array)).toBe(
        toHex(made.bytes.subarray(made.headerOffset, made.headerOffset + 8192)),
      );
    });
  }

  test('a changed sector, put where it belongs, reads back as changed, and nothing else differs', async () => {
    const made = makeBitLockerVolume(plain, { clearKey: true });
    const opened = await unlockBitLocker(new MemorySource(made.bytes));
    const before = await opened.source.read(0, opened.source.size);
    const changed = new Uint8Array(512).fill(0x42);
    const disk = made.bytes.slice();
    for (const piece of await sealSectors(opened.source, 66_048, changed)) disk.set(piece.bytes, piece.offset);
    const again = await unlockBitLocker(new MemorySource(disk));
    const after = await again.source.read(0, again.source.size);
    before.set(changed, 66_048);
    expect(createHash('sha256').update(after).digest('hex')).toBe(createHash('sha256').update(before).digest('hex'));
  });

  test('in a partly encrypted volume, plain parts stay plain', async () => {
    const boundary = (1 << 20) - 32_768;
    const made = makeBitLockerVolume(plain, { clearKey: true, boundary, states: [3, 1] });
    const { source } = await unlockBitLocker(new MemorySource(made.bytes));
    const pieces = await sealSectors(source, boundary - 512, plain.slice(boundary - 512, boundary + 512));
    expect(pieces.map(({ offset, bytes }) => [offset, toHex(bytes)])).toEqual([
      [boundary - 512, toHex(made.bytes.subarray(boundary - 512, boundary))],
      [boundary, toHex(plain.subarray(boundary, boundary + 512))],
    ]);
  });

  test('refuses parts of sectors, reserved places, other sources and closed volumes', async () => {
    const made = makeBitLockerVolume(plain, { clearKey: true });
    const { source } = await unlockBitLocker(new MemorySource(made.bytes));
    const refused = (offset: number, length: number, of = source): Promise<void> =>
      expect(sealSectors(of, offset, new Uint8Array(length))).rejects.toSatisfy((error) =>
        isDeadboxError(error, 'SEAL_NOT_POSSIBLE'),
      );
    await refused(100, 512);
    await refused(512, 100);
    await refused(made.metadataOffsets[1], 512);
    await refused(made.headerOffset, 512);
    await refused(0, 512, new MemorySource(plain));
    await source.close?.();
    await expect(sealSectors(source, 65_536, new Uint8Array(512))).rejects.toSatisfy((error) =>
      isDeadboxError(error, 'SOURCE_CLOSED'),
    );
  });
});

describeWithCorpus('sealing on volumes that Windows encrypted', () => {
  // Published keys, so that nothing needs stretching; the clear-key volume needs none at all.
  const published: [string, UnlockKey['kind'] | undefined, string][] = [
    ['win-bitlk-aes-xts-128-clearkey-only', undefined, ''],
    [
      'win-bitlk-aes-cbc-elephant-128',
      'volume-master-key',
      'c1f753b79257d99fdc25ba6adff245113a0aaacc4455439155ded5c562bb703a',
    ],
    ['win-bitlk-aes-xts-128', 'volume-master-key', 'e5862465920b1190605ae29547623fb9c0dbafab073c85634bfb0f8a4b8cf46b'],
    ['win-bitlk-aes-xts-128-4k', 'full-volume-key', '287018615ea30a9b6fb694977e5070780610eb6d729184eee2ddedc6f1c36f54'],
    ['win-fve-aes-256', 'full-volume-key', 'dd3885ef9948c8dc6ad1b54a6c4a4b6fb74b44d1d9775ac7ed186c35f1b59022'],
  ];
  for (const [id, kind, hex] of published) {
    test(`${id}: real ciphertext is reproduced`, async () => {
      const entry = bitLockerEntries().find((item) => item.id === id) as CorpusEntry;
      await withImage(entry, async (file) => {
        const keys =
          kind === undefined
            ? undefined
            : keyList([{ kind, label: 'raw', bytes: Uint8Array.from(Buffer.from(hex, 'hex')) } as UnlockKey]);
        const { source } = await unlockBitLocker(file, keys);
        let real = 0;
        for (const offset of [0, 4096, 1 << 20, 16 << 20, 40 << 20]) {
          for (const piece of await sealSectors(source, offset, await source.read(offset, 4096))) {
            const stored = await piece.source.read(piece.offset, piece.bytes.length);
            expect(toHex(piece.bytes)).toBe(toHex(stored));
            if (new Set(stored).size > 100) real += 1;
          }
        }
        // The moved header at least is ciphertext in every image.
        expect(real).toBeGreaterThan(0);
      });
    });
  }
});
