import type { Bytes, MaybePromise } from '@deadbox/core';
import type { KeyProtectorInfo } from '../finding/finding.js';

/** A secret that someone types or looks up. */
export interface TextKey {
  /** Type of the key. */
  readonly kind: 'recovery-password' | 'password';
  /** What messages and reports call it, e.g. `--recovery-key #2`; the secret itself is never shown. */
  readonly label: string;
  readonly text: string;
  /** Only for this key protector (upper-case GUID), where that is known. */
  readonly protectorId?: string;
  /**
   * It is only named: the keys before it are as many as are tried for one protector, and it and those after it are left
   * out.
   */
  readonly overLimit?: true;
}

/**
 * A secret that comes as bytes: a `.BEK` file, a raw volume master key (32 bytes) or full volume encryption key (as
 * stored, 16…64 bytes).
 */
export interface BytesKey {
  /** Type of the key. */
  readonly kind: 'startup-key' | 'volume-master-key' | 'full-volume-key';
  /** What to call it in messages; never the key itself. */
  readonly label: string;
  readonly bytes: Bytes;
}

/** One secret to try. */
export type UnlockKey = TextKey | BytesKey;

/** What a provider is told about a volume that needs a key. */
export interface LockedVolume {
  /** What can unlock it. */
  readonly protectors: readonly KeyProtectorInfo[];
  /** Identifier of the volume (GUID). */
  readonly volumeId?: string;
  /** Description in the metadata: computer, drive letter and day of encryption. */
  readonly description?: string;
}

/**
 * Source of secrets: a list, a key file, a prompt, a vault. Asked once for each locked volume; a clear key is used
 * without asking.
 */
export interface KeyProvider {
  /** The secrets worth trying on `volume`, best first. */
  keysFor(volume: LockedVolume): MaybePromise<readonly UnlockKey[]>;
}

/** The same secrets for every volume. */
export function keyList(keys: readonly UnlockKey[]): KeyProvider {
  return { keysFor: () => keys };
}

/** Several providers one after another. */
export function combineKeys(...providers: readonly KeyProvider[]): KeyProvider {
  return {
    async keysFor(volume: LockedVolume): Promise<UnlockKey[]> {
      const keys: UnlockKey[] = [];
      for (const provider of providers) keys.push(...(await provider.keysFor(volume)));
      return keys;
    },
  };
}
