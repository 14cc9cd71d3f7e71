import { crc32 } from 'node:zlib';
import { type Bytes, IssueLog, MemorySource } from '@deadbox/core';
import { detectEncryption, type EncryptionFinding } from '@deadbox/encryption';
import { describe, expect, test } from 'vitest';
import { searchEnd } from '../../../packages/encryption/src/bitlocker/detect-bitlocker.js';
import { type Datum, EntryType, ValueType } from '../../../packages/encryption/src/bitlocker/metadata/datum.js';
import { keyProtectors, opensByItself } from '../../../packages/encryption/src/bitlocker/metadata/key-protector.js';
import { readMetadata } from '../../../packages/encryption/src/bitlocker/metadata/metadata-reader.js';
import { conversionProgress, hasConversionLog } from '../../../packages/encryption/src/bitlocker/metadata/state.js';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { withBadPlaces } from '../../support/encryption/failing-source.js';
import { changeMetadata, cipherBytes, entryAt, smallPlainVolume } from '../../support/encryption/volumes.js';

/*
 * What decides what a volume needs, at its edges. A need that is wrong sends an operator for a key that opens nothing,
 * and an encrypted volume that is called plain is given up.
 */

const recoveryPassword = '235818-357951-253979-013365-241120-245575-342914-591910';
const metadataOffsets: [number, number, number] = [131_072, 393_216, 655_360];
const SIZE = 1 << 20;
const made = makeBitLockerVolume(smallPlainVolume(SIZE), { clearKey: true, recoveryPassword, metadataOffsets });

const found = (bytes: Bytes): Promise<EncryptionFinding> => detectEncryption(new MemorySource(bytes));
const statuses = ({ bitlocker }: EncryptionFinding): unknown =>
  bitlocker?.copies.map(({ status, used }) => (used ? `${status}, used` : status));

/** The volume with something changed in a copy of its metadata each, whose checksums are left as they are. */
function damaged(...changes: readonly (((block: DataView) => void) | undefined)[]): Bytes {
  const bytes = made.bytes.slice();
  for (const [copy, change] of changes.entries()) change?.(new DataView(bytes.buffer, metadataOffsets[copy], 65_536));
  return bytes;
}
const wiped = (block: DataView): void => block.setUint8(0, 0);
const wrongCrc = (block: DataView): void => block.setUint8(112 + 8, block.getUint8(112 + 8) ^ 1);
/** The list of entries ends before the first one. */
const emptied = (block: DataView): void => block.setUint16(112, 0, true);

/** The volume with the header of Windows Vista, which names the first copy alone. */
function vista(bytes: Bytes): Bytes {
  const changed = bytes.slice().fill(0, 0xa0, 0xa0 + 40);
  new DataView(changed.buffer).setBigUint64(56, BigInt(metadataOffsets[0] / 4096), true);
  return changed;
}

describe('copies of the metadata', () => {
  test('that damage left without any entry are of no use, and those that it left without a shape neither', async () => {
    expect(statuses(await found(damaged(wiped, wrongCrc, wrongCrc)))).toEqual([
      'bad-signature',
      'bad-crc, used',
      'bad-crc',
    ]);
    const bytes = damaged(emptied, wrongCrc, wiped);
    const finding = await found(bytes);
    expect(statuses(finding)).toEqual(['bad-crc', 'bad-crc, used', 'bad-signature']);
    expect(finding.issues.at(-1)).toMatchObject({
      code: 'bitlocker.metadata-unproven',
      at: { offset: metadataOffsets[1] },
    });
    expect(await found(damaged(emptied, emptied, emptied))).toMatchObject({ state: 'locked', needs: ['metadata'] });
  });

  test('say both checksums where they differ, and none where there is nothing to sum', async () => {
    const bytes = damaged(wrongCrc, wiped);
    const [start] = metadataOffsets;
    const block = made.bytes.subarray(start, start + new DataView(made.bytes.buffer, start).getUint16(8, true) * 16);
    const computed = crc32(bytes.subarray(start, start + block.length));
    const [first, second] = (await found(bytes)).issues;
    expect(first?.data).toEqual({ volumeSize: SIZE, stored: crc32(block), computed });
    expect(second?.data).toEqual({ volumeSize: SIZE });
  });

  test('of Windows Vista are found through the first one, damaged or not, if it is there at all', async () => {
    expect(statuses(await found(vista(made.bytes)))).toEqual(['good, used', 'good', 'good']);
    expect(statuses(await found(vista(damaged(wrongCrc))))).toEqual(['bad-crc', 'good, used', 'good']);
    const lost = await found(vista(damaged(wiped)));
    expect(statuses(lost)).toEqual(['bad-signature']);
    expect(lost).toMatchObject({ verdict: 'encrypted-locked', needs: ['metadata'], flags: ['metadata-damaged'] });
  });

  test('that all lie behind the end of the image leave the volume in need of them', async () => {
    const cut = await found(made.bytes.slice(0, metadataOffsets[0]));
    expect(statuses(cut)).toEqual(['missing', 'missing', 'missing']);
    expect(cut).toMatchObject({ verdict: 'encrypted-locked', needs: ['metadata'], flags: ['metadata-damaged'] });
  });

  test('are not read where none can begin', async () => {
    const reads: number[] = [];
    const source = {
      size: SIZE,
      read: (offset: number, length: number): Bytes => {
        reads.push(offset);
        return new Uint8Array(length);
      },
    };
    const header = {
      variant: 'windows7',
      encryptOnWrite: false,
      sectorSize: 512,
      clusterSize: 4096,
      signatureOffset: 0xa0,
      signatureLength: 16,
      metadataOffsets: [0, -512, 256, 512.5, 2 ** 60],
      eowOffsets: [],
    } as const;
    const { copies, usable } = await readMetadata(
      source,
      { ...header, metadataOffsets: [...header.metadataOffsets], eowOffsets: [] },
      new IssueLog(),
    );
    expect(copies.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'bad-signature'));
    expect([reads, usable]).toEqual([[], []]);
  });
});

