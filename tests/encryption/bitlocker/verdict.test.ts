import { type Bytes, MemorySource } from '@deadbox/core';
import { detectEncryption, type EncryptionFinding, probeVolume } from '@deadbox/encryption';
import { describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { underConversion } from '../../support/encryption/conversion.js';
import { withBadPlaces } from '../../support/encryption/failing-source.js';
import { changeMetadata, entryAt, smallPlainVolume } from '../../support/encryption/volumes.js';

const recoveryPassword = '235818-357951-253979-013365-241120-245575-342914-591910';
const startupKey = new Uint8Array(32).fill(9);
const SIZE = 1 << 20;
const metadataOffsets: [number, number, number] = [131_072, 393_216, 655_360];
const plain = smallPlainVolume(SIZE);
const made = makeBitLockerVolume(plain, { clearKey: true, recoveryPassword, startupKey, metadataOffsets });
const alone = makeBitLockerVolume(plain, { clearKey: true, metadataOffsets });
const locked = makeBitLockerVolume(plain, { recoveryPassword, metadataOffsets });

type Change = (block: DataView<ArrayBuffer>) => void;
const found = (bytes: Bytes): Promise<EncryptionFinding> => detectEncryption(new MemorySource(bytes));
const changed = (bytes: Bytes, change: Change): Promise<EncryptionFinding> =>
  found(changeMetadata(bytes, metadataOffsets, change));
/** Gives the protectors of the volume, in their order, these kinds. */
const kinds =
  (...types: readonly number[]): Change =>
  (block) => {
    let at = entryAt(block, 2, 8);
    for (const type of types) {
      block.setUint16(at + 8 + 26, type, true);
      at += block.getUint16(at, true);
    }
  };

describe('the state of a BitLocker volume', () => {
  test.each<[string, string, string, string[], Bytes, Change]>([
    [
      'waits for its activation when a clear key is alone',
      'waiting-for-activation',
      'unlockable',
      ['nothing'],
      alone.bytes,
      () => undefined,
    ],
    [
      'is suspended when a clear key lies beside other protectors',
      'suspended',
      'unlockable',
      ['nothing'],
      made.bytes,
      () => undefined,
    ],
    ['is locked without a clear key', 'locked', 'locked', ['recovery-password'], locked.bytes, () => undefined],
    [
      'is decrypting when that is the goal',
      'decrypting',
      'unlockable',
      ['nothing'],
      made.bytes,
      (block) => block.setUint16(14, 1, true),
    ],
    [
      'is locked to its machine when a TPM guards every protector',
      'locked-tpm-only',
      'locked',
      ['original-machine'],
      made.bytes,
      kinds(0x100, 0x500, 0x300),
    ],
    [
      'is locked when one of them needs no TPM',
      'locked',
      'locked',
      ['recovery-password', 'original-machine'],
      made.bytes,
      kinds(0x100, 0x800, 0x500),
    ],
    ['is locked when nothing tells what opens it', 'locked', 'locked', [], locked.bytes, kinds(0x4000)],
    [
      'is locked, and needs its metadata, when that lost the protectors',
      'locked',
      'locked',
      ['metadata'],
      locked.bytes,
      (block) => block.setUint16(entryAt(block, 2, 8) + 2, 0, true),
    ],
  ])('%s', async (_, state, verdict, needs, bytes, change) => {
    expect(await changed(bytes, change)).toMatchObject({ verdict: `encrypted-${verdict}`, state, needs, flags: [] });
  });

  test('names what opens it, the best first, however the protectors are stored', async () => {
    const needs = (...types: readonly number[]): Promise<unknown> =>
      changed(made.bytes, kinds(...types)).then((finding) => finding.needs);
    expect(await needs(0x1000, 0x200, 0x2000)).toEqual(['password', 'startup-key', 'smart-card']);
    expect(await needs(0x200, 0x100, 0x800)).toEqual(['recovery-password', 'startup-key', 'original-machine']);
  });

  test('is decrypted when its metadata says so, whatever else is left', async () => {
    expect(await changed(made.bytes, (block) => block.setUint32(12, 0x0001_0001, true))).toMatchObject({
      verdict: 'none',
      state: 'decrypted',
      needs: ['nothing'],
      flags: [],
    });
  });

  test('keeps its name when the method is one that nobody knows, and the number is told', async () => {
    const finding = await changed(made.bytes, (block) => block.setUint16(100, 0x0009, true));
    expect(finding).toMatchObject({ verdict: 'encrypted-locked', state: 'suspended', method: 'unknown (0x0009)' });
    expect(finding.issues).toMatchObject([
      { code: 'bitlocker.unknown-method', at: { offset: metadataOffsets[0] + 100 }, data: { method: 9 } },
    ]);
  });
});

describe('a conversion', () => {
  /** Current and next state, flags of the relocated header, and where the encrypted part ends. */
  const converting = (states: number, flags: number, boundary: number): Promise<EncryptionFinding> =>
    changed(made.bytes, (block) => {
      block.setUint32(12, states, true);
      block.setUint32(entryAt(block, 0x0f, 0x0f) + 8 + 24, flags, true);
      block.setBigUint64(16, BigInt(boundary), true);
    });
  const half = SIZE / 2;
  // 64 chunks, the last cut short by the moved start.
  const bits = Array.from({ length: 64 }, (_, i) => (i < 16 ? 1 : 0));
  const converted = underConversion(bits, { regions: 2 });
  const lostBitmap = underConversion(bits, {
    regions: 2,
    damage: (image, [first]) => image.fill(0, first, first + 64),
  });

  test.each<[string, number, number, string]>([
    ['decrypts by its goal', 0x0001_0003, 0x0a, 'decrypting'],
    ['decrypts by its flags', 0x0004_0004, 0x14a, 'decrypting'],
    ['encrypts by its flags', 0x0004_0004, 0x4a, 'encrypting'],
    ['encrypts by its state', 0x0004_0003, 0x0a, 'encrypting'],
  ])('%s', async (_, states, flags, direction) => {
    expect(await converting(states, flags, half)).toMatchObject({
      state: direction,
      flags: ['partial'],
      bitlocker: { conversion: { direction, encryptedBytes: half, percentEncrypted: 50 } },
    });
  });

  test('of which nothing tells the direction leaves the state to the protectors', async () => {
    expect(await converting(0x0004_0004, 0x0a, half)).toMatchObject({
      state: 'suspended',
      flags: ['partial'],
      bitlocker: { conversion: { direction: 'unknown' } },
    });
  });

  test('counts in tenths of a percent, rounded down', async () => {
    const { bitlocker } = await converting(0x0004_0003, 0x0a, SIZE - 512);
    expect(bitlocker?.conversion).toMatchObject({ encryptedBytes: SIZE - 512, percentEncrypted: 99.9 });
  });

  test('by encrypt-on-write counts what its bitmaps say', async () => {
    expect(await found(converted.bytes)).toMatchObject({
      state: 'waiting-for-activation',
      flags: ['partial'],
      bitlocker: { conversion: { direction: 'unknown', encryptedBytes: 1 << 20, percentEncrypted: 25 } },
    });
    expect((await found(lostBitmap.bytes)).bitlocker?.conversion).toEqual({ direction: 'unknown' });
  });

  test('that is at the end, behind it or has no boundary is none', async () => {
    for (const boundary of [0, SIZE, SIZE + 512]) {
      const finding = await converting(0x0004_0004, 0x4a, boundary);
      expect(finding.flags, `boundary ${boundary}`).toEqual([]);
      expect(finding.bitlocker?.conversion).toBeUndefined();
    }
  });
});

describe('the protectors of a BitLocker volume', () => {
  test('are told with id, kind, time and name', async () => {
    const { keyProtectors } = await found(made.bytes);
    // 0x01DAD992_00000000, in Python's calendar.
    const changedAt = '2024-07-19T04:13:24.9303552Z';
    expect(keyProtectors).toEqual([
      { id: made.ids.clearKey, type: 'clear-key', rawType: 0, parts: [], changed: changedAt, offline: true },
      {
        id: made.ids.recoveryPassword,
        type: 'recovery-password',
        rawType: 0x800,
        parts: ['recovery-password'],
        changed: changedAt,
        shortId: made.ids.recoveryPassword?.slice(0, 8),
        backupRecorded: false,
        offline: true,
      },
      {
        id: made.ids.startupKey,
        type: 'startup-key',
        rawType: 0x200,
        parts: ['startup-key'],
        changed: changedAt,
        name: 'ExternalKey',
        offline: true,
      },
    ]);
  });

  test('that a machine, a domain or a card guards are of no use elsewhere', async () => {
    for (const [type, offline] of [
      [0x100, false],
      [0x300, false],
      [0x800, true],
      [0x1000, false],
      [0x1100, false],
      [0x2000, true],
      [0x4000, false],
    ] as const) {
      const { keyProtectors } = await changed(locked.bytes, kinds(type));
      expect(keyProtectors, `0x${type.toString(16)}`).toMatchObject([{ rawType: type, offline }]);
    }
  });

  test('are entries of their role and layout that are long enough', async () => {
    const first = (block: DataView): number => entryAt(block, 2, 8);
    for (const change of [
      (block: DataView) => block.setUint16(first(block) + 2, 3, true),
      (block: DataView) => block.setUint16(first(block) + 4, 9, true),
    ])
      expect((await changed(locked.bytes, change)).keyProtectors).toEqual([]);
    // 27 bytes of payload are one too few.
    const short = await changed(locked.bytes, (block) => block.setUint16(first(block), 8 + 27, true));
    expect(short.keyProtectors).toEqual([]);
    const enough = await changed(locked.bytes, (block) => block.setUint16(first(block), 8 + 28, true));
    expect(enough.keyProtectors).toHaveLength(1);
  });

  test('of a recovery password that was saved somewhere say so', async () => {
    // The name of the startup key becomes the record of a backup, in a protector of a recovery password.
    const finding = await changed(made.bytes, (block) => {
      kinds(0x800, 0x800, 0x800)(block);
      let at = entryAt(block, 2, 8);
      for (let i = 0; i < 2; i += 1) at += block.getUint16(at, true);
      block.setUint16(at + 8 + 28 + 4, 0x15, true);
    });
    expect(finding.keyProtectors.map((item) => item.backupRecorded)).toEqual([false, false, true]);
  });
});

describe('the copies of the metadata', () => {
  const damaged = (...copies: readonly number[]): Bytes => {
    const bytes = made.bytes.slice();
    for (const copy of copies) bytes[metadataOffsets[copy] + 112 + 8] ^= 1;
    return bytes;
  };
  const statuses = (finding: EncryptionFinding): unknown =>
    finding.bitlocker?.copies.map(({ status, used }) => (used ? `${status}, used` : status));

  test('are used in their order, the intact ones before all others', async () => {
    expect(statuses(await found(made.bytes))).toEqual(['good, used', 'good', 'good']);
    expect(statuses(await found(damaged(0)))).toEqual(['bad-crc', 'good, used', 'good']);
    expect(statuses(await found(damaged(0, 1)))).toEqual(['bad-crc', 'bad-crc', 'good, used']);
    const all = await found(damaged(0, 1, 2));
    expect(statuses(all)).toEqual(['bad-crc, used', 'bad-crc', 'bad-crc']);
    expect(all.issues.map(({ code }) => code)).toEqual([
      ...Array.from({ length: 3 }, () => 'bitlocker.metadata-crc'),
      'bitlocker.metadata-unproven',
    ]);
    expect(all.issues[3]?.at).toEqual({ layer: 'BitLocker volume', offset: metadataOffsets[0] });
  });

  test('make the finding damaged when one is, and not when the image ends before it', async () => {
    expect((await found(damaged(2))).flags).toEqual(['metadata-damaged']);
    const cut = await found(made.bytes.slice(0, metadataOffsets[2]));
    expect(statuses(cut)).toEqual(['good, used', 'good', 'missing']);
    expect(cut.flags).toEqual([]);
    const bad = withBadPlaces(new MemorySource(made.bytes), [{ offset: metadataOffsets[0], length: 512 }]);
    expect((await detectEncryption(bad)).flags).toEqual(['metadata-damaged']);
  });

  test('are looked for at places that a sector can begin at, each once', async () => {
    for (const [place, codes] of [
      [0n, ['bitlocker.metadata-signature']],
      [131_072n + 256n, ['bitlocker.metadata-signature']],
      [1n << 60n, ['bitlocker.metadata-offset']],
      [BigInt(metadataOffsets[1]), []],
    ] as const) {
      const bytes = made.bytes.slice();
      new DataView(bytes.buffer).setBigUint64(0xb0, place, true);
      const finding = await found(bytes);
      expect(finding.issues.map(({ code }) => code)).toEqual(codes);
      expect(finding.bitlocker?.copies.filter(({ status }) => status === 'good')).toHaveLength(3);
    }
  });

  test('are none of a version, and broken with sizes, that no Windows writes', async () => {
    for (const [field, value, status] of [
      [10, 3, 'bad-signature'],
      [10, 0, 'bad-signature'],
      [8, 6, 'bad-size'],
      [8, 0x1001, 'bad-size'],
      // The dataset's header: shorter than its fields, and longer than the dataset.
      [64 + 8, 47, 'bad-size'],
      [64 + 8, 60_000, 'bad-size'],
    ] as const) {
      const bytes = made.bytes.slice();
      new DataView(bytes.buffer).setUint16(metadataOffsets[0] + field, value, true);
      expect(statuses(await found(bytes)), `${value} at ${field}`).toEqual([status, 'good, used', 'good']);
    }
  });

  test('that a wrong header hides are found through one that is left, up to six places in all', async () => {
    const bytes = made.bytes.slice();
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0xb0, 4096n, true);
    view.setBigUint64(0xb8, 8192n, true);
    expect(statuses(await found(bytes))).toEqual(['bad-signature', 'bad-signature', 'good, used', 'good', 'good']);
    // Three lists of their own: nine places.
    for (const [i, offset] of metadataOffsets.entries())
      for (const [n, other] of [offset, 700_000 + i * 2048, 701_024 + i * 2048].entries())
        view.setBigUint64(offset + 32 + n * 8, BigInt(other - (other % 512)), true);
    for (const [i, offset] of metadataOffsets.entries()) view.setBigUint64(0xb0 + i * 8, BigInt(offset), true);
    expect((await found(changeMetadata(bytes, metadataOffsets, () => undefined))).bitlocker?.copies).toHaveLength(6);
  });

  test('that a damaged block names are not followed', async () => {
    const bytes = damaged(0, 1, 2);
    const view = new DataView(bytes.buffer);
    for (const offset of metadataOffsets) view.setBigUint64(offset + 32, 4096n, true);
    expect((await found(bytes)).bitlocker?.copies.map(({ offset }) => offset)).toEqual(metadataOffsets);
  });

  test('without any leave a name, and nothing that is made up', async () => {
    const bytes = made.bytes.slice();
    for (const offset of metadataOffsets) bytes.fill(0, offset, offset + 65_536);
    const finding = await found(bytes);
    expect(finding).toMatchObject({
      verdict: 'encrypted-locked',
      product: 'BitLocker',
      state: 'locked',
      flags: ['metadata-damaged'],
      needs: ['metadata'],
      keyProtectors: [],
    });
    expect(finding.evidence).toHaveLength(2);
    expect(finding.method).toBeUndefined();
  });
});

