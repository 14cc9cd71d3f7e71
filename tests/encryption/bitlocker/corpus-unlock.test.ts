import { createSha256, hashSource, isDeadboxError, toHex, WindowSource } from '@deadbox/core';
import { keyList, type UnlockKey, unlockBitLocker } from '@deadbox/encryption';
import { expect, test } from 'vitest';
import { type CorpusEntry, describeWithCorpus } from '../../support/corpus.js';
import { bitLockerEntries as entries, keyOf, testSecrets, withImage } from '../../support/encryption/corpus-volumes.js';

describeWithCorpus('every listed secret of the second collection opens its volume', () => {
  testSecrets('win-fve');

  test('win-fve-eow-partial: chunk for chunk as its bitmaps say', async () => {
    const entry = entries().find((item) => item.id === 'win-fve-eow-partial') as CorpusEntry;
    const oracle = entry.expected.unlock.password;
    await withImage(entry, async (file) => {
      const source = new WindowSource(file, 0, oracle.decrypted_size);
      const opened = await unlockBitLocker(source, keyList([keyOf(entry, 'password') as UnlockKey]));
      expect(opened.finding.bitlocker?.conversion).toMatchObject({ direction: 'decrypting' });
      // The third region begins at 35,659,776; its chunks 0 to 19 are plain. The one oracle there is read in pieces of
      // 1 MiB and gives each piece the state of its first sector, so that it shows ciphertext from the chunk's end to
      // the piece's. Put that back, and all bytes agree.
      const boundary = 35_659_776 + 20 * 0x80_0000;
      const pieceEnd = Math.ceil(boundary / 0x10_0000) * 0x10_0000;
      const hash = createSha256();
      const raw = await source.read(boundary, pieceEnd - boundary);
      for (let at = 0; at < opened.source.size; at += 0x10_0000) {
        const piece = await opened.source.read(at, Math.min(0x10_0000, opened.source.size - at));
        if (at + 0x10_0000 === pieceEnd) piece.set(raw, boundary - at);
        hash.update(piece);
      }
      expect(toHex(hash.digest())).toBe(oracle.decrypted_sha256);
    });
  });

  test('win-fve-decrypted needs no key: its moved header comes first again', async () => {
    const entry = entries().find((item) => item.id === 'win-fve-decrypted') as CorpusEntry;
    await withImage(entry, async (source) => {
      const opened = await unlockBitLocker(source);
      expect(opened.finding).toMatchObject({ verdict: 'none', state: 'decrypted' });
      expect(await hashSource(opened.source)).toBe(entry.expected.dissect_fve.sha256);
    });
  });

  test('the recovery passwords inside an opened volume come out only when asked for', async () => {
    const entry = entries().find((item) => item.id === 'win-bitlk-aes-xts-128-two-recovery') as CorpusEntry;
    await withImage(entry, async (source) => {
      const keys = keyList([keyOf(entry, 'password') as UnlockKey]);
      const opened = await unlockBitLocker(source, keys, { revealRecoveryPasswords: true });
      expect(Object.values(opened.recoveryPasswords ?? {}).sort()).toEqual(
        [entry.secrets?.['recovery_password'], entry.secrets?.['recovery_password_2']].sort(),
      );
      const { recoveryPasswords: _, ...rest } = opened;
      expect(JSON.stringify({ ...rest, source: undefined })).not.toContain(
        String(entry.secrets?.['recovery_password']),
      );
    });
  });
});

describeWithCorpus('raw keys', () => {
  for (const entry of entries().filter((item) => item.secrets?.['fvek_hex'] !== undefined)) {
    test(`${entry.id} opens with its full volume encryption key`, async () => {
      await withImage(entry, async (source) => {
        const bytes = new Uint8Array(Buffer.from(String(entry.secrets?.['fvek_hex']), 'hex'));
        const opened = await unlockBitLocker(source, keyList([{ kind: 'full-volume-key', label: 'raw', bytes }]));
        const sector = await opened.source.read(0, 512);
        expect(toHex(sector)).toBe(entry.expected.decrypted_first_sector_hex ?? toHex(sector));
        const wrong = keyList([{ kind: 'full-volume-key', label: 'raw', bytes: bytes.map((value) => value ^ 1) }]);
        await expect(unlockBitLocker(source, wrong)).rejects.toSatisfy((error) =>
          isDeadboxError(error, 'BITLOCKER_WRONG_KEY'),
        );
      });
    });
  }
});
