import { type Bytes, extentsOf, IssueLog, isDeadboxError, MemorySource, toHex } from '@deadbox/core';
import { detectEncryption, probeVolume, unlockBitLocker } from '@deadbox/encryption';
import { bitLockerRun } from '@deadbox/encryption/internals';
import { describe, expect, test } from 'vitest';
import { parseVolumeHeader } from '../../../packages/encryption/src/bitlocker/metadata/volume-header.js';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { withBadPlaces } from '../../support/encryption/failing-source.js';
import { bytesText, changeMetadata, entryAt, smallPlainVolume } from '../../support/encryption/volumes.js';
import { checkSourceContract } from '../../support/source-contract.js';

const MIB = 1 << 20;
const plain = smallPlainVolume();
const made = makeBitLockerVolume(plain, { clearKey: true });
const { metadataOffsets } = made;

/** The volume without its first sector. */
function headless(bytes: Bytes): Bytes {
  return bytes.slice().fill(0, 0, 512);
}

describe('the metadata of a lost volume', () => {
  const found = async (bytes: Bytes, bad: { offset: number; length: number }): Promise<unknown> => {
    const finding = await detectEncryption(withBadPlaces(new MemorySource(bytes), [bad]), { deep: true });
    return [finding.verdict, finding.evidence[0]?.offset];
  };

  test('is found in its second copy where the mebibyte of the first cannot be read', async () => {
    expect(Math.floor(metadataOffsets[0] / MIB)).toBe(0);
    expect(Math.floor(metadataOffsets[1] / MIB)).toBe(1);
    expect(await found(headless(made.bytes), { offset: metadataOffsets[0], length: 512 })).toEqual([
      'encrypted-unlockable',
      metadataOffsets[1],
    ]);
  });

  test('is found in its second copy where only the end of the first cannot be read', async () => {
    const places: [number, number, number] = [MIB - 32_768, 2 * MIB, 3 * MIB];
    const across = makeBitLockerVolume(plain, { clearKey: true, metadataOffsets: places });
    expect(await found(headless(across.bytes), { offset: MIB + 512, length: 512 })).toEqual([
      'encrypted-unlockable',
      places[1],
    ]);
  });

  test('of Windows 7 tells of no sectors and no conversion: the volume opens as one of 512 bytes a sector', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets, asWindows7);
    const opened = await unlockBitLocker(new MemorySource(headless(bytes)), undefined, { carve: true });
    expect(opened.finding.bitlocker).toMatchObject({ sectorSize: 512, encryptOnWrite: false });
    expect(opened.finding.bitlocker?.windowsVersion).toBeUndefined();
    expect(bytesText(await opened.source.read(0, opened.source.size))).toBe(bytesText(made.expected));
  });

  test('that names no moved header at all is found, too: the block’s own fields tell where it is', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets, (block) => {
      // What is left of the entry is a property that nobody knows.
      block.setUint32(entryAt(block, 0x0f, 0x0f) + 2, 0, true);
    });
    const opened = await unlockBitLocker(new MemorySource(headless(bytes)), undefined, { carve: true });
    expect(bytesText(await opened.source.read(0, opened.source.size))).toBe(bytesText(made.expected));
  });

  /** Windows 7 writes the last entry without its extension of 76 bytes. */
  function asWindows7(block: DataView): void {
    block.setUint16(entryAt(block, 0x0f, 0x0f), 24, true);
    for (const field of [64, 76]) block.setUint32(field, block.getUint32(field, true) - 76, true);
  }
});

describe('a volume of Windows Vista', () => {
  // NTFS: up to 128 the number itself, above that the negative power of two.
  test.each([
    [8, 8],
    [0x80, 0x80],
    [0xf4, 4096],
    [0xff, 2],
    [0, 1],
  ])('with %i in the field of sectors a cluster has clusters of %i sectors', (stored, sectors) => {
    const head = new Uint8Array(512);
    head.set(Buffer.from('-FVE-FS-'), 3);
    const view = new DataView(head.buffer);
    view.setUint16(11, 512, true);
    head[13] = stored;
    view.setBigUint64(56, 3n, true);
    expect(parseVolumeHeader(head, new IssueLog())).toMatchObject({
      variant: 'vista',
      clusterSize: sectors * 512,
      metadataOffsets: [3 * sectors * 512],
    });
  });
});