describe('the proof of a BitLocker volume', () => {
  test('is its header, its identifier, its metadata, and the entry of a clear key without the key', async () => {
    const shown = async (bytes: Bytes): Promise<unknown[]> =>
      (await found(bytes)).evidence.map(({ what, offset, length }) => [what, offset, length]);
    const start = [
      ['BitLocker volume header', 0, 16],
      ['BitLocker GUID', 0xa0, 16],
      ['BitLocker metadata block', metadataOffsets[0], 64],
    ];
    const block = new DataView(made.bytes.buffer, metadataOffsets[0], 65_536);
    expect(await shown(locked.bytes)).toEqual(start);
    expect(await shown(made.bytes)).toEqual([
      ...start,
      ['BitLocker clear key entry', metadataOffsets[0] + entryAt(block, 2, 8), 36],
    ]);
  });

  test('of Vista is the name of its maker, and of a conversion the identifier of one', async () => {
    const conversion = made.bytes.slice();
    conversion.set(Buffer.from('3b4da89280dd0e4d9e4eb1e3284eaed8', 'hex'), 0xa0);
    expect((await found(conversion)).evidence[1]).toMatchObject({ what: 'BitLocker GUID (conversion)', offset: 0xa0 });
    const vista = made.bytes.slice();
    vista.fill(0, 0xa0, 0xa0 + 40);
    new DataView(vista.buffer).setBigUint64(56, BigInt(metadataOffsets[0] / 4096), true);
    expect((await found(vista)).evidence[1]).toMatchObject({ what: 'BitLocker OEM name', offset: 3, length: 8 });
  });
});

