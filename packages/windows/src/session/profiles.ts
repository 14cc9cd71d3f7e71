import { defined } from '@deadbox/core';
import { MAX_PROFILES } from '../limits.js';
import type { Hive } from '../registry/hive.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { subkeysWithin } from '../registry/subkeys-within.js';

/** A user's profile (`ProfileList`). */
export interface UserProfile {
  readonly key: RegistryKey;
  /** Security identifier, without `.bak`. */
  readonly sid: string;
  /** Windows moved the entry aside because it could not load the profile. */
  readonly aside: boolean;
  /** Folder as stored, e.g. `C:\Users\admin`. */
  readonly path?: string;
  readonly state?: number;
}

/** Accounts of people: the built-in ones are made anew by Windows. */
const PERSON = /^(S-1-(?:5-21|12-1)-[\d-]+?)(\.bak)?$/i;

/** The profiles of a Windows. */
export interface UserProfiles {
  /** Those of people, in stored order. */
  readonly profiles: readonly UserProfile[];
  /** The key of the profiles, where it has more than `MAX_PROFILES`: those behind are not looked at. */
  readonly unread?: RegistryKey;
}

/** Reads the list of profiles. */
export async function readProfiles(software: Hive): Promise<UserProfiles> {
  const list = await software.key('Microsoft\\Windows NT\\CurrentVersion\\ProfileList');
  const profiles: UserProfile[] = [];
  const { keys, complete } = await subkeysWithin(list, MAX_PROFILES);
  for (const key of keys) {
    const match = PERSON.exec(key.name);
    if (match === null) continue;
    profiles.push({
      key,
      sid: match[1],
      aside: match[2] !== undefined,
      ...defined({ path: await key.text('ProfileImagePath'), state: await key.number('State') }),
    });
  }
  return { profiles, ...defined({ unread: complete ? undefined : list }) };
}
