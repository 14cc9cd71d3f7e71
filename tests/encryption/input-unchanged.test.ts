import { type Bytes, MemorySource } from '@deadbox/core';
import {
  detectDiskEncryption,
  detectEncryption,
  parseKeyFile,
  sampleVolume,
  tryUnlockBitLocker,
} from '@deadbox/encryption';
import { sweepBootArea } from '@deadbox/encryption/internals';
import { sealSectors } from '@deadbox/encryption/seal';
import { describe, expect, test } from 'vitest';
import { parseStartupKey } from '../../packages/encryption/src/bitlocker/keys/startup-key.js';
import { makeBitLockerVolume } from '../support/bitlocker-volume.js';
import { bytesText, smallPlainVolume } from '../support/encryption/volumes.js';

/**
 * Bytes in a `Buffer`: its own `slice` shares memory, so whoever writes into a "copy" writes into the caller's file.
 */
function asBuffer(bytes: Uint8Array): Bytes {
  return Buffer.from(bytes);
}

describe('the bytes that are given stay as they are', () => {
  const made = makeBitLockerVolume(smallPlainVolume(), { clearKey: true, startupKey: new Uint8Array(32).fill(5) });

  for (const kind of ['Uint8Array', 'Buffer'] as const) {
    const form = (bytes: Uint8Array): Bytes => (kind === 'Buffer' ? asBuffer(bytes) : new Uint8Array(bytes));

    async function unchanged(bytes: Bytes, work: () => unknown): Promise<void> {
      const before = bytesText(bytes);
      await work();
      expect(bytesText(bytes)).toBe(before);
    }

    test(`in a ${kind}, when a volume is detected, opened, read and sealed`, async () => {
      const volume = form(made.bytes);
      await unchanged(volume, async () => {
        const source = new MemorySource(volume);
        await detectEncryption(source, { deep: true });
        await detectDiskEncryption(source);
        await sweepBootArea(source);
        await sampleVolume(source);
        const opened = await tryUnlockBitLocker(source);
        if (!opened.unlocked) throw opened.error;
        const plain = form(await opened.source.read(0, opened.source.size));
        await unchanged(plain, () => sealSectors(opened.source, 0, plain.subarray(0, 8192)));
        await opened.source.close?.();
      });
    });

    test(`in a ${kind}, when keys are given`, async () => {
      const startup = form(made.startupKeyFile as Uint8Array);
      await unchanged(startup, () => parseStartupKey(startup).key.fill(0));
      const raw = form(made.volumeKey);
      const master = form(made.masterKey);
      for (const [name, bytes] of [
        ['startup-key', startup],
        ['full-volume-key', raw],
        ['volume-master-key', master],
      ] as const) {
        const keysFor = () => [{ kind: name, label: name, bytes }];
        await unchanged(bytes, async () => {
          const opened = await tryUnlockBitLocker(new MemorySource(made.bytes), { keysFor }, { ignoreClearKey: true });
          expect(opened.unlocked && opened.usedKey).toBe(name);
        });
      }
      const file = form(
        new TextEncoder().encode(
          `\ufeff${made.ids.startupKey},235818-357951-253979-013365-241120-245575-342914-591910`,
        ),
      );
      await unchanged(file, () => parseKeyFile(file));
    });
  }
});