describe('what is no BitLocker', () => {
  const noise = (size: number): Bytes => Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 0x7f);
  const unknown = noise(131_072);

  test('is called none where a file system begins, without a thought of statistics', async () => {
    const ntfs = noise(65_536);
    ntfs.set(Buffer.from('NTFS    '), 3);
    const finding = await found(ntfs);
    expect(finding).toMatchObject({ verdict: 'none', confidence: 'verified' });
    expect(finding.samplingAdvised).toBeUndefined();
  });

  test('and unknown is left to statistics, unless a place could not be read', async () => {
    expect(await found(unknown)).toMatchObject({ verdict: 'none', samplingAdvised: true, issues: [] });
    const bad = withBadPlaces(new MemorySource(unknown), [{ offset: 0x5000, length: 512 }]);
    expect(await detectEncryption(bad)).toMatchObject({ verdict: 'not-enough-data', samplingAdvised: true });
  });

  test('and blank is looked at in one place more, closely in all', async () => {
    const reads: number[] = [];
    const blank = new MemorySource(new Uint8Array(2 << 20));
    const source = {
      size: blank.size,
      read: (offset: number, length: number) => {
        reads.push(offset);
        return blank.read(offset, length);
      },
    };
    const probe = await probeVolume(blank);
    await detectEncryption({ ...probe, source });
    expect(reads).toEqual([0x4000]);
    await detectEncryption({ ...probe, source }, { deep: true });
    // A place of a second LUKS2 header, and the second mebibyte of the search for metadata.
    expect(reads).toEqual(expect.arrayContaining([0x2_0000, 1 << 20]));
  });

  test('but a lost start of one is searched for its metadata only when that was asked for', async () => {
    const bytes = made.bytes.slice().fill(0, 0, 512);
    expect((await found(bytes)).product).toBeUndefined();
    expect(await detectEncryption(new MemorySource(bytes), { deep: true })).toMatchObject({
      product: 'BitLocker',
      flags: ['metadata-damaged'],
    });
  });

  test('is dm-crypt by the type of its partition, in either case of letters', async () => {
    const source = new MemorySource(noise(65_536));
    for (const partitionType of ['7FFEC5C9-2D00-49B7-8941-3EA10A5586B7', '7ffec5c9-2d00-49b7-8941-3ea10a5586b7'])
      expect(await detectEncryption(source, { partitionType })).toMatchObject({ product: 'dm-crypt (plain)' });
    const data = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';
    expect((await detectEncryption(source, { partitionType: data })).product).toBeUndefined();
  });

  test('and another product is called by its name, with its proof', async () => {
    const container = noise(65_536);
    container.set(Buffer.from('LOCOS94 '), 3);
    container.set(Buffer.from('BC_KeyGenID'), 43);
    expect(await found(container)).toMatchObject({
      verdict: 'encrypted-locked',
      product: 'BestCrypt container',
      evidence: [{ offset: 3, length: 8 }],
    });
  });
});