describe('what the metadata says of itself', () => {
  test('an image that ends with the first copy’s block has no checksum for it: used, and the doubt is said', async () => {
    const size = new DataView(made.bytes.buffer, metadataOffsets[0]).getUint16(8, true) * 16;
    const cut = made.bytes.slice(0, metadataOffsets[0] + size);
    const finding = await detectEncryption(new MemorySource(cut));
    expect(finding.verdict).toBe('encrypted-unlockable');
    expect(finding.issues).toMatchObject([
      { code: 'bitlocker.metadata-crc', data: { stored: null } },
      { code: 'bitlocker.metadata-missing' },
      { code: 'bitlocker.metadata-missing' },
      { code: 'bitlocker.metadata-unproven' },
      { code: 'bitlocker.boundary' },
    ]);
  });

  test('a version of Windows that never was is none', async () => {
    for (const [major, build, version] of [
      [10, 20_348, '10.0.20348'],
      [6, 7601, '6.0.7601'],
      [5, 2600, undefined],
      [10, 0x7fff_ffff, undefined],
    ] as const) {
      const bytes = changeMetadata(made.bytes, metadataOffsets, (block) => {
        const entry = entryAt(block, 0x0f, 0x0f) + 8;
        block.setUint32(entry + 52, major, true);
        block.setUint32(entry + 60, build, true);
      });
      expect((await detectEncryption(new MemorySource(bytes))).bitlocker?.windowsVersion).toBe(version);
    }
  });

  test('a decryption that has not begun to move is under way: its goal tells', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets, (block) => block.setUint16(14, 1, true));
    const finding = await detectEncryption(new MemorySource(bytes));
    expect(finding).toMatchObject({ verdict: 'encrypted-unlockable', state: 'decrypting', flags: [] });
  });

  test('a conversion log in front of the moved header’s end hides nothing of the header', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets, (block) => {
      block.setUint16(12, 2, true);
      block.setBigUint64(16, 1024n, true);
      block.setUint32(24, 512, true);
    });
    const opened = await unlockBitLocker(new MemorySource(bytes));
    const stored = bytes.subarray(made.headerOffset, made.headerOffset + 8192);
    expect(toHex(await opened.source.read(0, 8192))).toBe(toHex(stored));
  });
});

describe('the source of an opened volume', () => {
  test('of sectors of 1024 bytes, which NTFS could have, reads as the plain volume and states no sector of its own', async () => {
    const odd = makeBitLockerVolume(plain, { clearKey: true, sectorSize: 1024 });
    const { source, finding } = await unlockBitLocker(new MemorySource(odd.bytes));
    expect(finding.bitlocker?.sectorSize).toBe(1024);
    expect(source.sectorSize).toBeUndefined();
    await checkSourceContract(source, { reference: odd.expected, rounds: 8 });
  });

  test('is opened from a start that was read already, and its evidence counts from the start of the disk', async () => {
    const diskOffset = MIB;
    const probe = await probeVolume(new MemorySource(made.bytes), { diskOffset });
    const opened = await unlockBitLocker(probe);
    expect(opened.finding.evidence[0]).toMatchObject({ offset: diskOffset });
    expect(toHex(await opened.source.read(0, 8192))).toBe(toHex(made.expected.subarray(0, 8192)));
  });

  test('tells where each run lies below; a source that decrypts nothing has none', async () => {
    const { source } = await unlockBitLocker(new MemorySource(made.bytes));
    const run = (at: number): unknown => bitLockerRun(source, at, at + 4096);
    expect(run(0)).toEqual({ kind: 'encrypted', storedAt: made.headerOffset, end: 4096 });
    expect(run(65_536)).toEqual({ kind: 'encrypted', storedAt: 65_536, end: 65_536 + 4096 });
    expect(run(metadataOffsets[1])).toMatchObject({ kind: 'zero', end: metadataOffsets[1] + 4096 });
    expect(bitLockerRun(new MemorySource(plain), 0, 512)).toBeUndefined();
  });

  test('once closed gives nothing, and may be closed again', async () => {
    const { source } = await unlockBitLocker(new MemorySource(made.bytes));
    await source.close?.();
    await source.close?.();
    const closed = (error: unknown): boolean => isDeadboxError(error, 'SOURCE_CLOSED');
    await expect(async () => source.read(0, 512)).rejects.toSatisfy(closed);
    await expect(extentsOf(source, 0, 512).next()).rejects.toSatisfy(closed);
  });
});