describe('the state in the metadata', () => {
  const block = (more: object): Parameters<typeof hasConversionLog>[0] =>
    ({ version: 2, currentState: 4, nextState: 4, boundary: 0, conversionLogSize: 0, entries: [], ...more }) as never;

  test('has data in flight while it switches, and has a log', () => {
    for (const [currentState, conversionLogSize, expected] of [
      [2, 512, true],
      [2, 0, false],
      [4, 512, false],
      [1, 512, false],
    ] as const)
      expect(hasConversionLog(block({ currentState, conversionLogSize }))).toBe(expected);
  });

  test('of Windows Vista has no boundary, whatever stands in its place', () => {
    const half = { boundary: SIZE / 2 };
    expect(conversionProgress(block({ version: 1, ...half }), false, undefined, SIZE)).toBeUndefined();
    expect(conversionProgress(block(half), false, undefined, SIZE)).toMatchObject({ percentEncrypted: 50 });
  });

  test('tells no share of bitmaps that cover nothing', () => {
    const eow = { complete: true, bitmaps: [], information: { chunkSize: 4096 } } as never;
    expect(conversionProgress(block({}), true, eow, SIZE)).toEqual({ direction: 'unknown' });
  });

  test('of a decrypted volume knows of no conversion any more', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets, (view) => {
      view.setUint32(12, 0x0001_0001, true);
      view.setBigUint64(16, BigInt(SIZE / 2), true);
    });
    const finding = await found(bytes);
    expect(finding).toMatchObject({ verdict: 'none', state: 'decrypted', flags: [], needs: ['nothing'] });
    expect(finding.bitlocker?.conversion).toBeUndefined();
  });
});

