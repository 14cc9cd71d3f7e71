import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ByteSource, hashSource, isDeadboxError, toHex } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { keyList, type UnlockKey, unlockBitLocker } from '@deadbox/encryption';
import { expect, test } from 'vitest';
import { type CorpusEntry, corpusFile, corpusFolder, corpusManifest } from '../corpus.js';
import { LONG, sampled } from '../long.js';

/** The BitLocker images of the corpus. */
export const bitLockerEntries = (): CorpusEntry[] => corpusManifest().filter((item) => item.kind === 'bitlocker');

/** A secret of the manifest as a key; none for `clear_key`. */
export function keyOf(entry: CorpusEntry, name: string): UnlockKey | undefined {
  const value = String(entry.secrets?.[name]);
  if (name === 'clear_key') return undefined;
  if (name === 'startup_key_file') {
    return { kind: 'startup-key', label: name, bytes: new Uint8Array(readFileSync(join(corpusFolder(), value))) };
  }
  return { kind: name.startsWith('recovery_password') ? 'recovery-password' : 'password', label: name, text: value };
}

/** Opens an image for the time of `use`. */
export async function withImage(entry: CorpusEntry, use: (source: ByteSource) => Promise<void>): Promise<void> {
  const file = await openFile(corpusFile(entry));
  try {
    await use(file);
  } finally {
    await file.close?.();
  }
}

/**
 * One test for each listed secret of the images whose id begins with `prefix`; the short form takes one of each image
 * by turns: its first, its last.
 */
export function testSecrets(prefix: string): void {
  for (const [index, entry] of bitLockerEntries()
    .filter((item) => item.id.startsWith(prefix))
    .entries()) {
    const unlocks = Object.entries<{ decrypted_sha256?: string; decrypted_size?: number }>(entry.expected.unlock ?? {});
    // One whole-volume hash an image; further secrets must lead to the same first mebibyte.
    const whole = unlocks.find(([, oracle]) => oracle.decrypted_sha256 !== undefined)?.[1];
    let firstPiece: string | undefined;
    for (const [name, oracle] of sampled(index % 2 === 0 ? unlocks : unlocks.toReversed(), 1)) {
      test(`${entry.id} by ${name}`, async () => {
        await withImage(entry, async (source) => {
          const key = keyOf(entry, name);
          const options = key === undefined ? {} : { ignoreClearKey: true };
          const opened = await unlockBitLocker(source, key === undefined ? undefined : keyList([key]), options);
          expect(opened.finding.verdict).toBe('unlocked');
          expect(opened.usedKey).toBe(key?.label);
          const piece = toHex(await opened.source.read(0, 1 << 20));
          firstPiece ??= piece;
          expect(piece === firstPiece).toBe(true);
          if ((oracle === whole || !LONG) && whole !== undefined && entry.id !== 'win-fve-eow-partial')
            expect(await hashSource(opened.source)).toBe(whole.decrypted_sha256);
          await opened.source.close?.();
          await expect(async () => opened.source.read(0, 512)).rejects.toSatisfy((error) =>
            isDeadboxError(error, 'SOURCE_CLOSED'),
          );
        });
      });
    }
  }
}
