import { createHash } from 'node:crypto';
import { type Bytes, MemorySource } from '@deadbox/core';
import { detectEncryption, tryUnlockBitLocker, type UnlockOutcome, unlockBitLocker } from '@deadbox/encryption';
import { describe, expect, test } from 'vitest';
import { ccmDatum, keyEntry, makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { changeMetadata, entryAt, smallPlainVolume } from '../../support/encryption/volumes.js';

const recoveryPassword = '235818-357951-253979-013365-241120-245575-342914-591910';
const made = makeBitLockerVolume(smallPlainVolume(), { clearKey: true, recoveryPassword });
const alone = makeBitLockerVolume(smallPlainVolume(), { clearKey: true });
const CLEAR_KEY_ENTRY = 8 + 28;
const WRAPPED_KEY = CLEAR_KEY_ENTRY + 44;

/** The volume with an entry in the place of another, which is at least as long. */
function replaced(at: (block: DataView<ArrayBuffer>) => number, entry: Uint8Array): Bytes {
  return changeMetadata(made.bytes, made.metadataOffsets, (block) =>
    new Uint8Array(block.buffer, block.byteOffset + at(block), entry.length).set(entry),
  );
}

function clearKey(): Bytes {
  const block = new DataView(made.bytes.buffer, made.metadataOffsets[0], 65_536);
  const at = block.byteOffset + entryAt(block, 2, 8) + CLEAR_KEY_ENTRY + 12;
  return made.bytes.slice(at, at + 32);
}

const opened = (bytes: Bytes): Promise<UnlockOutcome> => tryUnlockBitLocker(new MemorySource(bytes));

describe('what a clear key opens', () => {
  /** The volume whose clear key opens to `plain`, with a right tag: whoever made it had the key. */
  const withPlain = (plain: Buffer): Bytes =>
    replaced((block) => entryAt(block, 2, 8) + WRAPPED_KEY, ccmDatum(0, clearKey(), plain, 2));

  test('is the volume master key, as the recipe has it', async () => {
    const outcome = await opened(withPlain(keyEntry(0x2003, made.masterKey)));
    expect(outcome.unlocked).toBe(true);
  });

  test('and is no key entry leaves the volume locked', async () => {
    const plain = keyEntry(0x2003, made.masterKey);
    for (const [at, value] of [
      [0, 45],
      [4, 2],
    ] as const) {
      const changed = Buffer.from(plain);
      changed.writeUInt16LE(value, at);
      expect(await opened(withPlain(changed))).toMatchObject({ unlocked: false, error: { code: 'BITLOCKER_LOCKED' } });
    }
  });

  test('and has not the length of a volume master key leaves it locked: no cipher takes such a key', async () => {
    for (const length of [1, 16, 31])
      expect(await opened(withPlain(keyEntry(0x2003, made.masterKey.subarray(0, length))))).toMatchObject({
        unlocked: false,
        error: { code: 'BITLOCKER_LOCKED' },
      });
  });
});

describe('the key of the volume', () => {
  const fullVolumeKey = (type: number, length: number): Bytes =>
    replaced(
      (block) => entryAt(block, 3, 5),
      ccmDatum(3, made.masterKey, keyEntry(type, made.volumeKey.subarray(0, length)), 90),
    );

  test('that no method of BitLocker could use leaves it locked', async () => {
    for (const [type, length] of [
      [0x8004, 31],
      [0x8009, 24],
    ] as const)
      expect(await opened(fullVolumeKey(type, length))).toMatchObject({
        unlocked: false,
        error: { code: 'BITLOCKER_LOCKED' },
      });
  });
});

describe('the hash behind the metadata', () => {
  test('that is no encrypted entry, or has no room for one, proves nothing, and that is said', async () => {
    for (const [field, value] of [
      [4, 1],
      [0, 8 + 28],
    ] as const) {
      const bytes = made.bytes.slice();
      for (const offset of made.metadataOffsets) {
        const block = new DataView(bytes.buffer, offset, 65_536);
        block.setUint16(block.getUint16(8, true) * 16 + 8 + field, value, true);
      }
      const { finding } = await unlockBitLocker(new MemorySource(bytes));
      expect(finding.issues).toMatchObject([{ code: 'bitlocker.metadata-hash', data: { hash: 'wrong' } }]);
    }
  });
});

describe('recovery passwords in an opened volume', () => {
  const revealed = async (bytes: Bytes): Promise<unknown> =>
    (await unlockBitLocker(new MemorySource(bytes), undefined, { revealRecoveryPasswords: true })).recoveryPasswords;
  /**
   * Behind the protector of the clear key stands that of the recovery password, with the password in its stretch key.
   */
  const copyAt = (block: DataView): number => {
    const first = entryAt(block, 2, 8);
    return first + block.getUint16(first, true) + 8 + 28 + 8 + 20;
  };
  const secret = Buffer.from('be531d7f315abf04a0553557c67932d2', 'hex');

  test('are shown as Windows shows them', async () => {
    expect(await revealed(made.bytes)).toEqual({ [made.ids.recoveryPassword as string]: recoveryPassword });
    const same = ccmDatum(0x12, made.masterKey, keyEntry(0x1000, secret), 7);
    expect(await revealed(replaced(copyAt, same))).toEqual({ [made.ids.recoveryPassword as string]: recoveryPassword });
  });

  test('are left out where another key stands, of another kind or length, or nothing opens', async () => {
    const foreign = createHash('sha256').update('another master key').digest();
    for (const entry of [
      ccmDatum(0x12, made.masterKey, keyEntry(0x2008, secret), 7),
      ccmDatum(0x12, made.masterKey, keyEntry(0x1000, secret.subarray(0, 14)), 7),
      ccmDatum(0x12, foreign, keyEntry(0x1000, secret), 7),
    ])
      expect(await revealed(replaced(copyAt, entry))).toEqual({});
  });
});

describe('a clear key that cannot be used', () => {
  test('is no key: what would open the volume is the recovery password', async () => {
    // An entry of a key of 31 bytes, and one that holds no wrapped key.
    const short = changeMetadata(made.bytes, made.metadataOffsets, (block) =>
      block.setUint16(entryAt(block, 2, 8) + CLEAR_KEY_ENTRY, 43, true),
    );
    const unwrapped = changeMetadata(made.bytes, made.metadataOffsets, (block) =>
      block.setUint16(entryAt(block, 2, 8) + WRAPPED_KEY + 4, 0, true),
    );
    for (const bytes of [short, unwrapped]) {
      const finding = await detectEncryption(new MemorySource(bytes));
      expect(finding).toMatchObject({ verdict: 'encrypted-locked', state: 'locked', needs: ['recovery-password'] });
      expect(finding.keyProtectors.map((item) => item.type)).toEqual(['clear-key', 'recovery-password']);
    }
  });

  test('and is the only protector leaves nothing but an intact copy of the metadata', async () => {
    const bytes = changeMetadata(alone.bytes, alone.metadataOffsets, (block) =>
      block.setUint16(entryAt(block, 2, 8) + WRAPPED_KEY + 4, 0, true),
    );
    expect(await detectEncryption(new MemorySource(bytes))).toMatchObject({
      verdict: 'encrypted-locked',
      state: 'locked',
      needs: ['metadata'],
    });
  });
});
