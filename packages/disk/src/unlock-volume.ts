import { type ByteSource, isDeadboxError, type ReadOptions } from '@deadbox/core';
import { type EncryptionFinding, type KeyProvider, unlockBitLocker, type VolumeProbe } from '@deadbox/encryption';

/** What unlocking a BitLocker volume came to. Keys are named by their labels, never by value. */
export interface UnlockOutcome {
  /** The decrypted volume; absent while locked. */
  readonly source?: ByteSource;
  /** The finding with verdict `unlocked`; absent while locked. */
  readonly finding?: EncryptionFinding;
  /** Label of the key that opened it; absent for a clear key. */
  readonly usedKey?: string;
  /** Labels of keys that were refused or are malformed. */
  readonly wrongKeys: string[];
  /** Labels of keys that fit no protector of this volume, or came after the one that opened it. */
  readonly unusedKeys: string[];
  /** Why it stayed locked. */
  readonly error?: { code: string; message: string };
}

/** Opens a BitLocker volume by its clear key or one of `keys`; a volume that stays locked says why. */
export async function unlockVolume(
  probe: VolumeProbe,
  options: ReadOptions & { keys?: KeyProvider; onUnlockProgress?: (fraction: number) => void } = {},
): Promise<UnlockOutcome> {
  const { signal, keys, onUnlockProgress } = options;
  try {
    const opened = await unlockBitLocker(probe, keys, {
      ...(signal === undefined ? {} : { signal }),
      ...(onUnlockProgress === undefined ? {} : { onProgress: onUnlockProgress }),
    });
    return {
      source: opened.source,
      finding: opened.finding,
      wrongKeys: opened.wrongKeys,
      unusedKeys: opened.unusedKeys,
      ...(opened.usedKey === undefined ? {} : { usedKey: opened.usedKey }),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
    const attempts = (Array.isArray(error.data.attempts) ? error.data.attempts : []) as {
      label: string;
      outcome: string;
    }[];
    const labels = (wrong: boolean): string[] =>
      attempts
        .filter(({ outcome }) => (outcome === 'wrong' || outcome === 'malformed') === wrong)
        .map(({ label }) => label);
    const refused = typeof error.data.label === 'string' ? [error.data.label] : labels(true);
    return { wrongKeys: refused, unusedKeys: labels(false), error: { code: error.code, message: error.message } };
  }
}