describe('a key protector', () => {
  const datum = (entryType: number, valueType: number, length: number, children: readonly Datum[] = []): Datum => ({
    offset: 0,
    size: 8 + length,
    entryType,
    valueType,
    flags: 1,
    payload: new Uint8Array(length),
    children,
  });
  const wrapped = datum(0, ValueType.aesCcm, 60);
  /** The protector of this number, with these entries in it. */
  const protector = (rawType: number, ...children: readonly Datum[]) => {
    const entry = datum(EntryType.volumeMasterKey, ValueType.volumeMasterKey, 28, children);
    new DataView(entry.payload.buffer).setUint16(26, rawType, true);
    const [only] = keyProtectors([entry]);
    return only;
  };

  test('that calls itself a clear key opens by itself with a key of 32 bytes only', () => {
    const withKey = (length: number) => protector(0, datum(0, ValueType.key, 4 + length), wrapped);
    expect([31, 32, 33].map((length) => opensByItself(withKey(length)))).toEqual([false, true, false]);
    expect(opensByItself(protector(0, wrapped))).toBe(false);
    // Of any other kind a key in the open is none.
    expect(protector(0x800, datum(0, ValueType.key, 36), wrapped).clearKey).toBeUndefined();
  });

  test('is asked for a clear key that is not there without harm', async () => {
    const bytes = changeMetadata(made.bytes, metadataOffsets, (view) =>
      view.setUint16(entryAt(view, 2, 8) + 8 + 28 + 4, ValueType.erased, true),
    );
    expect(await found(bytes)).toMatchObject({ verdict: 'encrypted-locked', needs: ['recovery-password'] });
  });

  test('has the stretching of an entry that is long enough', () => {
    const withSalt = (length: number) => protector(0x2000, datum(0, ValueType.stretchKey, length)).stretching;
    expect([withSalt(0), withSalt(19)]).toEqual([undefined, undefined]);
    expect(withSalt(20)).toEqual({ salt: new Uint8Array(16), flags: 0 });
  });

  test('of a recovery password keeps it encrypted beside the copy of its stretched key; no other does', () => {
    const copies = [
      datum(EntryType.recoveryPasswordCopy, ValueType.key, 20),
      datum(EntryType.stretchedKeyCopy, ValueType.aesCcm, 60),
      datum(EntryType.recoveryPasswordCopy, ValueType.aesCcm, 60),
    ];
    const stretch = datum(0, ValueType.stretchKey, 20, copies);
    expect(protector(0x800, stretch).recoveryPasswordCopy).toBe(copies[2]);
    expect(protector(0x2000, stretch).recoveryPasswordCopy).toBeUndefined();
    expect(protector(0x800, datum(0, ValueType.stretchKey, 20, copies.slice(0, 2))).recoveryPasswordCopy).toBe(
      undefined,
    );
  });
});

describe('a volume that is not BitLocker’s by its start', () => {
  const unknown = Uint8Array.from({ length: 131_072 }, (_, i) => (i * 31 + (i >> 8)) & 0x7f);

  test('needs a password where the second header of LUKS2 is left', async () => {
    // cryptsetup, "LUKS2 On-Disk Format Specification", 2.1: magic, version, header size, UUID, offset.
    const volume = cipherBytes(SIZE);
    const second = new DataView(volume.buffer, 0x4_0000, 4096);
    volume.fill(0, 0x4_0000, 0x4_1000).set(Buffer.from('SKUL\xba\xbe', 'latin1'), 0x4_0000);
    second.setUint16(6, 2);
    second.setBigUint64(8, 0x4_0000n);
    second.setBigUint64(256, 0x4_0000n);
    expect(await found(volume)).toMatchObject({ verdict: 'encrypted-locked', product: 'LUKS2', needs: ['password'] });
  });

  test('needs what its product asks for', async () => {
    const source = new MemorySource(unknown);
    const partitionType = '7FFEC5C9-2D00-49B7-8941-3EA10A5586B7';
    expect((await detectEncryption(source, { partitionType })).needs).toEqual(['password']);
    const container = unknown.slice();
    container.set(Buffer.from('LOCOS94 '), 3);
    container.set(Buffer.from('BC_KeyGenID'), 43);
    expect((await found(container)).needs).toEqual(['password', 'product']);
  });

  test('is still left to statistics where a search finds nothing, and what was not read is named', async () => {
    expect(await detectEncryption(new MemorySource(unknown), { deep: true })).toMatchObject({
      verdict: 'none',
      samplingAdvised: true,
      issues: [],
    });
    const bad = withBadPlaces(new MemorySource(unknown), [{ offset: 0x5000, length: 512 }]);
    expect((await detectEncryption(bad)).issues).toMatchObject([
      { code: 'encryption.unreadable', at: { offset: 0x4000 } },
    ]);
  });

  test('whose start is lost is proven by what was found, not by the start', async () => {
    const bytes = made.bytes.slice().fill(0, 0, 512);
    const { evidence } = await detectEncryption(new MemorySource(bytes), { deep: true });
    expect(evidence.map(({ what }) => what)).toEqual(['BitLocker metadata block', 'BitLocker clear key entry']);
  });

  test('was searched to its end, or as far as is said', () => {
    const limit = 256 << 20;
    const notes = (size: number) => searchEnd({ source: { size } as MemorySource, head: new Uint8Array(0) });
    expect([notes(limit - 1), notes(limit)]).toEqual([[], []]);
    expect(notes(limit + 1)).toEqual([
      { code: 'bitlocker.search-ended', severity: 'note', data: { searched: limit, volumeSize: limit + 1 } },
    ]);
  });
});
