import type { RegistryKey } from './registry-key.js';

/** The subkeys of a key, as far as they are looked at. */
export interface SubkeysWithin {
  readonly keys: readonly RegistryKey[];
  /** Whether these are all; else one that is not among them may be there all the same. */
  readonly complete: boolean;
}

/** At most `limit` subkeys, in stored order; none without a key. What the lists hold counts, and what the key claims. */
export async function subkeysWithin(key: RegistryKey | undefined, limit: number): Promise<SubkeysWithin> {
  if (key === undefined) return { keys: [], complete: true };
  const keys = await key.subkeys(limit + 1);
  return { keys: keys.slice(0, limit), complete: Math.max(keys.length, key.subkeyCount) <= limit };
}
